"""Where strangers stand by who announces a network, and how many pages whole crawls of a site have found.

Decided: only addresses are placed at which several referring domains stand, because others join nobody. A crawl that
ended at its limit has not counted a site's pages. Pages that link to us are no count of a site's pages either: of a
site that was never crawled whole the number stays unknown, and markers take what links for "at least".
"""

from collections import defaultdict
from collections.abc import Sequence, Set

import numpy as np
from django.db.models import F

from audit.profile import Rows, Sets
from backlinks import index
from backlinks.models import Crawl
from backlinks.network.facts import network_of
from backlinks.network.judge import is_of_strangers
from seoapp.lib.weburl import BadUrl, parse

from .asked import Asked

CROWD = 5  # domains in a network from which anybody asks whose it is


def of_crawls(asked: Asked) -> Rows:
    """pages of those domains that the workspace has crawled to their end; the newest crawl counts."""
    ended = Crawl.objects.filter(
        workspace=asked.project.workspace_id, kind="site", state=Crawl.State.DONE, pages__lt=F("max_pages"), pages__gt=0
    )
    counted: dict[str, int] = {}
    for starts, pages in ended.order_by("finished_at").values_list("starts", "pages"):
        counted |= dict.fromkeys(_domains(starts), pages)
    if not counted:
        return Rows(len(asked.names))
    return Rows(
        len(asked.names),
        {"pages": np.array([counted.get(name, np.nan) for name in asked.names.to_pylist()], np.float32)},
    )


def _domains(starts: list[str]) -> set[str]:
    """The one domain that a crawl began at; none of one that began at several, whose pages are mixed."""
    try:
        found = {parse(one, assume="https").domain for one in starts}
    except BadUrl:
        return set()
    return found if len(found) == 1 else set()


def of_strangers(domains: Rows) -> Rows:
    """shared: addresses and networks of each domain that are announced by a company of many people's sites."""
    if index.addresses.current() is None:
        return Rows(domains.count)
    networks, ips = domains.lists("networks"), domains.lists("ips")
    crowds = np.bincount(networks.codes, minlength=len(networks.values))
    crowded = {networks.values[code] for code in np.flatnonzero(crowds >= CROWD).tolist()}
    asked = {ip: network for ip in ips.values if (network := network_of(ip)) in crowded}
    places = index.addresses.locate(asked)
    strangers = defaultdict(set)
    for ip, place in places.items():
        if is_of_strangers(place.network):
            strangers[asked[ip]].add(ip)
    held = {ip for found in strangers.values() for ip in found} | strangers.keys()
    return Rows(domains.count, sets={"shared": _kept((ips, networks), held)})


def _kept(parts: Sequence[Sets], held: Set[str]) -> Sets:
    """The texts of each row that are `held`, of one part after the other; known where one of the parts is."""
    owners, codes = [], []
    values = tuple(sorted(held))
    number = {text: place for place, text in enumerate(values)}
    for part in parts:
        of_values = np.array([number.get(text, -1) for text in part.values], np.int32)
        found = of_values[part.codes] if len(of_values) else part.codes
        owners.append(part.owners[found >= 0])
        codes.append(found[found >= 0])
    rows = np.concatenate(owners)
    order = np.argsort(rows, kind="stable")
    known = np.logical_or.reduce([part.known for part in parts])
    starts = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=len(known))))).astype(np.int64)
    return Sets(starts, np.concatenate(codes)[order].astype(np.int32), values, known)
