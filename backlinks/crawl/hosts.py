"""Politeness: one lease a registrable domain, shared by every worker of every crawl.

Decided: the lease is a row, taken by one conditional UPDATE, the same on SQLite and PostgreSQL. Whoever holds it is the
only one who asks that site, one request at a time; when it is given back, the next moment is counted from the *end* of
the last exchange. Hosts that share an address are capped too, or shared hosting is hit by many "hosts" at once.
Refused: sleeping in a worker, which breaks the delay as soon as there are two.
"""

import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from .models import CrawlHost, CrawlQueue

TOKEN_LENGTH = 32
MAX_DELAY = 3600.0
MAX_RETRY_AFTER = 24 * 3600.0
MAX_DOUBLINGS = 12
LOOK_AGAIN = timedelta(seconds=10)  # at a site that another worker has
CANDIDATES = 4  # hosts looked at for each that is wanted: some share an address


@dataclass(frozen=True, slots=True)
class Visited:
    """How a visit of a site ended. `wait`: seconds from `ended_at` until it may be asked again."""

    domain: str
    ended_at: datetime
    wait: float
    delay: float
    failures: int = 0
    ip: str = ""
    note: str = ""


def now() -> datetime:
    """The database's clock: workers on several machines must agree."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def know(domains: Iterable[str]) -> None:
    """Make a row for sites that have none; they may be asked at once."""
    CrawlHost.objects.bulk_create(
        [CrawlHost(domain=domain, next_at=timezone.now()) for domain in sorted(set(domains))], ignore_conflicts=True
    )


def token_of(crawl_id: int) -> str:
    """The token of a worker; it says which crawl it works on."""
    return f"{crawl_id}.{secrets.token_hex(16)}"[:TOKEN_LENGTH]


def held_for(crawl_id: int) -> list[str]:
    """The sites that workers of this crawl have in their hands, of which something may be on its way."""
    held = CrawlHost.objects.filter(~Q(token=""), token__startswith=f"{crawl_id}.", lease_until__gt=now())
    return list(held.values_list("domain", flat=True))


def take(crawl_id: int, token: str, wanted: int) -> list[CrawlHost]:
    """Lease up to `wanted` sites that the crawl has addresses of and that may be asked now."""
    moment = now()
    open_queues = CrawlQueue.objects.filter(crawl_id=crawl_id, is_open=True).filter(_due(moment))
    free = _free(moment).filter(domain__in=open_queues.values("domain"), next_at__lte=moment)
    free = free.exclude(ip__in=_full_addresses(moment))  # or many sites of one of them hide all others
    found = list(free.order_by("next_at").values_list("pk", "ip")[: wanted * CANDIDATES])
    chosen = _spread(found, moment)[:wanted]
    if not chosen:
        return []
    lease = moment + timedelta(seconds=settings.CRAWL_HOST_LEASE_SECONDS)
    _free(moment).filter(pk__in=chosen, next_at__lte=moment).update(token=token, lease_until=lease)
    return list(CrawlHost.objects.filter(pk__in=chosen, token=token))


def take_one(domain: str, token: str) -> CrawlHost | None:
    """Lease one site, whoever wants it, if it may be asked now."""
    know([domain])
    moment = now()
    free = _free(moment).filter(domain=domain, next_at__lte=moment)
    chosen = _spread(list(free.values_list("pk", "ip")), moment)
    lease = moment + timedelta(seconds=settings.CRAWL_HOST_LEASE_SECONDS)
    if not free.filter(pk__in=chosen).update(token=token, lease_until=lease):
        return None
    return CrawlHost.objects.filter(domain=domain, token=token).first()


def free_at(domain: str) -> datetime:
    """The moment from which a site may be asked, as far as is known."""
    host = CrawlHost.objects.filter(domain=domain).first()
    return max(host.next_at, host.lease_until or host.next_at) if host else now()


def look_at(domain: str) -> datetime:
    """When to look again at a site that may not be asked now. A lease may end before its time."""
    host = CrawlHost.objects.filter(domain=domain).first()
    soon = now() + LOOK_AGAIN
    return max(host.next_at, min(host.lease_until or host.next_at, soon)) if host else soon


def is_held(domain: str) -> bool:
    """Whether some worker has this site in its hands."""
    return CrawlHost.objects.filter(domain=domain, lease_until__gt=now()).exists()


def _due(moment: datetime) -> Q:
    return Q(due_at=None) | Q(due_at__lte=moment)


def _free(moment: datetime) -> QuerySet[CrawlHost]:
    return CrawlHost.objects.filter(Q(lease_until=None) | Q(lease_until__lt=moment))


def _spread(found: Sequence[tuple[int, str]], moment: datetime) -> list[int]:
    """Those of these hosts that do not put too many visitors on one address at once."""
    addresses = {ip for _, ip in found if _counts(ip)}
    if not addresses:
        return [pk for pk, _ in found]
    held = CrawlHost.objects.filter(lease_until__gt=moment, ip__in=addresses).values("ip").annotate(n=Count("pk"))
    busy = Counter({row["ip"]: row["n"] for row in held})
    chosen = []
    for pk, ip in found:
        if not _counts(ip) or busy[ip] < settings.CRAWL_HOSTS_PER_ADDRESS:
            busy[ip] += 1
            chosen.append(pk)
    return chosen


def _full_addresses(moment: datetime) -> list[str]:
    """Those with as many visitors as they may have."""
    held = CrawlHost.objects.filter(~Q(token=""), lease_until__gt=moment).values("ip").annotate(n=Count("pk"))
    return [row["ip"] for row in held.filter(n__gte=settings.CRAWL_HOSTS_PER_ADDRESS).order_by() if _counts(row["ip"])]


def _counts(ip: str) -> bool:
    """Addresses that the operator listed as his own are not spared."""
    return bool(ip) and ip not in settings.SEOAPP_ALLOWED_PRIVATE_HOSTS


def renew(token: str) -> set[str]:
    """Keep what this worker holds; the domains that are still its own."""
    lease = now() + timedelta(seconds=settings.CRAWL_HOST_LEASE_SECONDS)
    held = CrawlHost.objects.filter(token=token)
    held.update(lease_until=lease)
    return set(held.values_list("domain", flat=True))


def still_held(token: str, domains: Collection[str]) -> set[str]:
    """Which of these sites are still leased to this worker, by the database's clock."""
    held = CrawlHost.objects.filter(token=token, domain__in=domains, lease_until__gt=now())
    return set(held.values_list("domain", flat=True))


