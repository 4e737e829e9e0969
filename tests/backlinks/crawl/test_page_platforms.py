"""How well placements are told on pages as widely used software writes them, and whether `sure` is honest.

Decided: the pages are written by hand in the structure of the real thing: elements, ids and classes are true, the text
is ours. Each link carries its place as `data-truth`, which becomes its address before the page is read, so that the
reader cannot see it. The classes below are counted over all pages together.
What counts as what: titles, dates, categories and tools of an entry are content; bylines, author boxes and profiles
beside a post are author; all of a comment, a sidebar or a footer is that, whatever stands in it; breadcrumbs, tables of
contents, pages and skip links are navigation; related, shared, sponsored and subscribed things outside sidebars are
widgets.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import pytest

from backlinks.crawl import page
from backlinks.crawl.places import PLACEMENTS

FOLDER = Path(__file__).parent / "platforms"
TRUTH = re.compile(r' data-truth="([a-z]+)"')
URL = "https://site.example/here"
OVERALL, EACH = 0.95, 0.9  # the floor
SURE, WRONG_AND_SURE = 0.8, 0.03


@dataclass(frozen=True, slots=True)
class Judged:
    name: str
    number: int
    anchor: str
    truth: str
    place: str
    sure: float

    @property
    def right(self) -> bool:
        return self.truth == self.place


def judged(path: Path) -> list[Judged]:
    """The links of one page, each with its truth and with what the reader says."""
    html = path.read_text(encoding="utf-8")
    truths = TRUTH.findall(html)
    numbers = iter(range(len(truths)))
    html = TRUTH.sub(lambda _: f' href="/link-{next(numbers)}"', html)
    links = {link.key: link for link in page.read_text(html, URL).links}
    found = [links[f"site.example/link-{number}"] for number in range(len(truths))]
    return [
        Judged(path.stem, number, link.anchor or link.alt, truth, link.placement, link.sure)
        for number, (truth, link) in enumerate(zip(truths, found, strict=True))
    ]


@pytest.fixture(scope="module")
def links() -> list[Judged]:
    return [one for path in sorted(FOLDER.glob("*.html")) for one in judged(path)]


def matrix(links: Iterable[Judged]) -> str:
    """Rows are the truth, columns are what was said; then each link that was misjudged."""
    links = list(links)
    cells = Counter((one.truth, one.place) for one in links)
    lines = ["truth \\ said " + "".join(f"{place[:9]:>11}" for place in PLACEMENTS)]
    for truth in PLACEMENTS:
        lines.append(f"{truth:<13}" + "".join(f"{cells[truth, place] or '.':>11}" for place in PLACEMENTS))
    lines += [
        f"{one.name} #{one.number} {one.anchor[:30]!r}: {one.truth}, said {one.place} ({one.sure})"
        for one in links
        if not one.right
    ]
    return "\n".join(lines)


def share_right(links: Iterable[Judged]) -> float:
    return mean(one.right for one in links)


def test_the_set_is_large_and_knows_all_places(links: list[Judged]) -> None:
    assert len(links) >= 400 and len({one.name for one in links}) >= 28
    assert {one.truth for one in links} == set(PLACEMENTS)


def test_most_links_are_placed_rightly(links: list[Judged]) -> None:
    assert share_right(links) >= OVERALL, matrix(links)


@pytest.mark.parametrize("place", PLACEMENTS)
def test_each_place_is_found_and_rarely_said_wrongly(links: list[Judged], place: str) -> None:
    of_it, said = [one for one in links if one.truth == place], [one for one in links if one.place == place]
    assert share_right(of_it) >= EACH, matrix(of_it)
    assert share_right(said) >= EACH, matrix(said)


def test_sureness_is_honest(links: list[Judged]) -> None:
    sure = [one for one in links if one.sure >= SURE]
    assert 1 - share_right(sure) <= WRONG_AND_SURE, matrix(sure)
    wrong = [one.sure for one in links if not one.right]
    assert not wrong or mean(wrong) < mean(one.sure for one in links if one.right)
