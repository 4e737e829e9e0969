"""One chunk of a table: cells by field name, converted once per distinct value, faults with their rows."""

from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from typing import Any

from .cells import BAD, Memo
from .contract import Problem

Column = Sequence[str]


class Cells:
    """The cells of a chunk. `memos` outlives it; `problems` collects what was wrong in it."""

    def __init__(
        self,
        header: Sequence[str],
        index: Mapping[str, int],
        columns: list[Column],
        rows: list[int],
        memos: dict[str, Memo],
        problems: list[Problem],
    ) -> None:
        self._header, self._index, self._columns, self._memos = header, index, columns, memos
        self.rows, self.problems = rows, problems

    def __contains__(self, name: str) -> bool:
        return name in self._index

    def __getitem__(self, name: str) -> Column:
        return self._columns[self._index[name]]

    def names(self, prefix: str) -> list[str]:
        return [name for name in self._index if name.startswith(prefix)]

    def column(self, name: str) -> Column:
        """The cells of a field; empty ones where the table has no such column."""
        return self[name] if name in self._index else [""] * len(self.rows)

    def head(self, name: str) -> str:
        """The header cell of a field."""
        at = self._index.get(name)
        return self._header[at] if at is not None else name

    def values(self, name: str, convert: Callable[[str], Any], unknown: Any, reason: str) -> list[Any]:
        """Converted cells; a bad one is listed and becomes unknown."""
        column = self[name]
        values = list(map(self.memo(name, convert).__getitem__, column))
        if BAD in values:
            for at, value in enumerate(values):
                if value is BAD:
                    one = Problem(self.rows[at], self.head(name), reason, column[at][:1000], fatal=False)
                    self.problems.append(one)
                    values[at] = unknown
        return values

    def each(self, name: str, convert: Callable[[str], Any]) -> list[Any]:
        """Converted cells of a converter that never fails."""
        return list(map(self.memo(name, convert).__getitem__, self[name]))

    def memo(self, name: str, convert: Callable[[str], Any]) -> Memo:
        if name not in self._memos:
            self._memos[name] = Memo(convert)
        return self._memos[name]

    def refuse(self, bad: Mapping[int, str], name: str) -> None:
        """List rows (by place in the chunk) as refused, each with its reason."""
        column, head = self[name], self.head(name)
        self.problems.extend(Problem(self.rows[at], head, bad[at], column[at][:1000]) for at in sorted(bad))

    def without(self, places: set[int]) -> tuple["Cells", Callable[[Sequence[Any]], list[Any]]]:
        """The chunk without these rows, and a function that takes them out of any parallel column."""
        if not places:
            return self, list
        keep = [at not in places for at in range(len(self.rows))]

        def kept(column: Sequence[Any]) -> list[Any]:
            return list(compress(column, keep))

        columns: list[Column] = [kept(column) for column in self._columns]
        return Cells(self._header, self._index, columns, kept(self.rows), self._memos, self.problems), kept
