"""What people did one after the other, so that each can take back the own last steps.

Decided: a step keeps what stood there before, by the name of what it changed, and of each person in a project the last
ones are kept. What somebody else has changed since a step is not brought back. The kinds of steps are tables of their
own, because what they bring back differs.
"""

from typing import Any, TypeVar

from projects.models import Project, User

from .models import AnchorStep, ReviewStep

Step = TypeVar("Step", ReviewStep, AnchorStep)
KEPT = 50  # of one person in one project
ABOUT_LENGTH = 300


def keep(steps: type[Step], project: Project, user: User, about: str, before: dict[str, Any]) -> Step:
    """A new step; the oldest ones of this person go. `before`: name -> the fields that stood there, None for none."""
    step = steps.objects.create(project=project, user=user, about=about[:ABOUT_LENGTH], before=before)
    old = steps.objects.filter(project=project, user=user).values_list("pk", flat=True)[KEPT:]
    steps.objects.filter(pk__in=list(old)).delete()
    return step


def last(steps: type[Step], project: Project, user: User) -> Step | None:
    return steps.objects.filter(project=project, user=user).first()


def still(step: ReviewStep | AnchorStep) -> dict[str, Any]:
    """What stood there before a step, where nobody else has changed it after the step."""
    later = type(step).objects.filter(project=step.project_id, pk__gt=step.pk).exclude(user=step.user_id)
    changed = {name for before in later.values_list("before", flat=True) for name in before}
    return {name: fields for name, fields in step.before.items() if name not in changed}
