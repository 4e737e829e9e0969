"""An entry of a disavow list: a domain or one page, with who put it there, when and why."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

EntryKind = Literal["domain", "url"]


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