def release(token: str, visits: Iterable[Visited]) -> None:
    """Give sites back, each with the moment from which it may be asked again."""
    for visit in visits:
        CrawlHost.objects.filter(domain=visit.domain, token=token).update(
            token="",
            lease_until=None,
            next_at=visit.ended_at + timedelta(seconds=min(visit.wait, MAX_RETRY_AFTER)),
            delay=visit.delay,
            failures=visit.failures,
            ip=visit.ip,
            note=visit.note[:300],
            fetched_at=visit.ended_at,
        )


def release_all(token: str) -> None:
    """Give back whatever is still held, unchanged."""
    CrawlHost.objects.filter(token=token).update(token="", lease_until=None)


def backed_off(delay: float, failures: int) -> float:
    """The delay after so many failures in a row: doubled for each, an hour at most."""
    return min(delay * 2 ** min(failures, MAX_DOUBLINGS), MAX_DELAY)


def count_ready(crawl_id: int, most: int) -> int:
    """How many sites of a crawl are in somebody's hands or may be asked now; no more than `most` are counted."""
    moment = now()
    queues = CrawlQueue.objects.filter(crawl_id=crawl_id, is_open=True).filter(_due(moment))
    ready = CrawlHost.objects.filter(domain__in=queues.values("domain"), next_at__lte=moment)
    return ready.filter(Q(lease_until__gt=moment) | ~Q(ip__in=_full_addresses(moment)))[:most].count()


def are_held(crawl_id: int) -> bool:
    """Whether another worker has sites of this crawl now, which it may give back at any moment."""
    queues = CrawlQueue.objects.filter(crawl_id=crawl_id, is_open=True)
    return CrawlHost.objects.filter(domain__in=queues.values("domain"), lease_until__gt=now()).exists()


def next_moment(crawl_id: int) -> datetime | None:
    """When to look at the sites of a crawl again; None when it has none left. A lease may end before its time.

    A site whose address has all the visitors it may have waits until one of them comes back.
    """
    queues = CrawlQueue.objects.filter(crawl_id=crawl_id, is_open=True)
    if not queues.exists():
        return None
    moment = now()
    ready = CrawlHost.objects.filter(domain__in=queues.filter(_due(moment)).values("domain"))
    crowded = Q(ip__in=_full_addresses(moment), next_at__lte=moment)
    visitors = CrawlHost.objects.filter(ip__in=ready.filter(crowded).values("ip"), lease_until__gt=moment)
    found = [ready.filter(~crowded, lease_until__isnull=True).aggregate(at=Min("next_at"))["at"]]
    leases = [one.aggregate(at=Min("lease_until"))["at"] for one in (ready.filter(~crowded), visitors)]
    found += [min(lease, moment + LOOK_AGAIN) for lease in leases if lease]
    found += [queues.filter(due_at__gt=moment).aggregate(at=Min("due_at"))["at"]]
    return min((at for at in found if at), default=moment)
