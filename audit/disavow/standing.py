"""Which line of a file stands for which name: duplicates, pairs with www., and what covers what.

Decided: a line that must not go out (a suffix, one of our own names) covers nothing, or mending would drop the good
lines below it. A www. line covers its own host alone until it is mended.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from .grammar import Line
from .hosts import bare_of, parents, with_parents
from .pages import page_host


@dataclass
class Standing:
    """First line numbers by host of the domain lines, and by URL of the URL lines."""

    domains: dict[str, int] = field(default_factory=dict)
    pages: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, lines: Iterable[Line], refused: frozenset[int]) -> "Standing":
        made = cls()
        for line in lines:
            if line.is_entry and line.number not in refused:
                (made.domains if line.kind == "domain" else made.pages).setdefault(line.value, line.number)
        return made

    def first(self, line: Line) -> int:
        """The earlier line with the same entry; 0 where this is the first."""
        names = self.domains if line.kind == "domain" else self.pages
        number = names.get(line.value, 0)
        return number if number < line.number else 0

    def bare(self, host: str) -> int:
        """The line that lists the name without www.; 0 where there is none."""
        bare = bare_of(host)
        return self.domains.get(bare, 0) if bare != host else 0

    def parent(self, host: str) -> str:
        """The nearest name above that is listed."""
        return next((name for name in parents(host) if name in self.domains), "")

    def cover(self, page: str) -> str:
        """The listed name that covers a URL."""
        return next((name for name in with_parents(page_host(page)) if name in self.domains), "")
