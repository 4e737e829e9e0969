"""What a client does with a review: open it, answer in parts, send.

Decided: reading changes nothing, because mail scanners follow links; that a page was opened is told by the page itself,
once a browser shows it. Answers are kept from the first one and count when they are sent; what is changed afterwards
counts at once. A form says what stood there when it was loaded, so that of two windows each writes only what somebody
touched in it. A changed answer asks anew where an editor had dismissed the one before.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from .models import ClientAnswer, ClientReview

NOTE_LENGTH, NAME_LENGTH, EMAIL_LENGTH = 1_000, 120, 254
CHANGED = ("answer", "note", "answered_at", "dismissed_by", "dismissed_at", "dismissal")


class NotTaken(ValueError):
    """An answer that was not taken; the message says why."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a form says of a domain; `was` is the mark of what it showed when it was loaded."""

    answer: str
    note: str
    was: str


@dataclass(frozen=True, slots=True)
class Saved:
    """Domain -> (answer before, answer now) of what was changed; `meanwhile` counts those that another window had
    changed since this one was loaded."""

    changes: Mapping[str, tuple[str, str]]
    meanwhile: int = 0


def mark(answer: str, note: str) -> str:
    return hashlib.sha256(f"{answer}\n{note}".encode()).hexdigest()[:16]


def opened(row: ClientReview) -> bool:
    """Note that somebody has it on the screen; True the first time."""
    rows = ClientReview.objects.filter(pk=row.pk)
    is_first = bool(rows.filter(openings=0).update(openings=1, opened_at=timezone.now()))
    if not is_first:
        rows.update(openings=F("openings") + 1, opened_at=timezone.now())
    return is_first


def save(row: ClientReview, given: Mapping[int, Given]) -> Saved:
    """Keep what was touched. Raises `NotTaken`."""
    with transaction.atomic():
        locked = _locked(row)
        changes, meanwhile, changed = {}, 0, []
        for one in locked.answers.filter(pk__in=list(given)):
            said, before = given[one.pk], one.answer
            now, answer = mark(one.answer, one.note), said.answer if said.answer in ClientAnswer.Answer.values else ""
            if mark(answer, said.note) in (said.was, now):
                continue
            meanwhile += now != said.was
            _say(one, answer or before, said.note)
            changes[one.domain] = (before, one.answer)
            changed.append(one)
        _keep(locked, changed)
    return Saved(changes, meanwhile)


def agree_to_rest(row: ClientReview) -> Saved:
    """Agree to all that has no answer yet. Raises `NotTaken`."""
    with transaction.atomic():
        locked = _locked(row)
        rest = list(locked.answers.filter(answer=""))
        for one in rest:
            _say(one, ClientAnswer.Answer.AGREE, one.note)
        _keep(locked, rest)
    return Saved({one.domain: ("", one.answer) for one in rest})


def _locked(row: ClientReview) -> ClientReview:
    found = ClientReview.objects.select_for_update().get(pk=row.pk)
    if not found.takes_answers:
        raise NotTaken("This review is closed: nothing can be changed any more. Ask whoever sent you the link.")
    return found


def _say(one: ClientAnswer, answer: str, note: str) -> None:
    one.answer, one.note, one.answered_at = answer, note, timezone.now()
    one.dismissed_by, one.dismissed_at, one.dismissal = None, None, ""


def _keep(row: ClientReview, changed: list[ClientAnswer]) -> None:
    if changed:
        ClientAnswer.objects.bulk_update(changed, CHANGED, batch_size=200)
        ClientReview.objects.filter(pk=row.pk).update(changed_at=timezone.now())


def sign(row: ClientReview, name: str, email: str) -> None:
    """Who answers. Raises `NotTaken` where a name is missing or an address has a mistake."""
    if not name:
        raise NotTaken("Your answers are saved, but not sent yet: write your name, so that we know whose they are.")
    if email and not _is_mail(email):
        raise NotTaken("Your answers are saved, but not sent yet: the e-mail address has a mistake.")
    ClientReview.objects.filter(pk=row.pk).update(client_name=name, client_email=email)


def _is_mail(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def send(row: ClientReview) -> datetime | None:
    """Let the answers count; None where they were sent already. Raises `NotTaken`."""
    with transaction.atomic():
        locked = _locked(row)
        if not locked.answers.exclude(answer="").exists():
            raise NotTaken("Nothing is answered yet: choose an answer first.")
        now = timezone.now()
        rows = ClientReview.objects.filter(pk=row.pk, sent_at=None)
        return now if rows.update(sent_at=now, changed_at=now) else None
