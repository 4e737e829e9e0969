"""What a page says about itself: robots, language, dates, types, ids, and its text in figures.

Decided: words and the fingerprint are those of the main text (blocks whose place is content), because menus and
footers are the same on all pages of a site; the share of visible text is that of all that is shown. A page whose main
text cannot be told from the rest is taken whole. The fingerprint is a SimHash of 64 bits over runs of three words:
near copies differ in few bits, so that they can be found by an index over parts of it. Refused: MinHash, which needs
many numbers a page.
"""

import re
from array import array
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from itertools import islice
from typing import Any

import msgspec

from .hiding import is_certain
from .markup import Script, one_line
from .placement import Region
from .places import CONTENT
from .platform import platform_of
from .walk import Walk
from .wordlists import SEARCHED, is_western

AGENTS = frozenset(("robots", "googlebot"))
MAX_TEXT, MAX_GENERATOR = 200_000, 200
HEAVY_SCRIPT = 1_000_000  # characters of a script that are looked through
MAX_IDS, MAX_TYPES = 50, 50
WORDS_FOR_PRINT, WORDS_READ = 30, 1_000
PRINTED = SEARCHED  # characters that so many words are looked for in
WHOLE_PAGE_UNDER, ENOUGH_WORDS = 0.1, 100
LAST_BLOCKS, HIDDEN_BLOCKS, HIDDEN_READ = 8, 50, 2_000
WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]")  # scripts without spaces between words
WIDE_PER_WORD = 2
WORD = re.compile(r"\w+")
DAY = re.compile(r"((?:19|20)\d\d)-?(\d\d)-?(\d\d)(?!\d)")
DAY_IN_URL = re.compile(r"/((?:19|20)\d\d)/(\d\d)/(\d\d)/")
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8}){0,4}")
# Directives of X-Robots-Tag that carry a value; any other name before a colon is an agent.
VALUED = frozenset(("max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"))
PUBLISHED = tuple(
    """
    article:published_time og:published_time datepublished dc.date.issued dcterms.issued dc.date dcterms.created
    parsely-pub-date sailthru.date cxenseparse:recs:publishtime publish-date pubdate publishdate publication_date date
    """.split()  # noqa: SIM905
)
IDS = (
    ("ga", re.compile(r"\b(UA-\d{4,10})-\d{1,4}\b")),  # the account; its properties are numbered
    ("ga", re.compile(r"[\"'=](G-(?=[A-Z]*\d)[A-Z0-9]{8,12})\b")),
    ("gtm", re.compile(r"\b(GTM-[A-Z0-9]{4,9})\b")),
    ("ads", re.compile(r"\b(AW-\d{8,11})\b")),
    ("adsense", re.compile(r"\b(?:ca-)?(pub-\d{16})\b")),
    ("facebook", re.compile(r"fbq\(\s*[\"']init[\"']\s*,\s*[\"'](\d{10,20})[\"']")),
    ("yandex", re.compile(r"\bym\(\s*(\d{5,10})\s*,\s*[\"']init")),
    ("clarity", re.compile(r"clarity\.ms/tag/([a-z0-9]{8,12})\b")),
    ("clarity", re.compile(r"[\"']clarity[\"']\s*,\s*[\"']script[\"']\s*,\s*[\"']([a-z0-9]{8,12})[\"']")),
    ("hotjar", re.compile(r"\bhjid\s*:\s*(\d{4,9})\b")),
    ("amazon", re.compile(r"\b(?:amazon_ad_tag|trackingId)[\"']?\s*[=:]\s*[\"']([\w-]{3,30}-2[0-9])[\"']")),
)  # fmt: skip
IDS_HINTS = ("UA-", "G-", "GTM-", "AW-", "pub-", "fbq(", "ym(", "clarity", "hjid", "amazon_ad_tag", "trackingId")
IDS_IN_MARKUP = re.compile(r"ca-(pub-\d{16})\b")
GTM_IN_MARKUP = re.compile(r"googletagmanager\.com/(?:ns\.html|gtm\.js|gtag/js)\?id=((?:GTM|G|AW)-[A-Z0-9]{4,12})")
TYPE = re.compile(r"\"@type\"\s*:\s*\"([\w:/.#-]{1,100})\"")
DATED = re.compile(r"\"datePublished\"\s*:\s*\"([^\"]{8,40})\"")
MAX_KNOWN = 50_000


