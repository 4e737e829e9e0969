"""What a page shows of who runs it and how it was built: ways to reach somebody, what it loads, its theme and skeleton.

Decided: only what the page itself says counts; nothing is fetched for it (a site may have an icon at the usual place
that it does not name). The skeleton is the set of structural elements in their order, each once with its depth and
first class name, so that a longer menu or text changes nothing; it is a number that is equal or not. Of
mail addresses only those at the page's own domain are kept: others may be anybody's. Refused: classes of all elements,
which differ from page to page of one site.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from html import unescape
from urllib.parse import unquote

from .addresses import Base, absolute
from .links import Link
from .markup import Script
from .walk import Walk
from .wordlists import listed

MAX_ADDRESS, MAX_THEME = 500, 60
HOSTS_READ = 200_000  # characters of scripts that are looked through for hosts
BODY_READ, SKELETON_PARTS, LEAST_PARTS = 10_000, 40, 6
HOST = re.compile(r"//([a-z0-9.-]{4,100}\.[a-z]{2,20})")
MAIL = re.compile(r'href="mailto:[^"?@]+@')
WRITTEN_MAIL = re.compile(r'href="mailto:([^"?,;]{3,300})')
ADDRESS = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9.-]{4,253}")
MOST_MAILS = 5
PHONE = re.compile(r'href="tel:[^"]*\d')
SHIELDED_MAIL, MARKED_PHONE = "/cdn-cgi/l/email-protection", ' itemprop="telephone"'
THEMES = (
    re.compile(r"/wp-content/themes/([\w.-]+)/"),
    re.compile(r"/catalog/view/theme/([\w.-]+)/"),
    re.compile(r"/(?:sites/[\w.-]+/)?themes/(?:contrib/|custom/)?([\w.-]+)/"),
    re.compile(r"/(?:media/)?templates/(?:site/)?([\w.-]+)/"),
    re.compile(r"/styles/([\w.-]+)/theme/"),
    re.compile(r"/skin/frontend/([\w.-]+/[\w.-]+)/"),
)
SHOPIFY_THEME = re.compile(r"Shopify\.theme\s*=\s*\{\"name\":\"([^\"]{1,60})\"")
PART = re.compile(
    r'<(/?)(header|nav|main|article|section|aside|footer|div|form|table)(?=[ >])(?:[^>]*? class="([^" ]*))?'
)
DIGITS = re.compile(r"\d+")
# Kinds of account ids that speak for a tracker by themselves.
BY_ID = {
    "ga": "google analytics", "gtm": "google tag", "ads": "google ads", "adsense": "adsense",
    "facebook": "facebook pixel", "yandex": "yandex metrica", "clarity": "clarity", "hotjar": "hotjar",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a page loads, by the hosts it names: names of services by kind (trackers, ads, popups, parked)."""

    names: dict[str, tuple[str, ...]]

    def of(self, kind: str) -> tuple[str, ...]:
        return self.names.get(kind, ())


def _services() -> dict[str, dict[str, str]]:
    """Kind -> host -> name."""
    return {kind: names for kind, names in listed("hosts").items() if kind != "version"}


@cache
def _texts(group: str) -> frozenset[str]:
    """The texts of links that lead to a page of this kind."""
    return frozenset(word for words in listed("pages")[group].values() for word in words.split(", "))


def loaded(walk: Walk, scripts: Sequence[Script], frames: Iterable[Link]) -> Loaded:
    """The services that a page names in scripts, style sheets and frames."""
    text = "\n".join(f"{one.source}\n{one.text}" for one in scripts)[:HOSTS_READ]
    if "\\/" in text:
        text = text.replace("\\/", "/")
    hosts = set(HOST.findall(text))
    hosts.update(found for one, _ in walk.relations for found in HOST.findall(one.get("href", "")))
    hosts.update(one.host for one in frames)
    names = {
        kind: tuple(sorted({known[one] for host in hosts for one in _above(host) if one in known}))
        for kind, known in _services().items()
    }
    return Loaded({kind: found for kind, found in names.items() if found})


def _above(host: str) -> Iterable[str]:
    """A host, and those it stands below."""
    while "." in host:
        yield host
        host = host.partition(".")[2]


def trackers(found: Loaded, ids: Iterable[str]) -> tuple[str, ...]:
    """Analytics, tag managers, pixels and font services, sorted."""
    by_id = {BY_ID[kind] for one in ids if (kind := one.partition(":")[0]) in BY_ID}
    return tuple(sorted(by_id.union(found.of("trackers"))))


def contacts(html: str, links: Iterable[Link], scripts: Iterable[Script]) -> tuple[str, ...]:
    """Which ways to reach its owner a page shows: mail, phone, linkedin, imprint, contact."""
    inside = {one.anchor.lower() for one in links if one.internal and len(one.anchor) <= 40}
    ways = {
        "mail": SHIELDED_MAIL in html or bool(MAIL.search(html)),
        "phone": MARKED_PHONE in html or bool(PHONE.search(html)) or any(map(_names_phone, scripts)),
        "linkedin": any(one.domain == "linkedin.com" for one in links),
        **{group: not _texts(group).isdisjoint(inside) for group in ("imprint", "contact")},
    }
    return tuple(sorted(name for name, is_there in ways.items() if is_there))


def mails(html: str, domain: str) -> tuple[str, ...]:
    """Mail addresses at the page's own domain that it offers to write to, in their order."""
    found: dict[str, None] = {}
    for text in WRITTEN_MAIL.findall(html):
        address = unquote(unescape(text)).strip().lower()
        host = address.rpartition("@")[2]
        if ADDRESS.fullmatch(address) and (host == domain or host.endswith(f".{domain}")):
            found[address] = None
    return tuple(found)[:MOST_MAILS]


def _names_phone(script: Script) -> bool:
    return "ld+json" in script.kind and '"telephone"' in script.text


def favicon(walk: Walk, base: Base) -> str:
    """The address of the icon that a page names, `data:` for one that it brings along; "" for none."""
    for one, _ in walk.relations:
        href = one.get("href", "").strip()
        if href and "icon" in one.get("rel", "").lower():
            url = absolute(href[:2_000], base)
            return "data:" if url is None else url[:MAX_ADDRESS]
    return ""


def theme(walk: Walk, scripts: Sequence[Script]) -> str:
    """The name of the theme that a page is built with, lower case; "" where its addresses do not say."""
    addresses = "\n".join([one.get("href", "") for one, _ in walk.relations] + [one.source for one in scripts])
    for rule in THEMES:
        found = rule.search(addresses)
        if found:
            return found.group(1)[:MAX_THEME].lower()
    named = next((found for one in scripts if (found := SHOPIFY_THEME.search(one.text[:HOSTS_READ]))), None)
    return named.group(1)[:MAX_THEME].lower() if named else ""


def skeleton(html: str) -> int:
    """A number for the build of a page; 0 where it has too little of any."""
    body = html.find("<body")
    parts: dict[str, None] = {}
    depth = 0
    for closing, name, named in PART.findall(html, max(body, 0), max(body, 0) + BODY_READ):
        if closing:
            depth -= 1
            continue
        parts[f"{depth} {name} {DIGITS.sub('', named)}"] = None
        if len(parts) >= SKELETON_PARTS:
            break
        depth += 1
    if len(parts) < LEAST_PARTS:
        return 0
    return int.from_bytes(blake2b("\n".join(parts).encode("utf-8", "replace"), digest_size=8).digest(), "little")
