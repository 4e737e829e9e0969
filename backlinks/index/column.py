"""What a column of a report is, the words it may choose from, and the usual sorts of columns.

Decided: a column names its own SQL (`where`), and where what it needs stands outside of the rows of its report: a
column that stands `beside` is joined only when it is shown, sorted or filtered (`beside.py`).
"""

from dataclasses import dataclass
from typing import Any

KINDS = ("text", "image", "form", "frame", "redirect", "other")
PLACEMENTS = (
    "content", "navigation", "header", "footer", "sidebar", "comment", "signature", "author", "widget",
)  # fmt: skip
STATES = ("live", "lost", "unknown")
VENDORS = ("ahrefs", "bing", "commoncrawl", "crawl", "csv", "gsc", "majestic", "moz", "semrush")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a report.

    kind: text, url, int, date, bool, list, metric, score, state, marked or steps, for display. filter: "" (none), text
    (contains; of a list: has), choice, number (from-to), date (from-to) or flag (yes, no, unknown). `where` and `order`
    are SQL over the derived table; `exact` is the SQL of `NAME_is=VALUE` with {} for the value, `known` that of "the
    row has a value". `beside` names what has to be joined for it, "" where the rows have it.
    """

    name: str
    label: str
    kind: str = "text"
    filter: str = ""
    choices: tuple[str, ...] = ()
    default: bool = False
    sortable: bool = True
    help: str = ""
    where: str = ""
    order: str = ""
    exact: str = ""
    known: str = ""
    beside: str = ""

    @property
    def field(self) -> str:
        return self.where or self.name

    @property
    def is_derived(self) -> bool:
        """Rows have its value only where it is asked for."""
        return bool(self.where) and self.kind != "metric"

    @property
    def is_known(self) -> str:
        """SQL: does the row have this value? "" where it always has. Unknown is sorted last and in no range."""
        return self.known or (f"{self.field} > toDateTime(0, 'UTC')" if self.kind == "date" else "")

    @property
    def is_exactly(self) -> str:
        """SQL of the exact filter, "" where the column has none."""
        plain = (self.filter == "text" and self.kind != "list") or self.name == "sources"
        return self.exact or (f"{self.field} = {{}}" if plain else "")


def metric(name: str, label: str) -> Column:
    """A vendor's figure under its own name."""
    value, known = f"metrics['{name}']", f"mapContains(metrics, '{name}')"
    return Column(name, label, "metric", "number", where=value, known=known, help="The vendor's own figure, unchanged.")


def label(name: str, title: str, help: str = "", kind: str = "text") -> Column:
    """A vendor's word under its own name."""
    return Column(name, title, kind, "text", where=f"labels['{name}']", help=help or "The vendor's own word.")


def count_of(name: str, title: str, *, default: bool = True, known: str = "", help: str = "") -> Column:
    return Column(name, title, "int", "number", default=default, known=known, help=help)


def flag(name: str, title: str, where: str, help: str = "", beside: str = "") -> Column:
    """Yes (1), no (0) or unknown (-1) by an expression."""
    return Column(name, title, "bool", "flag", where=f"toInt8({where})", help=help, beside=beside)


def said(name: str) -> str:
    """SQL: what a vendor says with a figure of 0 or 1, -1 where no file says it."""
    return f"if(mapContains(metrics, '{name}'), metrics['{name}'] > 0, -1)"


def aside(name: str, title: str, kind: str, beside: str, **more: Any) -> Column:
    """A value that the joined rows have under this name: a count below 0, a text "" and a day of 1970 are unknown."""
    filters = {"int": "number", "date": "date", "bool": "flag"}
    known = more.pop("known", f"{name} >= 0" if kind == "int" else "")
    return Column(name, title, kind, filters.get(kind, "text"), beside=beside, known=known, **more)
