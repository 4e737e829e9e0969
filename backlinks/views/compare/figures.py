"""The rows of a comparison: every figure of several profiles side by side, each number with the rows it counts.

Decided: the best of a row is marked only where more or older is plainly better; a share of links from one country is no
merit. A share stands beside its count, because profiles differ in size. What is unknown is no 0 and never the best.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from backlinks import index
from backlinks.authority.explain import MEANINGS
from backlinks.views.behind import figure_urls
from backlinks.views.reading import Reading

MORE, LESS = "more", "less"
NAMES = 8  # of a distribution that are shown
FIGURES = (
    ("links", "Backlinks", MORE),
    ("referring_domains", "Referring domains", MORE),
    ("graph_domains", "In the graph only", ""),
    ("hosts", "Referring hosts", MORE),
    ("ips", "IPs", MORE),
    ("subnets", "Subnets", MORE),
    ("first_seen", "First seen", LESS),
    ("last_seen", "Last seen", ""),
)
# Shares of the links: (title, figures, those of which more is better)
OF_LINKS = (
    ("State", (("live", "Live", MORE), ("lost", "Lost", LESS), ("unknown", "Unknown", ""))),
    (
        "Rel",
        (
            ("follow", "Follow", MORE),
            ("nofollow", "Nofollow", ""),
            ("rel_unknown", "Not known", ""),
            ("ugc", "UGC", ""),
            ("sponsored", "Sponsored", ""),
        ),
    ),
    (
        "Kind",
        (
            ("text", "Text", ""),
            ("image", "Image", ""),
            ("form", "Form", ""),
            ("frame", "Frame", ""),
            ("redirect", "Redirect", ""),
            ("other", "Other", ""),
        ),
    ),
)
# Distribution -> (title, report, URL parameter of a name, word for an empty name)
NAMED = {
    "countries": ("Countries of referring domains", "domains", "country_is", "(not known)"),
    "tlds": ("TLDs of referring domains", "domains", "tld_is", "(address)"),
    "languages": ("Languages of the linking pages", "links", "language_is", "(not known)"),
    "placements": ("Placement on the page", "links", "placement", "(not known)"),
}
UNNAMED = {
    "domains": "No source says this of any of its referring domains.",
    "links": "No source says this of any of its links.",
}
RARE = f"It is none of the {index.comparison.NAMES_A_SIDE} most frequent ones here, and is not counted."


@dataclass(frozen=True, slots=True)
class Cell:
    """`value` is a count, a date or a score, None with the reason `why` where nobody knows it; `share` of the whole,
    0-1; `text` goes before the value."""

    value: Any = None
    href: str = ""
    share: float | None = None
    text: str = ""
    is_best: bool = False
    why: str = ""

    @property
    def bar(self) -> float:
        return 100 * (self.share or 0.0)

    @property
    def measure(self) -> Any:
        return self.value if self.share is None or self.value is None else self.share

    @property
    def is_date(self) -> bool:
        return isinstance(self.value, date)


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    cells: tuple[Cell, ...]
    help: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    rows: tuple[Row, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """One side: its reading and what the index says. `unknown`: figures that nobody knows, with the reason.
    `is_private`: the parts of its score are somebody else's."""

    reading: Reading
    side: index.comparison.Side
    urls: Mapping[str, str]
    unknown: Mapping[str, str]
    is_private: bool = False

    @property
    def head(self) -> index.Headline:
        return self.side.head

    @property
    def is_known(self) -> bool:
        """Whether there is a profile; nothing known is not nothing there."""
        return bool(self.head.links or self.head.referring_domains)


def compared(readings: Sequence[Reading], sides: Sequence[index.comparison.Side], private: Set[str]) -> list[Compared]:
    return [
        Compared(
            reading,
            side,
            figure_urls(reading),
            index.why_unknown(asdict(side.head)) | _outside_of_graph(side.query),
            reading.target.domain in private,
        )
        for reading, side in zip(readings, sides, strict=True)
    ]


def _outside_of_graph(query: index.LinkQuery) -> dict[str, str]:
    if query.target.scope != "root":
        return {"graph_domains": "The graph knows whole domains, not their parts."}
    if not query.with_graph:
        return {"graph_domains": "The graph is left out."}
    return {} if query.graph else {"graph_domains": "The loaded graph does not know it."}


