"""Asking owners to take links away: a request for each domain, what became of it, and what its owner was written.

Decided: a request follows the decision "Ask for removal" and is made in its transaction; where that decision is taken
back the request goes with it, unless somebody has worked on it: then it stays, because a reconsideration request tells
of every attempt. Each change is one more line of its history, with who and when. A contact that our crawler saw on the
site's own pages is offered, with the page and the day; another one is never made up. Refused: calling a link removed
because a source no longer lists it: our own visit has to have looked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from projects.models import Project, User
from seoapp.lib.words import typed

from .mailing import BODY_LENGTH, one_line
from .models import Decision, Removal

State = Removal.State
AT_ONCE = 500  # rows of one statement
NOTE_LENGTH, CONTACT_LENGTH, PAGE_LENGTH = 1_000, 300, 2_048
CALLED = ("info", "contact", "kontakt", "contacto", "hello", "mail", "office", "webmaster", "admin", "editor")


# --- Following decisions ----------------------------------------------------------------------------------------------
def follow(project: Project, names: Iterable[str], user: User) -> None:
    """Requests of these domains follow what is decided about them now; within the transaction that decided it."""
    asked = Decision.objects.filter(project=project, url="", verdict=Decision.Verdict.REMOVE, domain__in=list(names))
    reasons = dict(asked.values_list("domain", "reason"))
    requests = list(Removal.objects.filter(project=project, domain__in=list(names)))
    idle = [one.pk for one in requests if one.domain not in reasons and _is_untouched(one)]
    Removal.objects.filter(pk__in=idle).delete()
    missing = reasons.keys() - {one.domain for one in requests}
    Removal.objects.bulk_create(
        [
            Removal(project=project, domain=name, made_by=user, history=[_line(user, State.TO_SEND, reasons[name])])
            for name in sorted(missing)
        ],
        batch_size=AT_ONCE,
    )


def _is_untouched(one: Removal) -> bool:
    return one.state == State.TO_SEND and len(one.history) == 1 and not one.body


def _line(user: User, state: str, note: str) -> dict[str, str]:
    return {"at": timezone.now().isoformat(timespec="seconds"), "who": str(user), "state": state, "note": note}


# --- What became of it ------------------------------------------------------------------------------------------------
def change(
    removal: Removal, user: User, *, state: str, contact: str, note: str, seen: Sequence["Contact"] = ()
) -> bool:
    """Note what became of a request; False where nothing is new. `seen`: contacts that the crawler knows."""
    with transaction.atomic():
        row = Removal.objects.select_for_update().get(pk=removal.pk)
        contact, note = contact.strip()[:CONTACT_LENGTH], note.strip()[:NOTE_LENGTH]
        if (state, contact) == (row.state, row.contact) and not note:
            return False
        if contact != row.contact:
            source = next((one for one in seen if one.address == contact), None)
            row.contact_page, row.contact_day = (source.page[:PAGE_LENGTH], source.day) if source else ("", None)
            place = f" (seen on {source.page} on {source.day})" if source else ""
            note = " · ".join(filter(None, (note, f"Contact: {contact or 'none'}{place}")))
        row.history = [*row.history, _line(user, state, note)]
        row.state, row.contact, row.note = state, contact, note[:NOTE_LENGTH] or row.note
        row.save()
    return True


def write_mail(removal: Removal, subject: str, body: str) -> None:
    """Keep the mail as somebody wrote it; empty: it is the template's again."""
    body, subject = typed(body, BODY_LENGTH), one_line(typed(subject, BODY_LENGTH))
    kept = {"subject": subject if body else "", "body": body, "changed_at": timezone.now()}
    Removal.objects.filter(pk=removal.pk).update(**kept)


# --- What the crawler saw ---------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Contact:
    """A mail address at the site's own domain, and where and when our crawler saw it."""

    address: str
    page: str
    day: date


def contacts_in(pages: Iterable[Mapping[str, Any]]) -> list[Contact]:
    """Addresses on these pages of a site, those that speak for the whole site first."""
    found: dict[str, Contact] = {}
    for one in pages:
        for address in one.get("mails", ()):
            found.setdefault(address, Contact(address, one["page_url"], one["fetched_at"].date()))
    return sorted(found.values(), key=lambda one: _rank(one.address))


def _rank(address: str) -> int:
    name = address.partition("@")[0]
    return CALLED.index(name) if name in CALLED else len(CALLED)


@dataclass(frozen=True, slots=True)
class Looked:
    """What our last visits found of a domain's links: at `gone` of `links` there is none any more."""

    links: int
    gone: int
    lost: int
    day: datetime

    @property
    def is_gone(self) -> bool:
        """Nothing is left: no link that is not lost, and our own visit has seen that."""
        return bool(self.gone) and self.lost == self.links


def looked(found: Mapping[str, Any] | None) -> Looked | None:
    return Looked(found["links"], found["gone"], found["lost"], found["looked_at"]) if found else None
