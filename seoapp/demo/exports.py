"""The same web as each vendor would have exported it on a day: what it knows, in its own format and scores."""

import csv
import io
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from .story import DemoClient
from .web import DemoLink, Site, links_to

SEMRUSH = (
    "Page ascore", "Source title", "Source url", "Target url", "Anchor", "External links", "Internal links", "Nofollow",
    "Sponsored", "Ugc", "Text", "Frame", "Form", "Image", "Sitewide", "First seen", "Last seen", "New link",
    "Lost link",
)  # fmt: skip
AHREFS = (
    "Referring page title", "Referring page URL", "Language", "Platform", "Referring page HTTP code", "Domain rating",
    "UR", "Domain traffic", "Referring domains", "Linked domains", "External links", "Page traffic", "Keywords",
    "Target URL", "Left context", "Anchor", "Right context", "Redirect Chain URLs", "Redirect Chain status codes",
    "Type",
    "Is spam", "Content", "Nofollow", "UGC", "Sponsored", "Rendered", "Raw", "Lost status", "Drop reason",
    "Discovered status", "First seen", "Last seen", "Lost", "Author", "Page type", "Page category", "Links in group",
)  # fmt: skip
MAJESTIC = (
    "Target URL", "Source URL", "Anchor Text", "Source Crawl Date", "Source First Found Date", "FlagNoFollow",
    "FlagImageLink", "FlagRedirect", "FlagFrame", "FlagOldCrawl", "FlagAltText", "FlagMention", "SourceCitationFlow",
    "SourceTrustFlow", "TargetCitationFlow", "TargetTrustFlow", "SourceTopicalTrustFlow_Topic_0",
    "SourceTopicalTrustFlow_Value_0", "RefDomainTopicalTrustFlow_Topic_0", "RefDomainTopicalTrustFlow_Value_0",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Export:
    """A file as somebody would have downloaded it. target: "" for the client itself."""

    name: str
    content: bytes
    target: str = ""


def exports_of(client: DemoClient, today: date) -> list[Export]:
    """The files of a client, oldest first."""
    links = links_to(client, today)
    year, half, week = (today - timedelta(days=days) for days in (368, 186, 8))
    slug = client.domain
    made = [
        Export(f"{slug}-backlinks-{year}.csv", semrush(links, year)),
        Export(f"{slug}-backlinks-{half}.csv", semrush(links, half)),
        Export(f"{slug}-backlinks-{week}.csv", semrush(links, week)),
        Export(f"{slug}-backlinks_refdomains-{week}.csv", semrush_domains(links, week)),
        Export(f"{slug}-backlinks-subdomains_{week}_09-12-44.csv", ahrefs(links, week)),
        Export(f"https___www.{slug}_-Latest links-{week}.csv", search_console(links, week)),
        Export(f"https___www.{slug}_-Top linking sites-{week}.csv", search_console_sites(links, week)),
    ]
    if client.attack:
        made.append(Export(f"{slug}-majestic-{week}.csv", majestic(links, week)))
    for rival in client.competitors:
        others = links_to(client, today, domain=rival, share=0.45)
        made.append(Export(f"{rival}-backlinks-{week}.csv", semrush(others, week), target=rival))
    return made


def _known(links: Iterable[DemoLink], day: date, knows: Callable[[DemoLink], bool]) -> list[DemoLink]:
    """What a vendor has seen by that day; nobody finds a link on the day it is made."""
    return [link for link in links if link.born + timedelta(days=2) <= day and knows(link)]


def _seen(link: DemoLink, day: date, *, lag: int) -> date:
    """The vendor's last visit before the export, or its last one while the link was still there."""
    visit = day - timedelta(days=1 + int(link.luck * 1000) % lag)
    return max(min(visit, link.gone or visit), link.born)


def _is_lost(link: DemoLink, day: date) -> bool:
    return link.gone is not None and link.gone + timedelta(days=9) < day


def _score(site: Site, vendor: str) -> int:
    scatter = random.Random(f"{site.domain}-{vendor}").gauss(0, 6)  # noqa: S311 - invented data
    return max(0, min(100, round(site.strength + scatter)))


def _table(header: Sequence[str], rows: Iterable[Sequence[object]], *, end: str = "\n", delimiter: str = ",") -> str:
    buffer = io.StringIO()
    quoting = csv.QUOTE_ALL if delimiter == "\t" else csv.QUOTE_MINIMAL
    writer = csv.writer(buffer, lineterminator=end, delimiter=delimiter, quoting=quoting)
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue()


def _word(value: object) -> str:
    return "true" if value else "false"


def semrush(links: Sequence[DemoLink], day: date) -> bytes:
    """Semrush Backlink Analytics, 19 columns; knows three links in four."""
    rows = [
        (
            max(0, _score(link.site, "semrush") - 9), link.title, link.page, link.target, link.anchor,
            8 + int(link.luck * 60), 40 + int(link.luck * 200), _word(link.nofollow), _word(link.sponsored),
            _word(link.ugc),
            _word(link.shape == "text"), _word(link.shape == "frame"), "false", _word(link.shape == "image"),
            _word(link.sitewide), link.born + timedelta(days=2), _seen(link, day, lag=45),
            _word((day - link.born).days < 30), _word(_is_lost(link, day)),
        )
        for link in _known(links, day, lambda link: link.luck < 0.78)
    ]  # fmt: skip
    return _table(SEMRUSH, rows, end="\r\n").encode()


def semrush_domains(links: Sequence[DemoLink], day: date) -> bytes:
    by_domain: dict[str, list[DemoLink]] = {}
    for link in _known(links, day, lambda link: link.luck < 0.86):
        by_domain.setdefault(link.site.domain, []).append(link)
    rows = [
        (
            _score(group[0].site, "semrush"), domain, len(group), group[0].site.ip, group[0].site.country.lower(),
            min(one.born for one in group) + timedelta(days=2), max(_seen(one, day, lag=45) for one in group),
        )
        for domain, group in by_domain.items()
    ]  # fmt: skip
    header = ("Domain ascore", "Domain", "Backlinks", "IP Address", "Country", "First seen", "Last seen")
    return _table(header, rows).encode()


def ahrefs(links: Sequence[DemoLink], day: date) -> bytes:
    """Ahrefs Site Explorer of 2026: UTF-16, tabs, 37 columns, words around the link, a reason for each loss."""
    rows = [_ahrefs_row(link, day) for link in _known(links, day, lambda link: 0.18 < link.luck < 0.93)]
    return b"\xff\xfe" + _table(AHREFS, rows, delimiter="\t").encode("utf-16-le")


def _ahrefs_row(link: DemoLink, day: date) -> tuple[object, ...]:
    site, rating = link.site, _score(link.site, "ahrefs")
    lost = _is_lost(link, day)
    seen = f"{_seen(link, day, lag=20)} 04:17:09"
    return (
        link.title, link.page, site.language, site.platform, 404 if link.reason == "notfound" and lost else 200, rating,
        max(0, rating - 14), rating * 210, 1 + int(link.luck * 5), 3 + int(link.luck * 30), 8 + int(link.luck * 60),
        int(rating * link.luck * 9), int(rating * link.luck), link.target, "" if link.shape == "image" else link.before,
        link.anchor, "" if link.shape == "image" else link.after, "", "", "image" if link.shape == "image" else "text",
        _word(site.kind == "throwaway"), _word(not link.sitewide), _word(link.nofollow), _word(link.ugc),
        _word(link.sponsored), "false", "true", link.reason if lost else "", "", "linkfound",
        f"{link.born + timedelta(days=3)} 11:40:43", seen, f"{link.gone} 00:00:00" if lost else "", "", "Article", "",
        1,
    )  # fmt: skip


def search_console(links: Sequence[DemoLink], day: date) -> bytes:
    rows = {
        link.page: (link.page, _seen(link, day, lag=30))
        for link in _known(links, day, lambda link: link.luck > 0.42 and not link.sitewide)
    }
    return _table(("Linking page", "Last crawled"), list(rows.values())[:1000]).rstrip("\n").encode()


def search_console_sites(links: Sequence[DemoLink], day: date) -> bytes:
    pages: dict[str, set[str]] = {}
    targets: dict[str, set[str]] = {}
    for link in _known(links, day, lambda link: link.luck > 0.35):
        pages.setdefault(link.site.domain, set()).add(link.page)
        targets.setdefault(link.site.domain, set()).add(link.target)
    rows = sorted(((site, len(found), len(targets[site])) for site, found in pages.items()), key=lambda row: -row[1])
    return _table(("Site", "Linking pages", "Target pages"), rows[:1000]).rstrip("\n").encode()


def majestic(links: Sequence[DemoLink], day: date) -> bytes:
    rows = [
        (
            link.target, link.page, link.anchor, _seen(link, day, lag=60), link.born + timedelta(days=5),
            "+" if link.nofollow else "", "+" if link.shape == "image" else "", "", "", "", "", "",
            min(100, _score(link.site, "cf") + 8), _score(link.site, "tf"), 31, 24, "Recreation/Outdoors", 12, "", "",
        )
        for link in _known(links, day, lambda link: link.luck > 0.55)
    ]  # fmt: skip
    return _table(MAJESTIC, rows).encode()
