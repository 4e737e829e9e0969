"""Making a client review: a draft of domains, then the link, which is shown once.

Decided: a client is asked about domains that the team wants disavowed or removed, about nothing else. What the client
will see of each is frozen when the link is made: the decision, the evidence that was on the table in plain words, some
links. Of the link only the hash of its 256 random bits is kept, so a lost link is replaced, never looked up; the new
one ends the old one. Refused: links without an end, and a link to a review that was revoked.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from audit import review
from audit.models import Decision
from backlinks import index
from projects.models import Invitation, Project, User

from .models import ClientAnswer, ClientReview
from .plainly import sentences

ASKABLE = (Decision.Verdict.REMOVE, Decision.Verdict.DISAVOW)
MOST = 1_000  # domains of a review
DAYS, MOST_DAYS = 30, 365
AT_ONCE = 500  # rows of one statement
LOST = "lost"


class NotShared(review.Undecided):
    """A client cannot be asked; the message says why."""


@dataclass(frozen=True, slots=True)
class Asking:
    """How a client is asked. `with_reasons`: what the team wrote as its reasons is shown as well."""

    title: str
    message: str
    days: int
    with_reasons: bool


@dataclass(frozen=True, slots=True)
class Link:
    """A review and the secret of its link, for whoever made it, once."""

    review: ClientReview
    token: str

    @property
    def url(self) -> str:
        return settings.SITE_URL + reverse("audit:client_page", kwargs={"token": self.token})


def draft(project: Project, domains: Iterable[str], user: User) -> ClientReview:
    """A draft about those of the domains that a client can be asked about. Raises `NotShared`."""
    names = sorted(set(domains))
    if len(names) > review.MOST_AT_ONCE:
        raise NotShared(f"These are more than {review.MOST_AT_ONCE:,} domains: narrow the list with a filter first.")
    with transaction.atomic():
        found = list(review.of_names(project, names).filter(verdict__in=ASKABLE)[: MOST + 1])
        if not found:
            raise NotShared("Choose domains that you want disavowed or removed: a client is asked about nothing else.")
        if len(found) > MOST:
            raise NotShared(f"These are more than {MOST:,} domains: nobody answers so many. Narrow the list first.")
        made = ClientReview.objects.create(project=project, made_by=user)
        rows = (ClientAnswer(review=made, domain=one.domain, **_decided(one)) for one in found)
        ClientAnswer.objects.bulk_create(rows, batch_size=AT_ONCE)
    return made


def _decided(one: Decision) -> dict[str, Any]:
    return {"verdict": one.verdict, "decided_at": one.made_at}


def share(draft: ClientReview, asking: Asking, run: index.auditlists.AuditRun | None) -> Link:
    """Freeze what the client will see, and make the link. Raises `NotShared`, `IndexUnavailable`."""
    names = list(draft.answers.values_list("domain", flat=True))
    told = _told(run, names)
    with transaction.atomic():
        row = ClientReview.objects.select_for_update().get(pk=draft.pk)
        if row.asked_at is not None:
            raise NotShared("The client is asked already. The link was shown once: where it is lost, make a new one.")
        _freeze(row, told, with_reasons=asking.with_reasons)
        row.title, row.message, row.asked_at = asking.title, asking.message, timezone.now()
        return _linked(row, asking.days)


def _freeze(row: ClientReview, told: Mapping[str, Mapping[str, Any]], *, with_reasons: bool) -> None:
    """What is decided otherwise by now leaves the draft."""
    answers = list(row.answers.all())
    decisions = review.of_names(row.project, [one.domain for one in answers]).filter(verdict__in=ASKABLE)
    by_domain = {one.domain: one for one in decisions}
    if not by_domain:
        raise NotShared("Nothing of this draft is to be disavowed or removed any more: drop it, and choose anew.")
    row.answers.exclude(domain__in=list(by_domain)).delete()
    stays = [one for one in answers if one.domain in by_domain]
    for one in stays:
        decision = by_domain[one.domain]
        one.verdict, one.decided_at = decision.verdict, decision.made_at
        one.shown = _shown(decision, told.get(one.domain, {}), with_reasons=with_reasons)
    ClientAnswer.objects.bulk_update(stays, ["verdict", "decided_at", "shown"], batch_size=AT_ONCE)


def _told(run: index.auditlists.AuditRun | None, names: list[str]) -> dict[str, dict[str, Any]]:
    """What the newest audit says of each domain."""
    if run is None:
        return {}
    values, examples = index.auditlists.values_of(run, names), index.auditlists.examples_of(run, names)
    counts = index.auditlists.told_of(run, names)
    return {
        name: {"values": values.get(name, {}), "links": examples.get(name, ()), "count": counts[name]["links"]}
        for name in names
        if name in counts
    }


def _shown(decision: Decision, told: Mapping[str, Any], *, with_reasons: bool) -> dict[str, Any]:
    links = [
        {
            "page": one["source_url"],
            "anchor": " ".join((one["anchor"] or "").split()),
            "target": one["target_url"],
            "is_lost": one["state"] == LOST,
        }
        for one in told.get("links", ())
    ]
    return {
        "reason": decision.reason if with_reasons else "",
        "points": sentences(decision.evidence, told.get("values", {})),
        "links": links,
        "count": told.get("count", 0),
    }


# --- Its link ---------------------------------------------------------------------------------------------------------
def _linked(row: ClientReview, days: int) -> Link:
    token = secrets.token_urlsafe(32)
    row.token_hash = Invitation.hash_of(token)
    row.expires_at = timezone.now() + timedelta(days=min(max(days, 1), MOST_DAYS))
    row.save()
    return Link(row, token)


def renew(row: ClientReview, days: int) -> Link:
    """A fresh link; the old one ends. Raises `NotShared`."""
    with transaction.atomic():
        row = ClientReview.objects.select_for_update().get(pk=row.pk)
        if row.asked_at is None or row.closed_at or row.revoked_at:
            raise NotShared("This review takes no answers any more: open it again, or ask anew.")
        return _linked(row, days)


def find(token: str) -> ClientReview | None:
    """The review of this link, whether it still answers or not."""
    found = ClientReview.objects.select_related("project__workspace", "made_by")
    return found.filter(token_hash=Invitation.hash_of(token), project__removed_at=None).first() if token else None


def close(row: ClientReview) -> bool:
    """The client sees what was sent, and changes nothing any more."""
    rows = ClientReview.objects.filter(pk=row.pk, closed_at=None, revoked_at=None).exclude(asked_at=None)
    return bool(rows.update(closed_at=timezone.now()))


def reopen(row: ClientReview) -> bool:
    return bool(ClientReview.objects.filter(pk=row.pk, revoked_at=None).exclude(closed_at=None).update(closed_at=None))


def revoke(row: ClientReview) -> bool:
    """The link ends for good, and agreements that came by it count no more."""
    rows = ClientReview.objects.filter(pk=row.pk, revoked_at=None).exclude(asked_at=None)
    return bool(rows.update(revoked_at=timezone.now()))


def drop(row: ClientReview) -> bool:
    """A draft that nobody saw goes."""
    return bool(ClientReview.objects.filter(pk=row.pk, asked_at=None).delete()[0])
