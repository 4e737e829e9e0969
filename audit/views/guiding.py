"""The guide on the pages: what was answered, what the newest audit shows of an attack, and where it leads."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.http import urlencode

from audit import guide
from audit.models import Audit
from backlinks import index
from projects.models import Project

from .asked import run_of, shown

LEAST_NETWORK = 5


@dataclass(frozen=True, slots=True)
class Question:
    """`choices`: (value, label, whether it was chosen)."""

    name: str
    text: str
    help: str
    choices: list[tuple[str, str, bool]]


@dataclass(frozen=True, slots=True)
class Guided:
    """`answers`: those that were given; `attack`: what the audit shows of one, in words."""

    questions: list[Question]
    answers: dict[str, str]
    attack: str
    ending: guide.Ending | None

    @property
    def query(self) -> str:
        return urlencode(self.answers)


def guided(project: Project, given: Mapping[str, str]) -> Guided:
    """The guide with these answers (of a form or an address). Raises `IndexUnavailable`."""
    audit = shown(project)
    attack = _attack(audit)
    told = guide.asked(given, attack=bool(attack))
    questions = [
        Question(name, *guide.QUESTIONS[name], [(value, label, value == answer) for value, label in guide.ANSWERS])
        for name, answer in told.items()
    ]
    ending = guide.ending(given, attack=bool(attack), audited=audit is not None)
    return Guided(questions, {name: answer for name, answer in told.items() if answer}, attack, ending)


def _attack(audit: Audit | None) -> str:
    """The pattern of an attack that the newest audit shows, in words; "" for none."""
    if audit is None:
        return ""
    run = run_of(audit)
    spike = index.auditlists.fired(run).get("PRO01", 0)
    largest = max((one["size"] for one in index.auditlists.networks(run, 1)), default=0)
    if not spike or largest < LEAST_NETWORK:
        return ""
    return (
        f"{spike:,} domains came in a spike of new ones, and a network of {largest:,} domains is among those that link."
    )