# --- Text ---------------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class Texts:
    """Collects the blocks of a page as the walk meets them."""

    main: list[str] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    last: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_BLOCKS))  # of what is shown

    def add(self, text: str, region: Region) -> None:
        if region.hidden and is_certain(region.hidden):
            if region.hidden != "noscript" and len(self.hidden) < HIDDEN_BLOCKS:
                self.hidden.append(text[:HIDDEN_READ])
            return
        plain = one_line(text)
        if plain:
            (self.main if region.place == CONTENT else self.rest).append(plain)
            self.last.append(plain)

    def visible(self) -> int:
        return sum(map(len, self.main)) + sum(map(len, self.rest))

    def main_text(self) -> str:
        """The main text, one line a block; all that is shown where hardly any of it is known to be main."""
        text = "\n".join(self.main)
        if self.rest and len(text) < WHOLE_PAGE_UNDER * self.visible() and word_count(text) < ENOUGH_WORDS:
            return "\n".join([*self.main, *self.rest])
        return text


def word_count(text: str) -> int:
    """Words between spaces; in scripts without spaces, two characters are a word."""
    if text.isascii():
        return len(text.split())
    wide = len(WIDE.findall(text))
    return len((WIDE.sub(" ", text) if wide else text).split()) + wide // WIDE_PER_WORD


class _Hashes(dict[str, tuple[int, int, int]]):
    """Three stable 64-bit numbers of each word, for its three places in a run; remembered within bounds."""

    def __missing__(self, word: str) -> tuple[int, int, int]:
        if len(self) > MAX_KNOWN:
            self.clear()
        digest = blake2b(word.encode("utf-8", "replace"), digest_size=24).digest()
        made = self[word] = (_number(digest[:8]), _number(digest[8:16]), _number(digest[16:]))
        return made


def _number(part: bytes) -> int:
    return int.from_bytes(part, "little")


_hashes = _Hashes()


def fingerprint(text: str) -> int:
    """64-bit SimHash of the runs of three words; 0 where the text is too short to say anything."""
    return printed(text, read_words(text))[0]


def read_words(text: str, words: list[str] | None = None) -> list[str]:
    """The words of a text that figures are made of; `words` where they are known."""
    if words is None:
        words = WORD.findall(text[:PRINTED].lower())
    return words[:WORDS_READ]


def printed(text: str, words: list[str]) -> tuple[int, float]:
    """(its fingerprint, the share of its runs of three words that only repeat: -1 where nothing can be said)."""
    is_wide = len(words) < WORDS_FOR_PRINT and bool(WIDE.search(text))
    if is_wide:
        words = WIDE.findall(text)[:WORDS_READ]
    if len(words) < WORDS_FOR_PRINT:
        return 0, -1.0
    one, two, three = zip(*map(_hashes.__getitem__, words), strict=True)
    runs = {a ^ b ^ c for a, b, c in zip(one, two[1:], three[2:], strict=False)}
    return _majority(runs) or 1, -1.0 if is_wide else round(1 - len(runs) / (len(words) - 2), 4)


def _majority(numbers: set[int]) -> int:
    """Each bit as most of the numbers have it: counted bit by bit in C, over all numbers at once."""
    columns = array("Q", numbers).tobytes()
    half, made = len(numbers) / 2, 0
    ones = int.from_bytes(b"\1" * len(numbers), "little")
    for byte in range(8):
        column = int.from_bytes(columns[byte::8], "little")
        for bit in range(8):
            if (column >> bit & ones).bit_count() > half:
                made |= 1 << (8 * byte + bit)
    return made


@dataclass(frozen=True, slots=True)
class Deep:
    """The facts that need the whole page."""

    words: int = 0
    fingerprint: int = 0
    repeats: float = -1.0
    ids: tuple[str, ...] = ()
    generator: str = ""
    platform: str = ""
    published: str = ""
    jsonld: tuple[str, ...] = ()


NOTHING = Deep()


def deep(walk: Walk, scripts: list[Script], html: str, main: str, words: list[str], url: str) -> Deep:
    """The facts of a page whose main text is `main`, in these words."""
    generator = meta_content(walk.metas, "generator")[:MAX_GENERATOR]
    data = linked_data(scripts)
    number, repeats = printed(main, read_words(main, words if is_western(main) else None))
    return Deep(
        words=word_count(main),
        fingerprint=number,
        repeats=repeats,
        ids=account_ids(scripts, html),
        generator=generator,
        platform=platform_of(generator, html, scripts),
        published=published(walk.metas, walk.times, data, url),
        jsonld=data.names(),
    )


# --- Head ---------------------------------------------------------------------------------------------------------
def directives(metas: Iterable[Mapping[str, str]], header: str) -> set[str]:
    """What robots meta tags and X-Robots-Tag ask of us, lower case; several headers are joined by a line break."""
    found: set[str] = set()
    for meta in metas:
        if meta.get("name", "").strip().lower() in AGENTS:
            found.update(part.strip().lower() for part in meta.get("content", "").split(","))
    for line in header.splitlines():
        found.update(_header_directives(line))
    found.discard("")
    return found | {"noindex", "nofollow"} if "none" in found else found


