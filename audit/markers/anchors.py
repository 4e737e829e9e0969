"""Anchors of a profile: which are classed, which are money, which share each class has.

Decided: the class of an anchor comes with it from the index, where the project's terms stand. Money is an exact
keyword, or a short anchor with one in it: a long one is the title of a text. A share is one of referring domains, each
counted once however many links it has, so that one site-wide link is no profile; a few domains have no shares. What is
far from competitors is far from the median of three at least. An image without a text, or a redirect, has no anchor:
markers of anchors are beside it. As long as too few anchors are classed, every marker of them is unknown.

Evidence rests on classes that are sure: certain by rule (`anchor_sure`), or confirmed by somebody. Where it would fire
only if guesses counted, the marker is unknown until the anchors are reviewed: an owner who fears a penalty must not act
upon a guess, and a guess that nobody has looked at is no reason to call a link clean. Context may rest on guesses, as
it never makes a link toxic.
"""

from collections.abc import Callable
from dataclasses import replace
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audit.profile import Codes, Flags, Profile, Words

from .marker import UNKNOWN, Found, Limits, clustered, distinct, judged, nothing_known
from .signs import Test
from .wording import all_folded, either

NO_ANCHOR = ("redirect", "frame", "form")
EMPTY = ("empty", "image")
BRAND = frozenset(("brand", "compound", "naked"))
EXACT, PARTIAL, COMPOUND, UNCLASSED = "exact", "partial", "compound", "unknown"
LEAST_PEERS = 3
EXACT_SHARE, BRAND_SHARE = "exact_share", "brand_share"  # figures of a `Peer`


# --- What is known ----------------------------------------------------------------------------------------------------
def is_class(profile: Profile, *names: str) -> Flags:
    return profile.links.text("anchor_class").each(names.__contains__) == 1


def has_place(profile: Profile) -> Flags:
    """Links that could have an anchor."""
    return ~(profile.links.text("kind").each(NO_ANCHOR.__contains__) == 1)


def is_classed(profile: Profile) -> Flags:
    return profile.links.text("anchor_class").known & ~is_class(profile, UNCLASSED)


def classed_share(profile: Profile) -> float:
    """The share of links whose anchor is classed, of those that could have one; 1 where none could."""
    could = has_place(profile)
    return float(np.mean(is_classed(profile)[could])) if could.any() else 1.0


def is_sure(profile: Profile) -> Flags:
    """Links of which the class of the anchor is more than a guess."""
    return profile.links.number("anchor_sure") == 1


def when_classed(test: Test, *, needs_keywords: bool = False) -> Test:
    """The test where the limit `classed` is kept, else unknown in every row, which say so."""

    def guarded(profile: Profile, limits: Limits) -> Found:
        share = classed_share(profile)
        if share < limits["classed"]:
            return _unknown(profile, f"only {share:.0%} of the anchors are classed")
        if needs_keywords and not profile.about.keywords:
            return _unknown(profile, "the project names no keywords")
        return test(profile, limits)

    return guarded


def _unknown(profile: Profile, why: str) -> Found:
    count = profile.links.count
    return replace(nothing_known(count), said=Words(np.zeros(count, np.int32), (why,)))


def texts_of(profile: Profile) -> Words:
    """What is read as the anchor: its text, or that of the image."""
    anchor = profile.links.text("anchor")
    return either(anchor.known, anchor, profile.links.text("alt"))


def has_text(profile: Profile) -> Flags:
    """Links that have an anchor, or may have one that nobody has told."""
    texts = profile.links.text("anchor").known | profile.links.text("alt").known
    return has_place(profile) & (texts | ~is_class(profile, *EMPTY))


def by_class(fires: Flags, profile: Profile, *, value: NDArray[Any] | None = None, said: Words | None = None) -> Found:
    """What is judged by the class of each anchor."""
    applies = has_place(profile) & ~is_class(profile, *EMPTY)
    return judged(fires, known=is_classed(profile), value=value, said=said, applies=applies)


def of_class(*names: str) -> Test:
    """Fires for anchors of one of these classes."""
    return lambda profile, limits: by_class(is_class(profile, *names), profile, said=profile.links.text("anchor"))


def on_sure(rows_of: Callable[[Profile, Limits], Flags], judge: Callable[[Profile, Limits, Flags], Found]) -> Test:
    """The judgement of rows by their classes, of those that are sure alone; unknown where guesses would add to it."""

    def judged_so(profile: Profile, limits: Limits) -> Found:
        rows, sure = rows_of(profile, limits), is_sure(profile)
        found = judge(profile, limits, rows & sure)
        if not (rows & ~sure).any():
            return found
        guessed = judge(profile, limits, rows).fired & ~found.fired
        return replace(found, state=np.where(guessed, UNKNOWN, found.state).astype(np.uint8))

    return judged_so


def money(profile: Profile, limits: Limits) -> Flags:
    """Anchors that are a keyword, or short ones that hold one."""
    anchor = profile.links.text("anchor")
    short = anchor.each(lambda text: len(text.split()) <= limits["words"]) == 1
    return is_class(profile, EXACT) | (is_class(profile, PARTIAL) & short)


