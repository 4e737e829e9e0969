"""Classes of anchors that people set or confirm, and taking them back.

Decided: a class is set for the folded words of an anchor; it holds for every spelling, for new links, and in every
audit from the next one on, until somebody takes it back. Confirming sets the class that the rules gave, so that a later
change of the project's terms does not undo what somebody has looked at. Each step keeps what stood there before, the
last ones of each person; what somebody else has said since stays. Reports of backlinks go by the rules alone: several
projects may read one profile, and the facts do not know who judged them. Refused: a class for a single link, because an
anchor means the same everywhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from audit import steps
from projects.models import Project, User
from seoapp.lib.words import counted

from .models import LONGEST, AnchorClass, AnchorStep

# Class -> what it is called; those that people can choose.
CHOICES = {
    "brand": "Brand",
    "exact": "Exact keyword",
    "partial": "Partial keyword",
    "compound": "Compound",
    "generic": "Generic",
    "other": "Other",
}
LABELS = {**CHOICES, "naked": "Naked address"}
CONFIRM, BY_RULES = "confirm", "rules"
MOST_AT_ONCE = 5_000
AT_ONCE = 500  # rows of one statement
FIELDS = ("kind", "judged", "made_by_id", "made_at")


class Unclassed(ValueError):
    """Nothing was changed; the message says why."""


def classify(project: Project, anchors: Mapping[str, str], action: str, user: User) -> AnchorStep:
    """Set the class of these anchors (folded words -> their class now): one of CHOICES, CONFIRM, or BY_RULES, which
    takes back what people said. Raises `Unclassed`."""
    words = _checked(anchors, action)
    label = {CONFIRM: "Confirmed", BY_RULES: "By the rules again"}.get(action) or CHOICES[action]
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        step = _keep_step(project, user, f"{label}: {_named(words)}", words)
        known = {one.words: one.judged for one in _of_words(project, words)}
        _delete(project, words)
        if action != BY_RULES:
            moment = timezone.now()
            made = [_made(project, one, anchors[one], action, known.get(one), user, moment) for one in words]
            AnchorClass.objects.bulk_create(made, batch_size=AT_ONCE)
    return step


def _checked(anchors: Mapping[str, str], action: str) -> list[str]:
    if action not in CHOICES and action not in (CONFIRM, BY_RULES):
        raise Unclassed("Choose what the anchors are, or confirm what the rules say.")
    words = sorted(one for one in anchors if len(one) <= LONGEST)
    if not words:
        raise Unclassed("No anchor was chosen: tick rows, or choose all rows of the list.")
    if len(anchors) > MOST_AT_ONCE:
        raise Unclassed(f"These are more than {MOST_AT_ONCE:,} anchors: narrow the list with a filter first.")
    return words


def _made(
    project: Project, words: str, now: str, action: str, before: str | None, user: User, moment: datetime
) -> AnchorClass:
    """`before`: what the class was before somebody set it for the first time."""
    kind = now if action == CONFIRM else action
    return AnchorClass(project=project, words=words, kind=kind, judged=before or now, made_by=user, made_at=moment)


def _named(words: Sequence[str]) -> str:
    return f"“{words[0][:120]}”" if len(words) == 1 else counted(len(words), "anchor")


def _keep_step(project: Project, user: User, about: str, words: Sequence[str]) -> AnchorStep:
    before: dict[str, Any] = dict.fromkeys(words)
    for one in _of_words(project, words):
        before[one.words] = {name: getattr(one, name) for name in FIELDS} | {"made_at": one.made_at.isoformat()}
    return steps.keep(AnchorStep, project, user, about, before)


def _of_words(project: Project, words: Sequence[str]) -> Iterable[AnchorClass]:
    for start in range(0, len(words), AT_ONCE):
        yield from AnchorClass.objects.filter(project=project, words__in=words[start : start + AT_ONCE])


def _delete(project: Project, words: Sequence[str]) -> None:
    for start in range(0, len(words), AT_ONCE):
        AnchorClass.objects.filter(project=project, words__in=words[start : start + AT_ONCE]).delete()


def undo(project: Project, user: User) -> AnchorStep:
    """Take back the last step of this person, but for anchors of which somebody else has said something since. A step
    of which nothing is left is forgotten. Raises `Unclassed`."""
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        step = last_step(project, user)
        if step is None:
            raise Unclassed("There is nothing to take back.")
        step.before = before = steps.still(step)
        _delete(project, list(before))
        restored = [_restored(project, words, fields) for words, fields in before.items() if fields is not None]
        AnchorClass.objects.bulk_create(restored, batch_size=AT_ONCE)
        step.delete()
    if not before:
        raise Unclassed(f"{step.about} stays: somebody else has said something of it since. Choose anew instead.")
    return step


def _restored(project: Project, words: str, fields: Mapping[str, Any]) -> AnchorClass:
    return AnchorClass(project=project, words=words, **{**fields, "made_at": parse_datetime(fields["made_at"])})


# --- Reading ----------------------------------------------------------------------------------------------------------
def last_step(project: Project, user: User) -> AnchorStep | None:
    return steps.last(AnchorStep, project, user)


def by_hand(project: Project) -> tuple[tuple[str, str], ...]:
    """(folded words, class) of every anchor that somebody has reviewed."""
    return tuple(AnchorClass.objects.filter(project=project).order_by("words").values_list("words", "kind"))


def said_of(project: Project, words: Iterable[str]) -> dict[str, AnchorClass]:
    """Who said what of these anchors."""
    made = AnchorClass.objects.filter(project=project, words__in=list(words)).select_related("made_by")
    return {one.words: one for one in made}
