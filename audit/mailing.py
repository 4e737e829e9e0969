"""The mail to the owner of a site: a template with flat tags, its draft for one request, and what somebody made of it.

Decided: a template is a project's own, or ours. A tag is `{{ name }}` out of a fixed list, and nothing else is syntax;
what is put in for one tag is never read for tags again. What somebody has written stays as it is, until he starts from
the template again. Nothing is sent from here: the mail is a draft for one's own mail program. Refused: naming a
penalty, or a threat to disavow, in a mail to somebody who may have done nothing wrong.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from projects.models import Project, User
from seoapp.lib.words import counted

from .models import Removal, RemovalMail

MOST_NAMED = 50  # links in a mail
MOST_OF_ADDRESS = 1_800  # characters of a mailto address that every mail program takes
SUBJECT_LENGTH, BODY_LENGTH = 300, 20_000
LOST = "lost"
TAG = re.compile(r"\{\{ *([a-z_]+) *\}\}")
TAGS = {
    "domain": "the site that links",
    "site": "the site that is linked to",
    "count": "how many links there are, such as “3 links”",
    "links": "a line for each link: page, target and words",
    "since": "since when the oldest of them is known",
    "me": "the name of whoever opens the mail",
    "workspace": "the workspace's name",
}
SUBJECT = "Links from {{ domain }} to {{ site }}"
BODY = """Hello,

I look after {{ site }}. On {{ domain }} we found {{ count }} to it:

{{ links }}

Could you please take away what is listed here? If you would rather keep it, a rel="nofollow" helps as well. A short \
answer when it is done would be kind.

Thank you, and sorry for the trouble.

{{ me }}
{{ workspace }}"""
UNKNOWN_DAY = "an unknown day"


@dataclass(frozen=True, slots=True)
class Template:
    subject: str = SUBJECT
    body: str = BODY


@dataclass(frozen=True, slots=True)
class Mail:
    """A draft to the owner of a site; `address` opens it in a mail program; `is_own`: somebody has written it."""

    subject: str
    body: str
    address: str
    is_own: bool


# --- Templates --------------------------------------------------------------------------------------------------------
def template_of(project: Project) -> Template:
    own = RemovalMail.objects.filter(project=project).first()
    return Template(own.subject, own.body) if own else Template()


def checked(text: str) -> None:
    """Raises `ValidationError` where a template has a tag that there is not."""
    unknown = [name for name in TAG.findall(text) if name not in TAGS]
    if unknown:
        raise ValidationError(f"There is no tag {{{{ {unknown[0]} }}}}: the tags are {', '.join(TAGS)}.")


def filled(text: str, values: Mapping[str, str]) -> str:
    """A template with its tags replaced, in one pass."""
    return TAG.sub(lambda found: values.get(found.group(1), found.group(0)), text)


# --- The draft --------------------------------------------------------------------------------------------------------
def mail_of(project: Project, removal: Removal, links: Sequence[Mapping[str, Any]], sender: User, to: str = "") -> Mail:
    """What somebody has written, else the template with the links that are not known to be gone. `to`: a contact that
    is not noted yet."""
    is_own = bool(removal.body)
    if is_own:
        subject, body = removal.subject, removal.body
    else:
        template, values = template_of(project), _values(project, removal, links, sender)
        subject, body = one_line(filled(template.subject, values)), filled(template.body, values)
    contact = removal.contact or to
    recipient = contact if is_mail(contact) else ""
    return Mail(subject, body, _address(recipient, subject, body, removal.domain), is_own)


def one_line(text: str) -> str:
    """A subject holds no line break."""
    return " ".join(text.split())[:SUBJECT_LENGTH]


def _values(project: Project, removal: Removal, links: Sequence[Mapping[str, Any]], sender: User) -> dict[str, str]:
    there = [one for one in links if one["state"] != LOST]
    return {
        "domain": removal.domain,
        "site": project.target.domain,
        "count": counted(len(there), "link") if there else "links",
        "links": _named(there),
        "since": _since(there),
        "me": sender.name or str(sender),
        "workspace": project.workspace.name,
    }


def _named(links: Sequence[Mapping[str, Any]]) -> str:
    if not links:
        return "- (name the pages here: none is known that still links)"
    lines = [f"- {_place(one)}" for one in links[:MOST_NAMED]]
    left = len(links) - MOST_NAMED
    return "\n".join([*lines, f"- and {counted(left, 'more link')}"] if left > 0 else lines)


def _place(one: Mapping[str, Any]) -> str:
    page = one["source_url"] or "a page of yours"
    anchor = " ".join((one["anchor"] or "").split())
    words = f" with the words “{anchor[:80]}”" if anchor else ""
    day = _day(one)
    return f"{page} links to {one['target_url']}{words}{f', since {day}' if day else ''}"


def _since(links: Sequence[Mapping[str, Any]]) -> str:
    return min(filter(None, map(_day, links)), default=UNKNOWN_DAY)


def _day(one: Mapping[str, Any]) -> str:
    """When a link was first seen; "" where nobody knows."""
    seen: date | None = one.get("first_seen")
    return f"{seen:%Y-%m-%d}" if seen and seen.year > 1970 else ""


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