# --- Many links, one anchor -------------------------------------------------------------------------------------------
def _repeated(profile: Profile, limits: Limits, rows: Flags) -> Found:
    """The same money anchor from several unrelated domains: names under several endings are one, partners none."""
    codes, names = _same_text(profile.links.text("anchor"), rows)
    partner = profile.domains.text("name").each(profile.about.partners.__contains__) == 1
    codes = np.where(partner[profile.domain], -1, codes).astype(np.int32)
    owners = _owners(profile.domains.text("name"))
    least = int(limits["domains"])
    by_owner = clustered(codes, owners[profile.domain], names, least)
    held = np.where(by_owner.fired, codes, -1).astype(np.int32)
    shared = clustered(held, profile.domain, names, 1)
    found = by_class(by_owner.fired, profile, value=by_owner.value, said=shared.said)
    return replace(found, cluster=shared.cluster, clusters=shared.clusters)


def _same_text(anchor: Words, rows: Flags) -> tuple[Codes, list[str]]:
    """One code for anchors of the same words, of these rows."""
    used = np.unique(anchor.codes[rows])
    used = used[used >= 0]
    texts = [" ".join(text.split()) for text in all_folded([anchor.values[code] for code in used.tolist()])]
    names = list(dict.fromkeys(texts))
    numbers = {name: number for number, name in enumerate(names)}
    new = np.full(len(anchor.values) + 1, -1, np.int32)  # the last one is that of code -1
    new[used] = [numbers[text] for text in texts]
    return np.where(rows, new[anchor.codes], -1).astype(np.int32), names


def _owners(names: Words) -> Codes:
    """The first domain of each name, whatever its ending: shop.com for shop.co.uk."""
    first: dict[str, int] = {}
    labels = (names.at(row).partition(".")[0] for row in range(len(names.codes)))
    return np.array([first.setdefault(label, row) for row, label in enumerate(labels)], np.int32)


def _on_one_page(profile: Profile, limits: Limits, rows: Flags) -> Found:
    """Pages that link to several of our addresses with money anchors."""
    targets = profile.links.text("target")
    pairs = distinct(np.where(rows & targets.known, profile.page, -1), targets.codes)
    count = np.bincount(pairs >> 32, minlength=profile.pages.count)[profile.page]
    fires = rows & (count >= limits["targets"])
    return by_class(fires, profile, value=np.where(rows, count, 0), said=profile.links.text("anchor"))


repeated = on_sure(money, _repeated)
on_one_page = on_sure(money, _on_one_page)


# --- Shares -----------------------------------------------------------------------------------------------------------
def share_of_domains(profile: Profile, rows: Flags) -> tuple[float, int]:
    """(the share of domains with one of these links among those with a classed anchor, how many these are)."""
    whole = np.unique(profile.domain[is_classed(profile) & has_place(profile)])
    having = np.unique(profile.domain[rows])
    return (len(having) / len(whole) if len(whole) else 0.0), len(whole)


def exact_share(profile: Profile) -> float:
    return share_of_domains(profile, is_class(profile, EXACT))[0]


def brand_share(profile: Profile) -> float:
    """Of domains with a brand anchor, with or without a keyword, or a naked address."""
    return share_of_domains(profile, is_class(profile, *BRAND))[0]


def peers_median(profile: Profile, figure: str) -> float | None:
    """The median of competitors; None of fewer than three."""
    known = [one.figures[figure] for one in profile.peers if not np.isnan(one.figures.get(figure, np.nan))]
    return median(known) if len(known) >= LEAST_PEERS else None


def _exact(profile: Profile, _: Limits) -> Flags:
    return is_class(profile, EXACT)


def _many_exact(profile: Profile, limits: Limits, rows: Flags) -> Found:
    """The links with an exact anchor, where many domains have such; of a few domains no share is taken."""
    share, domains = share_of_domains(profile, rows)
    usual = peers_median(profile, EXACT_SHARE)
    far = usual is not None and share > limits["least"] and share > limits["times"] * usual
    return _of_whole(profile, rows, domains, limits, share, fires=share > limits["above"] or far)


many_exact = on_sure(_exact, _many_exact)


def few_brands(profile: Profile, limits: Limits) -> Found:
    """The links with a money anchor, where few domains link with the brand."""
    share, domains = share_of_domains(profile, is_class(profile, *BRAND))
    usual = peers_median(profile, BRAND_SHARE)
    far = usual is not None and share < limits["part"] * usual
    fires = share < limits["below"] or far
    return _of_whole(profile, money(profile, limits), domains, limits, share, fires=fires)


def _of_whole(profile: Profile, rows: Flags, domains: int, limits: Limits, share: float, *, fires: bool) -> Found:
    found = by_class(rows & fires, profile, value=np.full(profile.links.count, share))
    if domains < limits["domains"]:
        return judged(rows, known=rows, applies=np.zeros(len(rows), np.bool_))
    return found
