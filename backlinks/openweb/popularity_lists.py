"""The popularity lists that are known, and which of them a file is, by its content.

Decided: a header, an origin or a bucket proves a list. Tranco and Cisco Umbrella are written alike (`rank,name`): the
name of the file decides, else its names, because Umbrella counts questions to name servers and so is full of hosts
below a domain, while Tranco holds domains only. What stays open is asked, never guessed. Refused: trusting the name
alone; both publish a `top-1m.csv`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from seoapp.lib.weburl import PLAIN_HOST, registrable_domain

from .holdings import Refused

TRAFFIC, LINKS = "traffic", "links"
BUCKETS = frozenset(int(base * 10**power) for base in (1, 5) for power in range(3, 9))
FITTING = 0.3  # of the first rows, at least
OF_HOSTS = 0.05  # of Umbrella's names, at least, are below a domain
OPEN_PAGERANK = ("rank", "domain", "open page rank")
MAJESTIC = ("globalrank", "domain", "refsubnets")
PLAIN_HEADS = ("rank", "position", "#", "")


@dataclass(frozen=True, slots=True)
class Form:
    """How a list is written: places of its columns (-1: it has none) and the lines before its first row."""

    name: str
    width: int
    domain: int
    rank: int = -1
    tier: int = -1
    subnets: int = -1
    score: int = -1
    skip: int = 0

    @property
    def signal(self) -> str:
        return KNOWN[self.name].signal

    @property
    def label(self) -> str:
        return KNOWN[self.name].label


@dataclass(frozen=True, slots=True)
class Known:
    label: str
    signal: str


KNOWN = {
    "tranco": Known("Tranco", TRAFFIC),
    "crux": Known("Chrome UX Report", TRAFFIC),
    "umbrella": Known("Cisco Umbrella", TRAFFIC),
    "majestic": Known("Majestic Million", LINKS),
    "openpagerank": Known("Open PageRank", LINKS),
}


def recognise(head: Sequence[Sequence[str]], names: Sequence[str], wanted: str = "") -> Form:
    """Which list these first rows are of. `names`: of the file and within it; `wanted`: what the user says it is."""
    form = _by_header(head) or _by_shape(head, names, wanted)
    if form is None:
        raise Refused(_no_list(head))
    if wanted and form.name != wanted:
        raise Refused(
            f"This is a file of {form.label}, not of {KNOWN[wanted].label}: leave --list out, or name another."
        )
    return form


def _no_list(head: Sequence[Sequence[str]]) -> str:
    cells = [cell.strip().lower() for cell in (head[0] if head else ())]
    if len(cells) >= 5 and any("%" in cell for row in head[1:3] for cell in row):
        return "This looks like an export of Search Console's performance report: name its project with --project."
    if any(word in cells for word in ("visits", "clicks", "sessions")):
        return "This looks like visits of a site: name its project with --project."
    known = ", ".join(one.label for one in KNOWN.values())
    return f"This is none of the lists that are known ({known}): its first row is {', '.join(cells)[:120] or 'empty'}."


def _by_header(head: Sequence[Sequence[str]]) -> Form | None:
    cells = [cell.strip().lower() for cell in (head[0] if head else ())]
    at = {name: place for place, name in reversed(list(enumerate(cells)))}
    if all(name in at for name in MAJESTIC):
        return Form("majestic", len(cells), at["domain"], at["globalrank"], subnets=at["refsubnets"], skip=1)
    if tuple(cells) == OPEN_PAGERANK:
        return Form("openpagerank", 3, 1, 0, score=2, skip=1)
    return None


def _by_shape(head: Sequence[Sequence[str]], names: Sequence[str], wanted: str) -> Form | None:
    """Two columns: an origin and its bucket, or a rank and a name."""
    skip = 0 if _is_row(head[0] if head else ()) else 1
    rows = head[skip:]
    if not rows or len(head[0]) != 2:
        return None
    origins = sum(len(row) == 2 and "://" in row[0] and row[1].strip().isdecimal() for row in rows)
    if origins >= FITTING * len(rows):
        if not _are_buckets(rows):
            raise Refused(
                "These are origins with exact ranks, not with the buckets of the Chrome UX Report (1000, 5000, ...)."
            )
        return Form("crux", 2, 0, tier=1, skip=skip)
    hosts = [row[1].strip().lower() for row in rows if len(row) == 2 and row[0].strip().isdecimal()]
    plain = [host for host in hosts if PLAIN_HOST.fullmatch(host)]
    if len(plain) < FITTING * len(rows):
        return None
    if skip and head[0][0].strip().lower() not in PLAIN_HEADS:
        return None
    return Form(wanted if wanted in ("tranco", "umbrella") else _tranco_or_umbrella(plain, names), 2, 1, 0, skip=skip)


def _is_row(row: Sequence[str]) -> bool:
    return any(cell.strip().isdecimal() for cell in row)


def _are_buckets(rows: Sequence[Sequence[str]]) -> bool:
    fitting = sum(row[1].strip().isdecimal() and int(row[1]) in BUCKETS for row in rows if len(row) == 2)
    return fitting >= FITTING * len(rows)


def _tranco_or_umbrella(hosts: Sequence[str], names: Sequence[str]) -> str:
    for name in ("tranco", "umbrella"):
        if any(name in said.lower() for said in names):
            return name
    below = sum(registrable_domain(host) != host for host in hosts)
    if not below:
        return "tranco"
    if below >= OF_HOSTS * len(hosts):
        return "umbrella"
    raise Refused(
        f"{below} of the first {len(hosts)} names are hosts below a domain: too many for Tranco, too few for Cisco "
        "Umbrella. Say which it is with --list tranco or --list umbrella."
    )
