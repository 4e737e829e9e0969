"""Asking owners to take links away: a request for each domain, what became of it, and the mail.

Decided: a request follows the decision "Ask for removal" and is made in its transaction; where that decision is taken
back the request goes with it, unless somebody has worked on it: then it stays, because a reconsideration request tells
of every attempt. Each change is one more line of its history, with who and when. Nothing is sent from here: the mail is
a draft for one's own mail program. Refused: naming a penalty, or a threat to disavow, in a mail to somebody who may
have done nothing wrong.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from projects.models import Project, User
from seoapp.lib.words import counted

from .models import Decision, Removal

State = Removal.State
AT_ONCE = 500  # rows of one statement
NOTE_LENGTH, CONTACT_LENGTH = 1_000, 300
MOST_NAMED = 50  # links in a mail
MOST_OF_ADDRESS = 1_800  # characters of a mailto address that every mail program takes
LOST = "lost"


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
    return one.state == State.TO_SEND and len(one.history) == 1


def _line(user: User, state: str, note: str) -> dict[str, str]:
    return {"at": timezone.now().isoformat(timespec="seconds"), "who": str(user), "state": state, "note": note}


# --- What became of it ------------------------------------------------------------------------------------------------
def change(removal: Removal, user: User, *, state: str, contact: str, note: str) -> bool:
    """Note what became of a request; False where nothing is new."""
    with transaction.atomic():
        row = Removal.objects.select_for_update().get(pk=removal.pk)
        contact, note = contact.strip()[:CONTACT_LENGTH], note.strip()[:NOTE_LENGTH]
        if (state, contact) == (row.state, row.contact) and not note:
            return False
        moved = f"Contact: {contact or 'none'}" if contact != row.contact else ""
        row.history = [*row.history, _line(user, state, " · ".join(filter(None, (note, moved))))]
        row.state, row.contact, row.note = state, contact, note or row.note
        row.save()
    return True


# --- The mail ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Mail:
    """A draft to the owner of a site; `address` opens it in a mail program."""

    subject: str
    body: str
    address: str


def mail_of(project: Project, removal: Removal, links: Sequence[Mapping[str, Any]], sender: User) -> Mail:
    """The draft with the links that are not known to be gone."""
    there = [one for one in links if one["state"] != LOST]
    site = project.target.domain
    subject = f"Links from {removal.domain} to {site}"
    body = _body(project, removal, there, sender)
    recipient = removal.contact if is_mail(removal.contact) else ""
    return Mail(subject, body, _address(recipient, subject, body, removal.domain))


def _body(project: Project, removal: Removal, links: Sequence[Mapping[str, Any]], sender: User) -> str:
    site, many = project.target.domain, len(links) != 1
    parts = ["Hello,", f"I look after {site}. {_found(removal.domain, site, len(links))}"]
    if links:
        named = "\n".join(f"- {_place(one)}" for one in links[:MOST_NAMED])
        left = len(links) - MOST_NAMED
        parts.append(f"{named}\n- and {counted(left, 'more link')}" if left > 0 else named)
    them = "them" if many else "it"
    parts += [
        f'Could you please take {them} away? If you would rather keep {them}, a rel="nofollow" helps as well. A short '
        "answer when it is done would be kind.",
        "Thank you, and sorry for the trouble.",
        f"{sender.name or sender}\n{project.workspace.name}",
    ]
    return "\n\n".join(parts)


def _found(domain: str, site: str, count: int) -> str:
    if not count:
        return f"We found links from {domain} to it that we would like to have removed."
    these = "this link" if count == 1 else f"these {count:,} links"
    return f"We found {these} from {domain} to it, and would like to have {'it' if count == 1 else 'them'} removed:"


def _place(one: Mapping[str, Any]) -> str:
    page = one["source_url"] or "a page of yours"
    anchor = " ".join((one["anchor"] or "").split())
    words = f" with the words “{anchor[:80]}”" if anchor else ""
    return f"{page} links to {one['target_url']}{words}"


def is_mail(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _address(recipient: str, subject: str, body: str, domain: str) -> str:
    """A mailto address; where the whole mail is too long for one, its beginning."""
    start = f"mailto:{quote(recipient, safe='@')}?subject={quote(subject)}&body="
    text = quote(body.replace("\n", "\r\n"))
    if len(start) + len(text) <= MOST_OF_ADDRESS:
        return start + text
    return f"{start}{quote(f'(Paste the text of the mail to {domain} here.)')}"
