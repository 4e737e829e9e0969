"""Is a page shown to search engines the one that everybody gets? A comparison of three visits. Pure.

Decided: two visits are ours and one calls itself a search engine. What differs between our own two changes by itself
(ads, dates, nonces, rotating lists) and is taken off before anything is said; what is left is listed with both sides.
A server that refuses the search engine's name proves nothing, because many check the address behind it: then nobody
could look. Refused: a score, because the evidence is short enough to read; comparing markup, which every nonce changes.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from seoapp.lib.weburl import BadUrl, parse

from .facts import WIDE, WORD, WORDS_FOR_PRINT
from .messages import Reading

SAME, SMALL, CONTENT, LINKS, UNKNOWN = "same", "small", "content", "links", "unknown"
WORDS_COMPARED, LINKS_COMPARED, SHOWN_LINKS = 3_000, 2_000, 20
A_LITTLE, MUCH = 0.02, 0.4  # share of the text that differs
GONE = frozenset((404, 410))
CLOSED = frozenset((401, 403, 406, 429))
RELATIONS = frozenset(("canonical", "alternate", "rss"))


@dataclass(frozen=True, slots=True)
class Seen:
    """What one visit found. `links`: key -> (URL, domain, is it nofollow), of links to other sites."""

    status: int = 0
    code: str = ""
    reason: str = ""
    url: str = ""
    hops: int = 0
    title: str = ""
    canonical: str = ""
    robots: str = ""
    words: int = 0
    fingerprint: int = 0
    runs: tuple[int, ...] = ()
    links: Mapping[str, tuple[str, str, bool]] = field(default_factory=dict)

    @property
    def is_read(self) -> bool:
        return not self.code and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        return self.status in GONE

    @property
    def key(self) -> str:
        try:
            return parse(self.url).key
        except BadUrl:
            return self.url

    def kept(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Seen":
        links = {key: (url, domain, nofollow) for key, (url, domain, nofollow) in kept.get("links", {}).items()}
        return cls(**{**kept, "runs": tuple(kept.get("runs", ())), "links": links})


@dataclass(frozen=True, slots=True)
class Evidence:
    """One difference. `weight`: small, content or links; "" for a remark that decides nothing."""

    what: str
    ours: str
    engine: str
    weight: str = ""


@dataclass(frozen=True, slots=True)
class Likeness:
    """verdict: same, small (differences), content or links (that differ), unknown (nobody could look, `reason`)."""

    verdict: str
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()


def seen(reading: Reading, *, status: int, url: str, hops: int) -> Seen:
    """What is compared of a page that was read."""
    facts, rows = reading.facts, reading.observations
    links: dict[str, tuple[str, str, bool]] = {}
    for number, key in enumerate(rows.get("target_key", ())):
        if rows["kind"][number] in RELATIONS or len(links) >= LINKS_COMPARED:
            continue
        nofollow = 1 in (rows["nofollow"][number], rows["ugc"][number], rows["sponsored"][number])
        known = links.get(key)
        links[key] = (rows["target_url"][number], rows["target_domain"][number], nofollow and (not known or known[2]))
    return Seen(
        status, "", "", url, hops, str(facts.get("title", "")), str(facts.get("canonical", "")),
        str(facts.get("robots", "")), int(facts.get("words", 0)), int(facts.get("fingerprint", 0)),
        tuple(sorted(_runs(reading.text))), links,
    )  # fmt: skip


def _runs(text: str) -> set[int]:
    """Numbers of the runs of three words; of the words themselves where there are hardly any."""
    words = WORD.findall(text.casefold())[:WORDS_COMPARED]
    if len(words) < WORDS_FOR_PRINT and WIDE.search(text):
        words = WIDE.findall(text)[:WORDS_COMPARED]
    pieces = zip(words, words[1:], words[2:], strict=False) if len(words) > 5 else ((one,) for one in words)
    return {zlib.crc32(" ".join(piece).encode("utf-8", "replace")) for piece in pieces}


def compare(ours: Seen, again: Seen, engine: Seen, site: str) -> Likeness:
    """`site`: the domain whose link matters."""
    reason = _unseen(ours, again, engine)
    if reason:
        return Likeness(UNKNOWN, reason, tuple(_answers(ours, engine)))
    found = [*_answers(ours, engine)]
    if ours.is_read and engine.is_read:
        found += [*_addresses(ours, again, engine), *_heads(ours, again, engine), *_texts(ours, again, engine)]
        found += [*_site_links(ours, again, engine, site), *_other_links(ours, again, engine, site)]
    weights = {one.weight for one in found}
    verdict = next((one for one in (CONTENT, LINKS, SMALL) if one in weights), SAME)
    return Likeness(verdict, "", tuple(found))


def _unseen(ours: Seen, again: Seen, engine: Seen) -> str:
    """Why nothing can be said; "" where something can."""
    for visit in (ours, again):
        if not (visit.is_read or visit.is_gone):
            return visit.reason or f"The server answered us {visit.status}."
    if ours.is_read is not again.is_read:
        return "The page answered us once so, once so: compare again later."
    if engine.is_read or (engine.is_gone and ours.is_read):
        return ""
    if engine.is_gone:
        return f"The page is gone, for us and for search engines ({engine.status})."
    if engine.status in CLOSED:
        return (
            f"The server refuses whoever calls itself a search engine ({engine.status}). Many check the address behind "
            "the name, so this proves nothing."
        )
    return engine.reason or f"The server answered the search engine's name {engine.status}."


def _answers(ours: Seen, engine: Seen) -> Iterator[Evidence]:
    if ours.status != engine.status or ours.code != engine.code:
        weight = CONTENT if {ours.is_read, engine.is_read} == {True, False} and (ours.is_gone or engine.is_gone) else ""
        yield Evidence("Answer", _answer(ours), _answer(engine), weight)


def _answer(one: Seen) -> str:
    return " ".join(filter(None, (str(one.status or ""), one.reason))) or "nothing"


def _addresses(ours: Seen, again: Seen, engine: Seen) -> Iterator[Evidence]:
    if engine.key not in (ours.key, again.key):
        steady = ours.key == again.key
        elsewhere = parse(ours.url).domain != parse(engine.url).domain
        if steady or elsewhere:
            yield Evidence("Address at the end", ours.url, engine.url, CONTENT)
    elif engine.hops not in (ours.hops, again.hops):
        yield Evidence("Redirects on the way", str(ours.hops), str(engine.hops), SMALL)


def _heads(ours: Seen, again: Seen, engine: Seen) -> Iterator[Evidence]:
    """Title, canonical and robots, as far as ours stay the same."""
    if ours.title == again.title != engine.title:
        yield Evidence("Title", ours.title, engine.title, SMALL)
    if ours.canonical == again.canonical != engine.canonical:
        abroad = engine.canonical and parse(engine.canonical).domain != parse(engine.url).domain
        yield Evidence("Canonical", ours.canonical, engine.canonical, CONTENT if abroad else SMALL)
    if ours.robots == again.robots != engine.robots:
        closed = {"noindex", "nofollow"} & (_words(engine.robots) - _words(ours.robots))
        yield Evidence("Robots directives", ours.robots, engine.robots, LINKS if closed else SMALL)


def _words(text: str) -> set[str]:
    return {one.strip() for one in text.split(",")}


def _texts(ours: Seen, again: Seen, engine: Seen) -> Iterator[Evidence]:
    first, second, third = set(ours.runs), set(again.runs), set(engine.runs)
    missing = _share(first & second, third)
    by_itself = _share(second, first)  # so much is new whenever one comes again
    added = max(0.0, _share(third, first | second) - by_itself)
    if max(missing, added) < A_LITTLE:
        return
    weight = CONTENT if max(missing, added) >= MUCH else SMALL
    bits = (ours.fingerprint ^ engine.fingerprint).bit_count() if ours.fingerprint and engine.fingerprint else None
    note = f"; fingerprints differ in {bits} of 64 bits" if bits is not None else ""
    yield Evidence(
        "Main text",
        f"{ours.words:,} words, {missing:.0%} of it not for search engines",
        f"{engine.words:,} words, {added:.0%} of it not for us{note}",
        weight,
    )
    if ours.words < WORDS_FOR_PRINT <= engine.words:
        yield Evidence("Remark", "hardly any text without scripts", "a finished page, as sites built by scripts do")


def _share(of: set[int], others: set[int]) -> float:
    """Which share of the first the others have not."""
    return len(of - others) / len(of) if of else 0.0


def _site_links(ours: Seen, again: Seen, engine: Seen, site: str) -> Iterator[Evidence]:
    """The link that matters, where both of our visits say the same of it."""
    first, second, third = (_to_site(one, site) for one in (ours, again, engine))
    if first == second != third:
        yield Evidence(f"Link to {site}", first, third, LINKS)


def _to_site(one: Seen, site: str) -> str:
    rels = [nofollow for _, domain, nofollow in one.links.values() if domain == site]
    if not rels:
        return "no link"
    return "a link, nofollow" if all(rels) else "a link"


def _other_links(ours: Seen, again: Seen, engine: Seen, site: str) -> Iterator[Evidence]:
    """Links for one of both only. Sites that come and go between our own visits are left out, and as many as do."""
    first, second, third = (set(one.links) for one in (ours, again, engine))
    rows = {**engine.links, **again.links, **ours.links}
    restless = {rows[key][1] for key in first ^ second} | {site}
    by_itself = max(len(first - second), len(second - first))
    for what, keys, is_ours in (
        ("Links for us only", (first & second) - third, True),
        ("Links for search engines only", third - (first | second), False),
    ):
        found = sorted(rows[key][0] for key in keys if rows[key][1] not in restless)
        if found:
            text = _listed(found)
            weight = LINKS if len(found) > by_itself else SMALL
            yield Evidence(what, text if is_ours else "", "" if is_ours else text, weight)


def _listed(urls: Iterable[str]) -> str:
    found = list(urls)
    more = f"\nand {len(found) - SHOWN_LINKS:,} more" if len(found) > SHOWN_LINKS else ""
    return "\n".join(found[:SHOWN_LINKS]) + more
