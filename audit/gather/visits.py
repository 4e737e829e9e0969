"""What our own visits found on the linking pages, and what search engines were shown there.

Decided: a page that was read has an answer to each of these, also where the answer is nothing; of a page that was never
read nothing is known. What a visit says of title, language and links goes before what exports say.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audit.profile import Profile, Rows, Sets, Words
from backlinks import index
from backlinks.crawl.discovery import CloakingCheck
from projects.models import Project

from .asked import picked

NUMBERS = (
    "fetched", "words", "text_share", "external", "internal", "external_domains", "noindex", "has_canonical",
    "canonical_elsewhere", "title_length", "description_length", "keywords_length", "published", "repetition",
    "common_word", "forced_redirect", "ad_frames", "hidden_links", "hidden_block", "hidden_poison", "foreign_share",
    "contact", "has_favicon", "trackers", "parked", "directory",
)  # fmt: skip
OURS_FIRST = ("external", "internal")  # exports say them too
TEXTS = ("generator", "theme", "poison_text", "unsupported")
SPOKEN = ("title", "language")
LISTS = ("ids", "popups", "poison")
PRINTS = {"text_print": "text_print", "skeleton": "skeleton", "favicon": "icon"}  # column of ours -> of the index
Verdict = CloakingCheck.Verdict
ANSWERS = {Verdict.SAME: 0, Verdict.SMALL: 0, Verdict.CONTENT: 0, Verdict.LINKS: 1}


def of_pages(query: index.LinkQuery, pages: Rows) -> Rows:
    """The pages with what visits remember of them."""
    found = index.frozen.page_facts(query)
    if not found.num_rows:
        return pages
    rows = _rows_of(pages.text("key"), found["key"].to_pylist())
    numbers = {name: picked(found[name], rows) for name in NUMBERS}
    for name in OURS_FIRST:
        numbers[name] = np.where(np.isnan(numbers[name]), pages.number(name), numbers[name])
    texts = {name: Words.of(found[name]).take(rows) for name in TEXTS}
    texts |= {name: _first(Words.of(found[name]).take(rows), pages.text(name)) for name in SPOKEN}
    lists = {name: _lists(found[name], rows) for name in LISTS}
    prints = {name: np.where(rows >= 0, found[of].to_numpy()[rows], 0).astype(np.uint64) for name, of in PRINTS.items()}
    return pages.joined(Rows(pages.count, numbers, texts, lists, prints))


def _rows_of(keys: Words, known: list[str]) -> NDArray[np.int64]:
    """The row of each page in the table of facts; -1 for one that was never read."""
    at = {key: row for row, key in enumerate(known)}
    by_value = np.array([at.get(key, -1) for key in keys.values] or [-1], np.int64)
    return np.where(keys.codes >= 0, by_value[keys.codes], -1)


def _first(one: Words, other: Words) -> Words:
    """The texts of one, and of the other where the first knows none."""
    codes = np.where(one.codes >= 0, one.codes, np.where(other.codes >= 0, other.codes + len(one.values), -1))
    return Words(codes.astype(np.int32), (*one.values, *other.values))


def _lists(column: pa.ChunkedArray, rows: NDArray[np.int64]) -> Sets:
    cells = column.to_pylist()
    return Sets.of([cells[row] if row >= 0 else None for row in rows.tolist()])


def shown_to_bots(project: Project, profile: Profile) -> Rows:
    """The links with 1 where a search engine was shown other links, 0 where the same, of pages that were compared."""
    compared = CloakingCheck.objects.filter(project=project, verdict__in=ANSWERS).order_by("pk")
    told = dict(compared.values_list("source_url", "verdict"))
    if not told:
        return profile.links
    answer = profile.pages.text("url").each(lambda url: ANSWERS[told[url]] if url in told else np.nan)
    return profile.links.joined(Rows(profile.links.count, {"shown_to_bots": answer[profile.page]}))