def _header_directives(line: str) -> Iterator[str]:
    ours = True
    for part in line.lower().split(","):
        name, colon, value = part.partition(":")
        if colon and name.strip() not in VALUED:
            ours, part = name.strip() in AGENTS, value
        if ours:
            yield part.strip()


def meta_content(metas: Iterable[Mapping[str, str]], *names: str) -> str:
    """The first non-empty content of the metas with one of these names, in the order of the names."""
    by_name: dict[str, str] = {}
    for meta in metas:
        for key in ("name", "property", "itemprop", "http-equiv"):
            content = meta.get("content", "").strip()
            if content and key in meta:
                by_name.setdefault(meta[key].strip().lower(), content)
    return next((by_name[name] for name in names if name in by_name), "")


def language_of(*stated: str) -> str:
    """The first stated language that is one: `en`, `pt-br`."""
    for text in stated:
        found = LANGUAGE.fullmatch(text.partition(",")[0].strip().lower().replace("_", "-"))
        if found:
            return found.group()
    return ""


def day_of(*stated: str) -> str:
    """The first stated day that exists, as YYYY-MM-DD."""
    for text in stated:
        found = DAY.search(text[:80])
        if found and (day := _day(*found.groups())):
            return day
    return ""


def _day(year: str, month: str, of_month: str) -> str:
    try:
        return date(int(year), int(month), int(of_month)).isoformat()
    except ValueError:
        return ""


def published(metas: list[dict[str, str]], times: list[dict[str, str]], linked_data: "LinkedData", url: str) -> str:
    """When the page says that it was published; its address last."""
    marked = [
        one.get("datetime", "")
        for one in times
        if one.get("itemprop", "").lower() == "datepublished"
        or "pubdate" in one
        or not {"published", "entry-date", "dt-published", "post-date"}.isdisjoint(one.get("class", "").split())
    ]
    stated = day_of(meta_content(metas, *PUBLISHED), *linked_data.published, *marked)
    in_url = DAY_IN_URL.search(url)
    return stated or (_day(*in_url.groups()) if in_url else "")


# --- Scripts --------------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class LinkedData:
    """Types and dates of a page's JSON-LD, in their order."""

    types: dict[str, None] = field(default_factory=dict)
    published: list[str] = field(default_factory=list)

    def read(self, text: str) -> None:
        try:
            self._walk(msgspec.json.decode(text.strip().encode("utf-8", "replace")))
        except (msgspec.DecodeError, RecursionError, ValueError):  # half of the web's JSON-LD is not quite JSON
            self.types.update(dict.fromkeys(islice((one.group(1) for one in TYPE.finditer(text)), MAX_TYPES)))
            self.published.extend(DATED.findall(text)[:1])

    def _walk(self, whole: Any) -> None:
        waiting = [whole]
        while waiting:
            one = waiting.pop()
            if isinstance(one, list):
                waiting.extend(reversed(one))
            elif isinstance(one, dict):
                kind = one.get("@type")
                names = kind if isinstance(kind, list) else [kind]
                self.types.update((name[:100], None) for name in names if isinstance(name, str) and name)
                if isinstance(day := one.get("datePublished"), str):
                    self.published.append(day)
                waiting.extend(value for value in reversed(one.values()) if isinstance(value, dict | list))

    def names(self) -> tuple[str, ...]:
        return tuple(islice(self.types, MAX_TYPES))


def linked_data(scripts: Iterable[Script]) -> LinkedData:
    made = LinkedData()
    for script in scripts:
        if script.kind.startswith("application/ld+json"):
            made.read(script.text[:HEAVY_SCRIPT])
    return made


def account_ids(scripts: Iterable[Script], html: str) -> tuple[str, ...]:
    """Accounts of analytics, tag managers and advertisers, sorted: `ga:G-…`, `gtm:GTM-…`, `adsense:pub-…`."""
    found: set[str] = set()
    text = "\n".join(f"{script.source}\n{script.text}" for script in scripts)[:HEAVY_SCRIPT]
    if any(hint in text for hint in IDS_HINTS):
        found.update(f"{name}:{one}" for name, rule in IDS for one in rule.findall(text))
    if "ca-pub-" in html:
        found.update(f"adsense:{one}" for one in IDS_IN_MARKUP.findall(html))
    if "googletagmanager.com" in html:
        found.update(f"{_tag_kind(one)}:{one}" for one in GTM_IN_MARKUP.findall(html))
    return tuple(sorted(found)[:MAX_IDS])


def _tag_kind(tag: str) -> str:
    return {"GTM": "gtm", "AW": "ads"}.get(tag.partition("-")[0], "ga")
