"""What registries say of domains, and whose turn it is at each of their servers.

Decided: a record belongs to nobody: that a domain is registered is public, whoever asked for it first. What was told
stays when a later question fails; `due_at` says when it is asked again. Servers are leased as sites are
(`backlinks/crawl/hosts.py`): by one conditional UPDATE, by the database's clock. A question is counted when it is
asked, so that one of a process that died counts too.
"""

import re
import secrets
from collections import defaultdict
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from backlinks.crawl.hosts import now

LEASE = timedelta(seconds=60)  # longer than a question may take
HOUR = timedelta(hours=1)
# What stands where an organisation would, and names nobody.
NOBODY = re.compile(
    r"redact|privacy|\bprivate\b(?! limited| ltd)|\bprox(?:y|ies)\b|whois|not disclosed|undisclosed|non-?public|"
    r"withheld|\bmask(?:ed|ing)\b|data protect|identity protect|gdpr|anonym|not (?:applicable|available)|statutory|"
    r"^individual|^personal|^registrant|^(?:unknown|none|null|self|home|test|n/?a)$"
)
LEAST_LETTERS = 3


class Registration(models.Model):
    """One registrable domain, as its registry knows it. `looked_up_at`: when this was told."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        KNOWN = "known", "Registered"
        ABSENT = "absent", "Not registered"
        FAILED = "failed", "Not found out"

    domain = models.CharField(max_length=253, unique=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    registered_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    registrar = models.CharField(max_length=200, blank=True)
    registrant = models.CharField(max_length=200, blank=True)
    status = models.JSONField(default=list)
    name_servers = models.JSONField(default=list)
    server = models.CharField(max_length=300, blank=True)
    looked_up_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(default=timezone.now, db_index=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("domain",)

    def __str__(self) -> str:
        return self.domain


class RdapServer(models.Model):
    """A registry's server by its origin. `asked` counts the questions since `hour_from`."""

    origin = models.CharField(max_length=300, unique=True)
    token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)
    next_at = models.DateTimeField(default=timezone.now)
    hour_from = models.DateTimeField(default=timezone.now)
    asked = models.PositiveIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("origin",)

    def __str__(self) -> str:
        return self.origin


# --- Turns ----------------------------------------------------------------------------------------------------------
def take(origin: str) -> str:
    """Lease a server for one question; the token, or "" where it may not be asked now."""
    moment, token = now(), secrets.token_hex(16)
    if not RdapServer.objects.filter(origin=origin).exists():
        RdapServer.objects.bulk_create([RdapServer(origin=origin, next_at=moment)], ignore_conflicts=True)
    _free(origin, moment).filter(hour_from__lte=moment - HOUR).update(hour_from=moment, asked=0)
    may = _free(origin, moment).filter(next_at__lte=moment, asked__lt=settings.RDAP_PER_HOUR)
    taken = may.update(token=token, lease_until=moment + LEASE, asked=F("asked") + 1)
    return token if taken else ""


def _free(origin: str, moment: datetime) -> QuerySet[RdapServer]:
    return RdapServer.objects.filter(Q(lease_until=None) | Q(lease_until__lt=moment), origin=origin)


def give_back(origin: str, token: str, wait: float, *, failed: bool) -> None:
    """`wait`: seconds from now until the server may be asked again."""
    RdapServer.objects.filter(origin=origin, token=token).update(
        token="",
        lease_until=None,
        next_at=now() + timedelta(seconds=wait),
        failures=F("failures") + 1 if failed else 0,
    )


def free_at(origin: str) -> datetime:
    """The moment from which a server may be asked. Another process may give it back earlier than it said."""
    server, moment = RdapServer.objects.filter(origin=origin).first(), now()
    if server is None:
        return moment
    if server.lease_until and server.lease_until > moment:
        return max(server.next_at, moment + timedelta(seconds=1))
    spent = server.asked >= settings.RDAP_PER_HOUR
    return max(server.next_at, server.hour_from + HOUR) if spent else server.next_at


def failures_of(origin: str) -> int:
    """How many questions in a row this server has failed to answer."""
    return RdapServer.objects.filter(origin=origin).values_list("failures", flat=True).first() or 0


# --- One registrant -------------------------------------------------------------------------------------------------
def organisation(text: str) -> str:
    """An organisation in the spelling that is compared; "" for words that name nobody, as those of privacy services."""
    folded = " ".join(text.casefold().replace(",", " ").replace(".", " ").split())
    if sum(one.isalnum() for one in folded) < LEAST_LETTERS or NOBODY.search(folded):
        return ""
    return folded


def of_one_registrant() -> list[list[str]]:
    """Domains whose records publish the same organisation, in groups of two and more; the same order every time."""
    published = Registration.objects.filter(state=Registration.State.KNOWN).exclude(registrant="")
    groups = defaultdict(list)
    for domain, registrant in published.order_by("domain").values_list("domain", "registrant"):
        groups[organisation(registrant)].append(domain)
    return [domains for name, domains in sorted(groups.items()) if name and len(domains) > 1]