def sections(found: Sequence[Compared], since: date) -> list[Section]:
    """All of the comparison, in its order; distributions that nothing is known of are left out."""
    made = [
        Section("Authority", tuple(_authority(found))),
        Section("Figures", tuple(_figures(found))),
        Section(f"Since {since:%Y-%m-%d}", tuple(_growth(found, since))),
        *(Section(title, tuple(_of_links(found, names)), "Of all links.") for title, names in OF_LINKS),
        Section("Referring domains by authority", tuple(_bands(found))),
        *(_named(found, name, *how) for name, how in NAMED.items()),
        Section("Top anchors", tuple(_anchors(found)), "By referring domains."),
    ]
    return [one for one in made if one.rows]


# --- Rows ---------------------------------------------------------------------------------------------------------
def _row(
    found: Sequence[Compared],
    label: str,
    make: Callable[[Compared], Cell],
    better: str = "",
    help: str = "",
    *,
    of_score: bool = False,
) -> Row:
    shown = make if of_score else _if_known(make)
    return Row(label, _marked([shown(one) for one in found], better), help)


def _marked(cells: Sequence[Cell], better: str) -> tuple[Cell, ...]:
    """The best of a row is marked, unless all are equal."""
    known = [one.measure for one in cells if one.measure is not None]
    if not better or len(set(known)) < 2:
        return tuple(cells)
    best = max(known) if better == MORE else min(known)
    return tuple(replace(one, is_best=one.measure == best) for one in cells)


def _authority(found: Sequence[Compared]) -> Iterable[Row]:
    yield _row(found, "Authority", _score, MORE, of_score=True)
    if not any(one.side.score for one in found):
        return
    for place, name in enumerate(index.PARTS):
        label, meaning = MEANINGS[name]
        yield _row(
            found, label, lambda one, place=place: Cell(_part(one, "parts", place)), MORE, meaning, of_score=True
        )
    yield _row(found, "Confidence", _confidence, MORE, "How much of what makes a score is known, in %.", of_score=True)
    yield _row(
        found, "Taken away", lambda one: Cell(_penalties(one)), LESS, "Points of all penalties together.", of_score=True
    )


def _score(one: Compared) -> Cell:
    return Cell(one.head.authority, one.reading.url("why") if one.head.authority is not None else "")


def _part(one: Compared, name: str, place: int) -> float | None:
    if one.side.score is None or one.is_private:
        return None
    value = one.side.score[name][place]
    return round(float(value), 1) if value >= 0 else None


def _confidence(one: Compared) -> Cell:
    known = one.side.score is not None and not one.is_private
    return Cell(round(100 * float(one.side.score["confidence"])) if known else None)  # type: ignore[index]


def _penalties(one: Compared) -> float | None:
    if one.side.score is None or one.is_private:
        return None
    checked = [float(points) for points in one.side.score["penalties"] if points >= 0]
    return round(sum(checked), 2) if checked else None


def _if_known(make: Callable[[Compared], Cell]) -> Callable[[Compared], Cell]:
    return lambda one: make(one) if one.is_known else Cell(why=one.unknown["links"])


def _figures(found: Sequence[Compared]) -> Iterable[Row]:
    for name, label, better in FIGURES:
        if name == "graph_domains" and not any(one.head.graph_domains for one in found):
            continue
        yield _row(found, label, lambda one, name=name: _figure(one, name), better)


def _figure(one: Compared, name: str) -> Cell:
    if name in one.unknown:
        return Cell(why=one.unknown[name])
    value = getattr(one.head, name)
    return Cell(value, one.urls[name] if value else "")


def _of_links(found: Sequence[Compared], names: Iterable[tuple[str, str, str]]) -> Iterable[Row]:
    for name, label, better in names:
        if any(getattr(one.head, name) for one in found):
            yield _row(found, label, lambda one, name=name: _share(_figure(one, name), one.head.links), better)


def _share(cell: Cell, whole: int) -> Cell:
    return replace(cell, share=cell.value / whole) if whole and cell.value is not None else cell


