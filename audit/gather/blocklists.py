"""Which linking pages stand on sites that loaded lists name: malware and phishing, and blocklists.

Decided: an entry that names a host stands for it and all below it; one that names a registrable domain for all of the
domain. An entry that names a page of a site stands for its host (www. is the domain itself), because such lists are of
pages that infect and the rest of the host is in the same hand, but for a host of many people's files and a popular
site: there it stands for that page alone. A shared host that a list names by mistake says nothing of those who use it.
What is on no list is clear only as long as some list of the kind is fresh; hits say their list, its day, and the age of
an old one.
"""

from dataclasses import dataclass, replace

import numpy as np

from audit.disavow.hosts import with_parents
from audit.disavow.protected import protected
from audit.lists import listed
from audit.profile import Profile, Rows, Words
from backlinks import index

NAMES = {index.listedhosts.MALWARE: "malware", index.listedhosts.BLOCKLIST: "blocked"}  # kind -> column
SAID = "{}_by"


@dataclass(frozen=True, slots=True)
class Hits:
    """What is said of hosts with all below them, and of single pages by their keys."""

    hosts: dict[str, str]
    pages: dict[str, str]


def of_lists(query: index.LinkQuery, profile: Profile) -> Profile:
    """The pages with malware and blocked, and what says so."""
    lists = index.listedhosts.lists(query.workspace)
    if not lists:
        return profile
    hosts, pages = (made(query).to_pylist() for made in (index.listedhosts.of_domains, index.listedhosts.of_pages))
    popular = _popular(profile)
    made = Rows(profile.pages.count)
    for kind, name in NAMES.items():
        days = [(profile.as_of - one.day).days for one in lists if one.kind == kind]
        if days:
            said = ([row for row in rows if row["kind"] == kind] for rows in (hosts, pages))
            hits = _hits(*said, popular=popular, today=profile.today)
            clear = 0.0 if min(days) <= index.listedhosts.OLD_DAYS else np.nan
            made = made.joined(_column(profile, hits, name, clear=clear))
    return replace(profile, pages=profile.pages.joined(made))


def _popular(profile: Profile) -> frozenset[str]:
    names = profile.domains.text("name")
    return frozenset(names.at(row) for row in np.flatnonzero(profile.domains.number("popularity") > 0).tolist())


def _hits(hosts: list[dict[str, str]], pages: list[dict[str, str]], *, popular: frozenset[str], today: int) -> Hits:
    """The first list that names a host or a page speaks; the order is that of the index."""
    made = Hits({}, {})
    for row in hosts:
        named = row["reach"] == index.listedhosts.NAME
        host = row["domain"] if row["host"] == f"www.{row['domain']}" else row["host"]
        if not is_shared(host) and (named or row["domain"] not in popular):
            made.hosts.setdefault(host, _said(row, today))
    for row in pages:
        made.pages.setdefault(row["page"], _said(row, today))
    return made


def is_shared(host: str) -> bool:
    """Whether many people keep something on this very host."""
    bare = host.removeprefix("www.")
    return bare in listed("file_hosts") or bare in listed("free_hosts") or protected().is_shared(bare)


def _said(row: dict[str, str], today: int) -> str:
    day = int(row["day"])
    age = today - day
    old = f", {age:,} days old" if age > index.listedhosts.OLD_DAYS else ""
    return f"{row['entry']} ({row['list']} of {np.datetime64(day, 'D')}{old})"


def _column(profile: Profile, hits: Hits, name: str, *, clear: float) -> Rows:
    """1 where a page or its host is named; `clear` elsewhere. The host of what is known by its domain alone is that."""
    pages = profile.pages
    said = tuple(dict.fromkeys((*hits.hosts.values(), *hits.pages.values())))
    number = {text: place for place, text in enumerate(said)}
    of_host = {host: number[text] for host, text in hits.hosts.items()}
    of_page = {key: number[text] for key, text in hits.pages.items()}
    hosts = pages.text("host")
    by_host = hosts.each(lambda host: next((of_host[one] for one in with_parents(host) if one in of_host), np.nan))
    by_domain = profile.domains.text("name").each(lambda domain: of_host.get(domain, np.nan))[profile.home]
    code = np.where(hosts.known, by_host, by_domain)
    if of_page:
        by_page = pages.text("key").each(lambda key: of_page.get(key, np.nan))
        code = np.where(np.isnan(by_page), code, by_page)
    hit = ~np.isnan(code)
    values = np.where(hit, 1.0, clear).astype(np.float32)
    words = Words(np.where(hit, code, -1).astype(np.int32), said)
    return Rows(pages.count, {name: values}, {SAID.format(name): words})
