"""Anchors: what kinds of words they are, beside the competitors; the words and phrases they are made of; the list.

Decided: each class says its rule in one sentence, and what a project has not told (its brands, its keywords) is asked
for where it is missed. A competitor is judged by the same keywords, with the name of its own domain as its brand.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from backlinks import index
from projects import access
from seoapp.lib import charts
from seoapp.lib.weburl import Target, display_host

from .reading import Reading, report_page
from .reports import report_answer

MOST_RIVALS = 4
SIZES = 6  # of words in the cloud
# Class -> (label, colour, rule). The first rule that fits decides; they stand in the order in which they are asked.
RULES = {
    "unknown": ("Not known", "unknown", "No source says which text the link has."),
    "image": ("Image", "eight", "An image without a text of its own."),
    "empty": ("Empty", "seven", "No letter and no digit: nothing, or a sign such as an arrow."),
    "naked": ("Naked address", "five", "Starts with http:// or www., or is the target's own domain, host or address."),
    "exact": ("Exact keyword", "two", "Exactly one of the project's keywords, and no brand term."),
    "compound": ("Compound", "four", "Holds a brand term and a keyword."),
    "brand": ("Brand", "one", "Holds a brand term as whole words, or is one."),
    "partial": ("Partial keyword", "three", "Holds all words of a keyword, in any order, among others."),
    "generic": ("Generic", "six", "A text such as “click here”, by lists in {languages} languages."),
    "other": ("Other", "quiet", "None of these: words that are neither a brand term nor a keyword."),
}


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class; `rivals` are the same shares of the competitors, None for one without links."""

    label: str
    tone: str
    rule: str
    domains: int
    domains_href: str
    domain_share: float
    links: int
    links_href: str
    link_share: float
    anchors: int
    anchors_href: str
    rivals: list[float | None]


@dataclass(frozen=True, slots=True)
class Word:
    """A word or phrase of the cloud; `size` is 1 to SIZES, by the logarithm of its domains."""

    text: str
    domains: int
    domains_href: str
    links: int
    links_href: str
    anchors_href: str
    size: int


@access.project("client")
@report_page
def anchors(request: HttpRequest, reading: Reading) -> HttpResponse:
    """The list of anchors, with classes and words above it."""
    return report_answer(
        request, reading, "anchors", page="backlinks/anchors.html", around=lambda query: _around(reading, query)
    )


def _around(reading: Reading, query: index.LinkQuery) -> dict[str, Any]:
    shares = index.class_shares(query)
    if not shares.links:
        return {}
    rivals = _rivals(reading)
    rows = [_row(reading, one, shares, [other for _, other in rivals]) for one in _in_order(shares)]
    words = index.phrases(query)
    words, phrases = (_cloud(reading, [one for one in words if one.is_phrase is kind]) for kind in (False, True))
    return {
        "classes": rows,
        "parts": charts.parts(shares.links, ((one.label, one.links, one.links_href, one.tone) for one in rows)),
        "rivals": [display_host(domain) for domain, _ in rivals],
        "rules": [(label, _rule(rule)) for label, _, rule in RULES.values()],
        "words": words,
        "phrases": phrases,
        "all_words": sorted((*words, *phrases), key=lambda one: (-one.domains, -one.links, one.text)),
        **_missing(reading),
    }


def _rivals(reading: Reading) -> list[tuple[str, index.ClassShares]]:
    """Shares of the competitors of the project, without the one that is being read."""
    targets = [Target.parse(one) for one in reading.project.competitors.values_list("target", flat=True)]
    others = [one for one in targets if one.domain != reading.target.domain][:MOST_RIVALS]
    pinned = index.pin_all([Reading(reading.project, one, {}).query("anchors") for one in others])
    return [(target.host, index.class_shares(query)) for target, query in zip(others, pinned, strict=True)]


def _in_order(shares: index.ClassShares) -> list[index.ClassShare]:
    return sorted(shares.classes, key=lambda one: (one.name == "unknown", -one.domains, one.name))


def _row(
    reading: Reading, one: index.ClassShare, whole: index.ClassShares, rivals: Sequence[index.ClassShares]
) -> ClassRow:
    label, tone, rule = RULES[one.name]
    filters = {"anchor_class": one.name}
    return ClassRow(
        label,
        tone,
        _rule(rule),
        one.domains,
        reading.url("links", filters | {"group": "domain"}),
        one.domains / whole.domains,
        one.links,
        reading.url("links", filters),
        one.links / whole.links,
        one.anchors,
        reading.url("anchors", filters),
        [_share(other, one.name) for other in rivals],
    )


def _rule(rule: str) -> str:
    return rule.format(languages=len(index.GENERIC_LANGUAGES))


def _share(shares: index.ClassShares, name: str) -> float | None:
    found = next((one.domains for one in shares.classes if one.name == name), 0)
    return found / shares.domains if shares.domains else None


def _cloud(reading: Reading, words: Sequence[index.Phrase]) -> list[Word]:
    """In the order of the alphabet: a cloud is looked through by eye, the table beside it by number."""
    counts = [one.domains for one in words]
    low, high = math.log(min(counts, default=1)), math.log(max(counts, default=1))
    return [_word(reading, one, low, high) for one in sorted(words, key=lambda one: one.text)]


def _word(reading: Reading, one: index.Phrase, low: float, high: float) -> Word:
    place = (math.log(one.domains) - low) / (high - low) if high > low else 0.5
    holding = {"anchor_words": one.text}
    return Word(
        one.text,
        one.domains,
        reading.url("links", holding | {"group": "domain"}),
        one.links,
        reading.url("links", holding),
        reading.url("anchors", {"words": one.text}),
        1 + round(place * (SIZES - 1)),
    )


def _missing(reading: Reading) -> dict[str, Any]:
    """What the project has not told; the name of the domain that is taken for a brand."""
    project = reading.project
    known = {"slug": project.workspace.slug, "project_id": project.pk}
    return {
        "own_name": index.own_name(reading.target.domain, reading.terms),
        "without_brands": not project.brand_terms,
        "without_keywords": not project.money_keywords,
        "unused_keywords": max(0, len(project.money_keywords) - index.MAX_KEYWORDS),
        "unused_brands": max(0, len(project.brand_terms) - index.MAX_BRANDS),
        "settings_url": reverse("projects:project_settings", kwargs=known),
    }
