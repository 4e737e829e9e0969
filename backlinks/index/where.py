"""An advanced filter as SQL: a tree of conditions in, (condition, parameters) out.

Decided: three truths, as SQL itself has them. A number, a date, a flag or an anchor that nobody knows makes a condition
on it neither true nor false, and a row is shown where the whole is true; so `not (authority < 20)` leaves out rows
without a score, and who wants them asks `or authority is unknown`. A text that is empty is a value like any other. The
three truths need no nullable columns: a `not` is carried down to the conditions, and each of them, plain or denied,
also demands that the value is known. Names come from `columns.py`, every value is bound. Words of anchors are compared
folded, so what is asked for is folded too, but for a pattern.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from seoapp.lib.conditions import Condition, Day, Negation, Node, Value
from seoapp.lib.expression import Expression
from seoapp.lib.weburl import BadUrl, parse, registrable_domain

from .anchorwords import WORD_FILTERS
from .columns import Column, column
from .folding import fold, needle
from .networks import as_number
from .portions import bound_array

Statement = tuple[str, dict[str, Any]]
# What must hold for a text to be known at all.
KNOWN_TEXTS = {"anchor": "anchor_known = 1"}
TEXTS = {
    "contains": "positionCaseInsensitiveUTF8({field}, {value}) > 0",
    "starts": "startsWith(lowerUTF8({field}), lowerUTF8({value}))",
    "ends": "endsWith(lowerUTF8({field}), lowerUTF8({value}))",
    "matches": "match({field}, {value})",
}
SETS = {"has any": "hasAny", "has all": "hasAll", "in list": "hasAny"}
# Columns whose values are parts of an address: whole addresses are pasted for them as well.
PARTS = {"source_domain": "domain", "source_host": "host", "target_host": "host"}
PLAIN_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*")


def condition(report: str, expression: Expression) -> Statement:
    """The expression as one condition on the rows of a report; "1" for none."""
    if expression.tree is None:
        return "1", {}
    made = _Made(report, dict(expression.lists))
    return made.sql(expression.tree, holds=True), made.parameters


@dataclass(frozen=True, slots=True)
class _Made:
    report: str
    lists: Mapping[str, Sequence[str]]
    parameters: dict[str, Any] = field(default_factory=dict)

    def sql(self, node: Node, *, holds: bool) -> str:
        """SQL of "this is true" (`holds`), or of "this is false"."""
        if isinstance(node, Negation):
            return self.sql(node.part, holds=not holds)
        if isinstance(node, Condition):
            return self._condition(node, holds=holds)
        joint = " AND " if (node.op == "and") is holds else " OR "
        return "(" + joint.join(self.sql(one, holds=holds) for one in node.parts) + ")"

    def _condition(self, one: Condition, *, holds: bool) -> str:
        found = column(self.report, one.name)
        if found is None:
            raise ValueError(f"{one.name} is no column of {self.report}")
        known = _known(found)
        if one.op in ("is known", "is unknown"):
            return known or "1" if holds is (one.op == "is known") else f"NOT ({known or '1'})"
        if found.filter == "flag" and one.values == ("unknown",):
            return f"{found.field} {'<' if holds else '>='} 0"
        test = self._test(found, one)
        made = test if holds else f"NOT ({test})"
        return f"({known} AND {made})" if known else f"({made})"

    def _test(self, found: Column, one: Condition) -> str:
        """SQL of the condition on a value that is known."""
        if found.filter == "flag":
            return f"{found.field} = {self._bound(one.values[0] == 'yes', 'Int8')}"
        if found.kind == "list":
            return self._of_list(found, one)
        if found.filter in ("number", "date"):
            return self._of_number(found, one)
        return self._of_text(found, one)

    def _of_text(self, found: Column, one: Condition) -> str:
        if one.op == "is empty":
            return f"{found.field} = ''"
        if one.op in TEXTS and found.name in WORD_FILTERS and one.op != "matches":
            return self._of_words(found, one)
        if one.op in TEXTS:
            return TEXTS[one.op].format(field=found.field, value=self._bound(one.values[0], "String"))
        exact = found.is_exactly or f"{found.field} = {{}}"
        values = self.lists[str(one.values[0])] if one.op == "in list" else one.values
        made = _values(found, values)
        if one.op == "is":
            return exact.replace("{}", self._bound(made[0], "String"))
        several = exact.replace("has(", "hasAny(", 1) if exact.startswith("has(") else exact.replace("= {}", "IN {}")
        return several.replace("{}", self._bound_list(made, "String"))

    def _of_words(self, found: Column, one: Condition) -> str:
        words = _folded(str(one.values[0]))
        if one.op == "contains":
            return WORD_FILTERS[found.name].replace("{}", self._bound(needle(words), "String"))
        return TEXTS[one.op].format(field=found.field, value=self._bound(words, "String"))

    def _of_list(self, found: Column, one: Condition) -> str:
        if one.op == "is empty":
            return f"empty({found.field})"
        if one.op.startswith("count "):
            return f"length({found.field}) {one.op.removeprefix('count ')} {self._bound(one.values[0], 'Int64')}"
        if one.op == "has":
            return f"has({found.field}, {self._bound(_values(found, one.values)[0], 'String')})"
        values = self.lists[str(one.values[0])] if one.op == "in list" else one.values
        return f"{SETS[one.op]}({found.field}, {self._bound_list(sorted(_values(found, values)), 'String')})"

    def _of_number(self, found: Column, one: Condition) -> str:
        days = found.filter == "date"
        value = f"toDate({found.field})" if days else found.field
        if one.op == "in":
            listed = [float(number) for number in one.values if not isinstance(number, str | Day)]
            return f"has({self._bound_list(listed, 'Float64')}, toFloat64({value}))"
        bound = [self._bound(*_typed(number)) for number in one.values]
        if one.op == "between":
            return f"{value} >= {bound[0]} AND {value} <= {bound[1]}"
        return f"{value} {'>=' if one.op == 'in last' else one.op} {bound[0]}"

    def _bound_list(self, values: Sequence[Any], kind: str) -> str:
        made, bound = bound_array(f"w{len(self.parameters)}", values, kind)
        self.parameters.update(bound)
        return made

    def _bound(self, value: Any, kind: str) -> str:
        name = f"w{len(self.parameters)}"
        self.parameters[name] = int(value) if isinstance(value, bool) else value
        return f"{{{name}:{kind}}}"


def _typed(value: Value) -> tuple[Any, str]:
    if isinstance(value, Day):
        return value.value, "Date"
    return value, "Float64" if isinstance(value, float) else "Int64"


def _known(found: Column) -> str:
    """SQL of "the value is known"; "" where it always is."""
    if found.filter == "flag":
        return "" if found.name == "anchor_known" else f"{found.field} >= 0"
    return KNOWN_TEXTS.get(found.name, found.is_known)


def _values(found: Column, values: Sequence[Value]) -> list[str]:
    """Values as the index writes them: addresses by their key, hosts and domains out of whatever names them.

    Numbers of networks are written without AS.
    """
    kind = PARTS.get(found.name, "")
    if found.name == "target_url":
        kind = "key"
    elif found.name in WORD_FILTERS:
        kind = "words"
    elif found.name == "asn":
        kind = "asn"
    return list(_written(kind, tuple(map(str, values))))


@lru_cache(maxsize=16)
def _written(kind: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Remembered, because each page of a list asks with the same values again, several times."""
    if not kind:
        return values
    read = {"key": _key, "words": _folded, "asn": as_number}.get(kind) or _part_of(kind)
    return tuple(map(read, values))


def _folded(text: str) -> str:
    """As words of anchors are written; a text without any word in it is left as it is, and found nowhere."""
    return fold(text) or text


def _key(text: str) -> str:
    with suppress(BadUrl):
        return parse(text, "https").key
    return text


def _part_of(part: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if PLAIN_HOST.fullmatch(text):  # as it stands: a list of ten thousand is read in no time
            return registrable_domain(text) if part == "domain" else text
        with suppress(BadUrl):
            return getattr(parse(text.strip(), "https"), part)
        return text.strip().lower()

    return read
