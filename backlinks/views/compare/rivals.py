"""What the pages beside others share: targets that stand beside the one that is read, as URLs name them and as shown.

A target beside is named by `with=`; where its scope is not what its text says by itself, the scope stands before it:
`with=host:blog.rival.example`.
"""

from dataclasses import replace

from backlinks.views.reading import SCOPE_WORDS, NotYours, Reading, may_read, own_targets
from seoapp.lib.weburl import BadUrl, Target

MAX_TARGET = 2048


def parse_beside(text: str) -> Target:
    """The target that a `with` names. Raises `BadUrl`."""
    if len(text) > MAX_TARGET:
        raise BadUrl(f"longer than {MAX_TARGET} characters")
    scope, colon, rest = text.strip().partition(":")
    if colon and scope in SCOPE_WORDS and not rest.startswith("//"):
        return Target.parse(rest, scope)
    return Target.parse(text)


def name_of(target: Target) -> str:
    """The text that `parse_beside` reads as this target."""
    text = str(target)
    return text if _plainly(text) == target else f"{target.scope}:{text}"


def _plainly(text: str) -> Target | None:
    try:
        return Target.parse(text)
    except BadUrl:
        return None


def of_target(reading: Reading, target: Target) -> Reading:
    """The same reading of another target. Raises `NotYours` where this member may not read it."""
    if target != reading.target and reading.is_narrow and not may_read(reading.project, target):
        raise NotYours(f"Your access covers {reading.project.target.label} and its competitors")
    return of_readable(reading, target)


def of_readable(reading: Reading, target: Target) -> Reading:
    """The same reading of another target, of which it is known that this member may read it."""
    if target == reading.target:
        return reading
    keep = {} if target == reading.project.target else {"target": str(target), "scope": target.scope}
    return replace(reading, target=target, keep=keep)


def rivals_of(reading: Reading) -> list[Target]:
    """The project's own target and its competitors, without the target that is read."""
    return [one for one in dict.fromkeys(own_targets(reading.project)) if one != reading.target]
