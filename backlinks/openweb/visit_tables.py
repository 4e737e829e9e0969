"""What a table of visits is: days, pages or domains with a figure each, by the shape of its cells in any language.

Decided: the performance export of Search Console is five columns, of which the fourth is a share in per cent; its
tables are told apart by their first column. Any other table needs one column that can only be the visits: by its name,
or because it is the only one of numbers. Refused: a list of header names in forty languages, which is wrong in the
forty-first.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from backlinks.sources.cells import BAD, GROUPED, number, parse_date

from .popularity import domain_of

Key = Literal["dates", "pages", "domains"]
NAMES = ("visits", "sessions", "clicks", "organic traffic", "traffic", "visitors", "users", "active users")
FITTING = 0.6
PERFORMANCE_WIDTH, SHARE = 5, 3
COMPARED_WIDTH = 9


@dataclass(frozen=True, slots=True)
class Shape:
    """Where a table of visits has its columns. date -1: none."""

    key: Key
    at: int
    visits: int
    width: int
    date: int = -1
    skip: int = 1
    is_performance: bool = False


def shape_of(head: Sequence[Sequence[str]]) -> Shape | None:
    """What these first rows are; None for a table that says nothing of visits."""
    width = len(head[0]) if head else 0
    skip = 0 if width and any(_is_number(cell) for cell in head[0]) else 1
    rows = [row for row in head[skip:] if len(row) == width]
    if not rows or width < 2:
        return None
    columns = list(zip(*rows, strict=True))
    kinds = [_kind(column) for column in columns]
    performance = width == PERFORMANCE_WIDTH and kinds[SHARE] == "share"
    visits = 1 if performance else _visits(head[0] if skip else (), kinds)
    key = next((at for at, kind in enumerate(kinds) if kind in ("pages", "domains")), -1)
    day = kinds.index("dates") if "dates" in kinds else -1
    at = key if key >= 0 else day
    if visits < 0 or at < 0 or (performance and (at or kinds[0] == "domains")):  # queries may be domains
        return None
    found: Key = kinds[at]  # type: ignore[assignment]
    return Shape(found, at, visits, width, -1 if at == day else day, skip, performance)


def is_compared(head: Sequence[Sequence[str]]) -> bool:
    """A performance export of two periods side by side."""
    return (
        bool(head) and len(head[0]) == COMPARED_WIDTH and any(cell.endswith("%") for row in head[1:2] for cell in row)
    )


def _kind(cells: Sequence[str]) -> str:
    """What most cells of a column are: dates, pages, domains, share, number, or "" for a text."""
    tests = {"dates": _is_date, "share": _is_share, "number": _is_number, "pages": _is_page, "domains": _is_domain}
    for name, test in tests.items():
        if sum(map(test, cells)) >= FITTING * len(cells):
            return name
    return ""


def _visits(header: Sequence[str], kinds: Sequence[str]) -> int:
    names = [cell.strip().lower() for cell in header]
    for name in NAMES:
        if name in names and kinds[names.index(name)] == "number":
            return names.index(name)
    return kinds.index("number") if kinds.count("number") == 1 else -1


def _is_date(cell: str) -> bool:
    return not cell.strip().isdecimal() and parse_date(cell) is not None


def _is_share(cell: str) -> bool:
    return cell.strip().endswith("%")


def _is_number(cell: str) -> bool:
    return figure(cell) is not None


def figure(cell: str) -> float | None:
    """A number of visits; they are whole, so that 1.240 is more than a thousand."""
    text = cell.strip().strip('"')
    found = float(re.sub(r"\D", "", text)) if GROUPED.fullmatch(text) and len(text) < 25 else number(text)
    return found if isinstance(found, float) else None


def _is_page(cell: str) -> bool:
    return cell.startswith(("http://", "https://", "/"))


def _is_domain(cell: str) -> bool:
    return "." in cell and " " not in cell.strip() and domain_of(cell.strip()) is not BAD