def _growth(found: Sequence[Compared], since: date) -> Iterable[Row]:
    day = since.isoformat()
    came = {"first_seen_from": day, "sort": "-first_seen"}
    went = {"state": "lost", "lost_at_from": day, "sort": "-lost_at"}
    yield _row(found, "Domains first seen", _dated(lambda one: _counted(one, "domains", came, one.side.gained)), MORE)
    yield _row(found, "Domains lost", _dated(lambda one: _counted(one, "domains", went, one.side.gone)), LESS)
    yield _row(found, "Difference", _dated(lambda one: Cell(one.side.gained - one.side.gone)), MORE)


def _dated(make: Callable[[Compared], Cell]) -> Callable[[Compared], Cell]:
    """Without dates nothing is known to have come or gone."""
    return lambda one: Cell(why=one.unknown["new_domains"]) if "new_domains" in one.unknown else make(one)


def _counted(one: Compared, report: str, params: Mapping[str, str], count: int) -> Cell:
    return Cell(count, one.reading.url(report, params) if count else "")


def _bands(found: Sequence[Compared]) -> Iterable[Row]:
    """From the highest, those without a score last; bands without a domain are left out."""
    if not any(band.is_scored and band.domains for one in found for band in one.side.bands):
        return
    *scored, rest = range(len(found[0].side.bands))
    for number in (*reversed(scored), rest):
        if not any(one.side.bands[number].domains for one in found):
            continue
        low, high = found[0].side.bands[number].low, found[0].side.bands[number].high
        label = f"{int(low)}\N{EN DASH}{int(high)}" if low >= 0 else "No score"
        yield _row(found, label, lambda one, number=number: _band(one, one.side.bands[number]))


def _band(one: Compared, band: index.Band) -> Cell:
    if band.is_scored and not any(other.domains for other in one.side.bands if other.is_scored):
        return Cell(why="None of its referring domains has a score.")
    span = {"authority_min": f"{band.low:g}", "authority_max": f"{band.high:g}", "sort": "-authority"}
    cell = _counted(one, "domains", span, band.domains) if band.is_scored else Cell(band.domains)
    return _share(cell, one.head.referring_domains)


def _named(found: Sequence[Compared], name: str, title: str, report: str, param: str, empty: str) -> Section:
    rows = tuple(
        _row(found, label or empty, lambda one, label=label: _of_name(one, name, label, report, param))
        for label in _most_frequent([(one.side.shares[name], _whole(one, report)) for one in found])
    )
    known = any(label for one in found for label in one.side.shares[name])
    return Section(title, rows if known else (), f"Of all {'referring domains' if report == 'domains' else 'links'}.")


def _whole(one: Compared, report: str) -> int:
    return one.head.referring_domains if report == "domains" else one.head.links


def _most_frequent(shares: Iterable[tuple[Mapping[str, int], int]]) -> list[str]:
    """Names by the greatest share that any side has of them; what has no name is last."""
    greatest: dict[str, float] = {}
    for counts, whole in shares:
        for name, count in counts.items():
            greatest[name] = max(greatest.get(name, 0.0), count / max(whole, 1))
    names = sorted(filter(None, greatest), key=lambda one: (-greatest[one], one))[:NAMES]
    return [*names, *([""] if "" in greatest else [])]


def _of_name(one: Compared, name: str, label: str, report: str, param: str) -> Cell:
    """A name that is none of the most frequent ones of a side is not counted for it; nor is any where none is known."""
    counts = one.side.shares[name]
    if label not in counts and not any(counts):
        return Cell(why=UNNAMED[report])
    if label not in counts:
        return Cell(0) if len(counts) < index.comparison.NAMES_A_SIDE else Cell(why=RARE)
    leads = label or param.endswith("_is")
    cell = _counted(one, report, {param: label}, counts[label]) if leads else Cell(counts[label])
    return _share(cell, _whole(one, report))


def _anchors(found: Sequence[Compared]) -> Iterable[Row]:
    for place in range(max((len(one.side.anchors) for one in found), default=0)):
        yield _row(found, str(place + 1), lambda one, place=place: _anchor(one, place))


def _anchor(one: Compared, place: int) -> Cell:
    if place >= len(one.side.anchors):
        return Cell()
    anchor = one.side.anchors[place]
    text = (anchor.text or "(no text)") if anchor.known else "(not known)"
    params = {"anchor_is": anchor.text, "anchor_known": "yes" if anchor.known else "no"}
    return Cell(anchor.domains, one.reading.url("links", params | {"group": "domain"}), text=text)
