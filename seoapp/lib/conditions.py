"""What an advanced filter asks for: conditions on columns, joined by and, or, not; as a tree, as text, and in words.

Decided: the tree is made of frozen nodes and can always be written as text that reads back as the same tree, so that
the address of a list, a saved view and the builder hold the same thing. Which conditions a column takes follows from
its kind alone. Refused: JSON in the address, because nobody can read or write it by hand.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
SIGN_WORDS = {"=": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}
TEXT = ("contains", "is", "starts", "ends", "matches", "in", "in list", "is empty")
NUMBER = (*COMPARISONS, "between", "in", "is known", "is unknown")
DAYS = (*COMPARISONS, "between", "in last", "is known", "is unknown")
CHOICE = ("is", "in", "is empty")
MANY = ("has", "has any", "has all", "in list", *(f"count {sign}" for sign in COMPARISONS), "is empty")
FLAG = ("is",)
FLAG_WORDS = ("yes", "no", "unknown")
BARE = re.compile(r"[^\s()\",<>=!]+")
# Words that mean something where a value stands: as values they are quoted.
MEANT = frozenset(("and", "or", "not", "any", "all", "with", "empty"))
MOST_SAID = 5  # values of a list that a chip names
OPERATOR_WORDS = {
    "starts": "starts with", "ends": "ends with", "matches": "matches", "in": "is one of",
    "has any": "has any of", "has all": "has all of", "in last": "in the last",
}  # fmt: skip


class Column(Protocol):
    """What a condition must know of a column."""

    name: str
    label: str
    kind: str
    filter: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A day, as it was written: a date, `today`, or `30 days ago` (of `in last`: `30 days`)."""

    value: date
    text: str


Value = str | int | float | Day


@dataclass(frozen=True, slots=True)
class Condition:
    name: str
    op: str
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Negation:
    part: "Node"


@dataclass(frozen=True, slots=True)
class Group:
    """`parts`, at least two, joined by `op`: and, or."""

    op: str
    parts: tuple["Node", ...]


Node = Condition | Negation | Group


def operators(column: Column) -> tuple[str, ...]:
    """The conditions that a column takes; none for one that has no filter."""
    if column.kind == "list" and column.filter:
        return tuple(one for one in MANY if one != "in list" or column.filter == "text")
    taken = {"text": TEXT, "number": NUMBER, "date": DAYS, "choice": CHOICE, "flag": FLAG}
    return taken.get(column.filter, ())


def group(op: str, parts: Sequence[Node]) -> Node:
    """The parts joined; a group within a group of the same kind is one with it."""
    flat: list[Node] = []
    for one in parts:
        flat.extend(one.parts if isinstance(one, Group) and one.op == op else [one])
    return flat[0] if len(flat) == 1 else Group(op, tuple(flat))


def conditions(node: Node | None) -> Iterator[Condition]:
    """Every condition of a tree."""
    waiting = [] if node is None else [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Condition):
            yield one
        else:
            waiting.extend([one.part] if isinstance(one, Negation) else one.parts)


def parts_of(node: Node | None) -> tuple[Node, ...]:
    """What must all be true: the parts of an outermost `and`."""
    if node is None:
        return ()
    return node.parts if isinstance(node, Group) and node.op == "and" else (node,)


# --- As text ------------------------------------------------------------------------------------------------------
def text_of(node: Node | None) -> str:
    """The expression; read again it gives the same tree."""
    if node is None:
        return ""
    if isinstance(node, Condition):
        return _condition_text(node)
    if isinstance(node, Negation):
        return f"not {_bracketed(node.part)}"
    return f" {node.op} ".join(_bracketed(one) for one in node.parts)


def _bracketed(node: Node) -> str:
    return f"({text_of(node)})" if isinstance(node, Group) else text_of(node)


def _condition_text(one: Condition) -> str:
    values = [value_text(value) for value in one.values]
    if one.op == "in list":
        return f"{one.name} in list {one.values[0]}"
    if one.op in ("in", "has any", "has all"):
        return f"{one.name} {one.op} ({', '.join(values)})"
    if one.op == "between":
        return f"{one.name} between {values[0]} and {values[1]}"
    return " ".join([one.name, one.op, *values])


def value_text(value: Value) -> str:
    """A value as it is written; what is more than a bare word stands in quotes, and a quote within is doubled."""
    if isinstance(value, Day):
        return value.text
    if isinstance(value, int | float):
        return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    if BARE.fullmatch(value) and value.lower() not in MEANT:
        return value
    return '"' + value.replace('"', '""') + '"'


# --- In words -----------------------------------------------------------------------------------------------------
def words_of(node: Node, columns: Mapping[str, Column], labels: Mapping[str, str]) -> str:
    """The condition for people, as a chip says it."""
    if isinstance(node, Negation):
        return f"not {_bracketed_words(node.part, columns, labels)}"
    if isinstance(node, Group):
        return f" {node.op} ".join(_bracketed_words(one, columns, labels) for one in node.parts)
    label = columns[node.name].label
    said = [_said(one, columns[node.name], labels, plain=node.op == "in list") for one in node.values]
    return f"{label} {_predicate(node, said)}"


def _bracketed_words(node: Node, columns: Mapping[str, Column], labels: Mapping[str, str]) -> str:
    words = words_of(node, columns, labels)
    return f"({words})" if isinstance(node, Group) else words


def _predicate(one: Condition, said: Sequence[str]) -> str:
    if one.op == "between":
        return f"from {said[0]} to {said[1]}"
    if one.op.startswith("count "):
        return f"(how many) {SIGN_WORDS[one.op.removeprefix('count ')]} {said[0]}"
    if one.op == "in list":
        return f"is in list {said[0]}"
    word = OPERATOR_WORDS.get(one.op, SIGN_WORDS.get(one.op, one.op))
    shown = list(said[:MOST_SAID]) + ([f"{len(said) - MOST_SAID} more"] if len(said) > MOST_SAID else [])
    return f"{word} {', '.join(shown)}".strip()


def _said(value: Any, column: Column, labels: Mapping[str, str], *, plain: bool) -> str:
    if isinstance(value, str):
        return labels.get(value, value) if plain or column.choices or column.filter == "flag" else f"“{value}”"
    return value_text(value)
