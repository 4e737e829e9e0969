"""What can be done with many links or domains at once: one registry, `LINK_ACTIONS` in settings, by dotted path.

Decided: a later stage adds its action ("send to prospects") by one line there. An action gets rows that were found in
the index again, never what a form said they are, and answers with a sentence; what it gives as `before` lets it take
everything back. Refused: signals, because nobody could say then what a button does.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from projects.models import Project, User
from seoapp.lib import registry


@dataclass(frozen=True, slots=True)
class Chosen:
    """A row that somebody chose: a link, or (without id and addresses) a whole referring domain."""

    domain: str
    link_id: str = ""
    source_url: str = ""
    target_url: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """What an action asks for: one line of text of at most `most` characters; `needed`: it must say something."""

    name: str
    label: str
    most: int
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done, as a sentence, to how many rows; `before` is plain data for `undo`, None: there is no way back."""

    message: str
    changed: int
    before: list[Any] | None = None


class Refused(ValueError):
    """The action cannot be carried out; the message says what to do."""


Run = Callable[[Project, User, Sequence[Chosen], Mapping[str, str]], Outcome]
Undo = Callable[[Project, User, list[Any]], Outcome]


@dataclass(frozen=True, slots=True)
class LinkAction:
    """`role` is the lowest that may take it; `run` may raise `Refused`."""

    name: str
    label: str
    icon: str
    role: str
    run: Run
    fields: tuple[Field, ...] = ()
    undo: Undo | None = None


def link_actions() -> list[LinkAction]:
    return registry.load(settings.LINK_ACTIONS)


def link_action(name: str) -> LinkAction | None:
    return next((one for one in link_actions() if one.name == name), None)
