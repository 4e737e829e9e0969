"""An entry of a disavow list: a domain or one page, with who put it there, when and why; and how a comment says so.

Decided: the writer's labels (Group, Who, When, Why) are read back, so that a file that we wrote and got back is the
list that it came from. Refused: looking for names and dates in other people's comments.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Literal

EntryKind = Literal["domain", "url"]
LABEL = re.compile(r"(Group|Who|When|Why):(?: (.*)|)")
DATED = re.compile(r"(.*), When: (\d{4}-\d\d-\d\d)")


@dataclass(frozen=True, slots=True)
class Entry:
    """`only_www` says that somebody means the www host alone; `line` is where it stood in a file, 0 elsewhere."""

    kind: EntryKind
    value: str
    reason: str = ""
    who: str = ""
    when: date | None = None
    group: str = ""
    only_www: bool = False
    line: int = 0

    @property
    def text(self) -> str:
        """Its line in a file."""
        return f"domain:{self.value}" if self.kind == "domain" else self.value

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.value


def about(block: str) -> Entry:
    """What a comment block says about the entries below it, as an entry without a value."""
    lines = block.split("\n")
    if not LABEL.fullmatch(lines[0]):
        return Entry("domain", "", reason=block)
    said: dict[str, str] = {}
    label = ""
    for line in lines:
        found = LABEL.fullmatch(line)
        if found and label != "Why":
            label, line = found.group(1), found.group(2) or ""
        said[label] = f"{said.get(label, '')} {line}".strip()
    dated = DATED.fullmatch(said.get("Who", ""))
    who, when = dated.groups() if dated else (said.get("Who", ""), said.get("When", ""))
    day = _day(when)
    if when and not day:
        return Entry("domain", "", reason=block)
    return Entry("domain", "", said.get("Why", ""), who, day, said.get("Group", ""))


def _day(text: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text)
    return None
