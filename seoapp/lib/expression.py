"""The language of advanced filters: text in, a tree of conditions out, or one sentence that says where it stops.

Decided: a grammar (lark, LALR) whose own tables say what could have followed, so that an error names the place and what
was expected; names, kinds and values are checked against the columns of the list, so that a tree never holds what its
list cannot do. Limits on length, depth and number of conditions bound what one request can ask; length and depth are
measured before the grammar reads anything (`expressionshape`). Refused: a tolerant reader that guesses, because a
filter that means something else than what was written shows wrong rows without a word.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from unicodedata import normalize

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from .conditions import (
    FLAG_WORDS,
    Column,
    Condition,
    Day,
    Negation,
    Node,
    Value,
    conditions,
    group,
    operators,
    parts_of,
    text_of,
)
from .expressionshape import MAX_DEPTH, MAX_LENGTH, MAX_LISTED, MAX_VALUE, TOO_MANY_VALUES, too_much

MAX_PASTED = 4_000_000  # characters of an expression that is sent with long lists; in an address MAX_LENGTH
MAX_CONDITIONS = 40
MAX_PATTERN = 300
MAX_VALUES = 10_000
MAX_NUMBER = 10**12
Lists = Callable[[str], Sequence[str] | None]

KEYWORDS = (
    "or", "and", "not", "contains", "is", "starts", "ends", "with", "matches", "between", "in", "list", "has", "any",
    "all", "count",
)  # fmt: skip
GRAMMAR = r"""
?start: any
?any: all (OR all)*
?all: one (AND one)*
?one: NOT one -> negation | "(" any ")" | condition
condition: NAME CONTAINS value
    | NAME IS NOT? value
    | NAME (STARTS | ENDS) WITH? value
    | NAME MATCHES value
    | NAME SIGN value
    | NAME BETWEEN value AND value
    | NAME IN values
    | NAME IN LIST WORD
    | NAME IN LAST
    | NAME HAS value
    | NAME HAS (ANY | ALL) values
    | NAME COUNT SIGN value
values: "(" value ("," value)* ")"
value: STRING | WORD | AGO
LAST.9: /last\s+[0-9]{1,4}\s+(day|week|month|year)s?(?![^\s()",<>=!])/i
AGO.9: /[0-9]{1,4}\s+(day|week|month|year)s?\s+ago(?![^\s()",<>=!])/i
SIGN: /<=|>=|!=|<|>|=/
STRING: /"(?:[^"]|"")*"/
NAME.2: /[a-z_][a-z0-9_]*(?![^\s()",<>=!])/i
WORD.1: /[^\s()",<>=!]+/
%ignore /\s+/
"""
WORD_ENDS = r"""(?![^\s()",<>=!])"""
_PARSER = Lark(
    GRAMMAR + "\n".join(f"{one.upper()}.9: /{one}{WORD_ENDS}/i" for one in KEYWORDS),
    parser="lalr",
    maybe_placeholders=False,
    propagate_positions=True,
)


@dataclass(frozen=True, slots=True)
class Expression:
    """An advanced filter as a request gave it: its tree, or the `error` that keeps it from being one.

    `lists` are the values of the stored lists that it names.
    """

    text: str = ""
    tree: Node | None = None
    error: str = ""
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def names(self) -> frozenset[str]:
        return frozenset(one.name for one in conditions(self.tree))

    @property
    def patterns(self) -> tuple[str, ...]:
        return tuple(str(one.values[0]) for one in conditions(self.tree) if one.op == "matches")

    def with_tree(self, tree: Node | None) -> "Expression":
        return Expression(text_of(tree), tree, lists=self.lists)

    def without(self, number: int) -> "Expression":
        """Without one of the parts that must all be true."""
        left = [one for place, one in enumerate(parts_of(self.tree)) if place != number]
        return self.with_tree(group("and", left) if left else None)


NOTHING = Expression()


class Wrong(ValueError):
    """What is wrong with an expression, in one sentence."""


class TooSlow(Exception):
    """What to say where the rows of an expression were not found in time."""


def no_lists(name: str) -> None:
    """Where nobody keeps lists."""


def parse(
    text: str, columns: Iterable[Column], *, today: date, lists: Lists = no_lists, longest: int = MAX_LENGTH
) -> Expression:
    """Read an expression. Of one that cannot be read, `error` says why and the tree is empty."""
    asked = normalize("NFC", text).strip()
    if not asked:
        return NOTHING
    reader = _Reader({one.name: one for one in columns if operators(one)}, today, lists, {})
    try:
        _check_text(asked, longest)
        tree = reader.node(_check_size(_parsed(asked, reader.columns)))
        _check_lists(tree, reader.listed)
    except Wrong as error:
        return Expression(asked[:MAX_LENGTH], error=str(error))
    return Expression(text_of(tree), tree, lists=tuple(sorted(reader.listed.items())))


def _check_text(text: str, longest: int) -> None:
    if len(text) > longest:
        raise Wrong(
            f"The expression has {len(text):,} characters, and at most {longest:,} are read: keep long lists of values "
            "under “in list”."
        )
    if re.search("[\x00-\x08\x0e-\x1f\ud800-\udfff]", text):
        raise Wrong("The expression has a control character or a broken one: write it anew.")
    if said := too_much(text):
        raise Wrong(said)


def _check_size(tree: Tree[Token]) -> Tree[Token]:
    """Refuse what is too deep or too much, without recursion."""
    found, waiting = 0, [(tree, 1)]
    while waiting:
        one, depth = waiting.pop()
        found += one.data == "condition"
        if depth > MAX_DEPTH:
            raise Wrong(f"{_at(one)}: brackets and “not” stand more than {MAX_DEPTH} deep.")
        if one.data != "condition":
            waiting.extend((child, depth + 1) for child in one.children if isinstance(child, Tree))
    if found > MAX_CONDITIONS:
        raise Wrong(f"The expression has {found} conditions, and at most {MAX_CONDITIONS} are read.")
    return tree


def _check_lists(tree: Node, listed: Mapping[str, Sequence[str]]) -> None:
    """Refuse more values than one request should read; a stored list counts wherever it is named."""
    found = 0
    for one in conditions(tree):
        found += len(listed[str(one.values[0])] if one.op == "in list" else one.values)
    if found > MAX_LISTED:
        raise Wrong(TOO_MANY_VALUES)


def _at(place: Tree[Token] | Token) -> str:
    start = place.meta.start_pos if isinstance(place, Tree) else place.start_pos
    return f"Character {(start or 0) + 1}"


# --- What was expected --------------------------------------------------------------------------------------------
def _parsed(text: str, columns: Mapping[str, Column]) -> Tree[Token]:
    try:
        return _PARSER.parse(text)
    except UnexpectedInput as error:
        raise Wrong(_sentence(error, text, columns)) from error


def _sentence(error: UnexpectedInput, text: str, columns: Mapping[str, Column]) -> str:
    expected = _expected(error)
    ended = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    if ended:
        return f"The expression ends where {_wanted(expected, None)} was expected."
    place = error.pos_in_stream or 0
    if text[place] == '"' and text.count('"', place) % 2:
        return f"Character {place + 1}: these quotes are never closed."
    if text[place] == ")" and "$END" in expected:
        return f"Character {place + 1}: this bracket closes none."
    word = re.match(r"""[^\s()",<>=!]+|.""", text[place:])
    return (
        f"Character {place + 1}, “{word.group()[:40] if word else ''}”: {_wanted(expected, text[:place])} was expected."
    )


def _expected(error: UnexpectedInput) -> set[str]:
    if isinstance(error, UnexpectedCharacters):
        return set(error.allowed or ())
    return set(error.accepts or error.expected) if isinstance(error, UnexpectedToken) else set()


def _wanted(expected: set[str], before: str | None) -> str:
    """Kinds of words for people, the likeliest first."""
    if "NAME" in expected:
        return "a column, “not” or an opening bracket"
    if "CONTAINS" in expected:
        return "what is asked of the column (contains, is, in, has, between, <, …)"
    if {"STRING", "WORD"} & expected:
        return "a value (in quotes where it has spaces, brackets, commas or any of < > = !)"
    if "SIGN" in expected:
        return "one of = != < <= > >="
    names = {
        "OR": "“or”", "AND": "“and”", "RPAR": "a closing bracket", "COMMA": "a comma", "LPAR": "an opening bracket",
        "$END": "the end",
    }  # fmt: skip
    found = [word for name, word in names.items() if name in expected]
    return " or ".join(found) or "something else"


# --- From words to conditions -------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Reader:
    """Makes nodes of a parsed tree; `listed` collects the stored lists that it meets."""

    columns: Mapping[str, Column]
    today: date
    lists: Lists
    listed: dict[str, tuple[str, ...]]

    def node(self, tree: Tree[Token]) -> Node:
        if tree.data == "condition":
            return self.condition(tree)
        inner = [self.node(child) for child in tree.children if isinstance(child, Tree)]
        if tree.data == "negation":
            return Negation(inner[0])
        return group("or" if tree.data == "any" else "and", inner)

    def condition(self, tree: Tree[Token]) -> Node:
        name = tree.children[0]
        words = [one for one in tree.children[1:] if isinstance(one, Token)]
        column = self.columns.get(str(name).lower())
        if column is None:
            raise Wrong(f"{_at(name)}: {self._unknown_name(str(name))}")
        kinds = [one.type for one in words]
        turned = kinds == ["IS", "NOT"]
        values = [one for child in tree.children if isinstance(child, Tree) for one in _values(child)]
        op = _operator(words, values, column)
        if op not in operators(column):
            taken = ", ".join(operators(column))
            raise Wrong(f"{_at(words[0])}: {column.name} cannot be asked “{op}”; it takes {taken}.")
        made = Condition(column.name, op, self.read(column, op, words, values))
        return Negation(made) if turned else made

    def _unknown_name(self, name: str) -> str:
        near = get_close_matches(name.lower(), self.columns, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(list(self.columns)[:12])} and others."
        return f"{name[:40]} is no column that can be filtered here; {hint}"

    def read(self, column: Column, op: str, words: Sequence[Token], values: Sequence[Token]) -> tuple[Value, ...]:
        if op in ("is empty", "is known", "is unknown"):
            return ()
        if op == "in list":
            return (self.stored(words[-1]),)
        if op == "in last":
            return (_last(words[-1], self.today),)
        if len(values) > MAX_VALUES:
            raise Wrong(f"{_at(values[0])}: the list has {len(values):,} values, and at most {MAX_VALUES:,} are read.")
        return tuple(self.value(column, op, one) for one in values)

    def value(self, column: Column, op: str, token: Token) -> Value:
        text = _plain(token)
        if op.startswith("count "):
            return _number(token, text, whole=True)
        if column.filter == "number":
            return _number(token, text, whole=column.kind == "int")
        if column.filter == "date":
            return _day(token, text, self.today)
        allowed = FLAG_WORDS if column.filter == "flag" else column.choices if column.filter == "choice" else ()
        if allowed and text.lower() not in allowed:
            raise Wrong(f"{_at(token)}: {column.name} is one of {', '.join(allowed)}, not “{text[:40]}”.")
        most = MAX_PATTERN if op == "matches" else MAX_VALUE
        if len(text) > most:
            raise Wrong(f"{_at(token)}: this value has {len(text):,} characters, and at most {most:,} are read.")
        return text.lower() if allowed else text

    def stored(self, token: Token) -> str:
        name = str(token).lower()
        found = self.lists(name)
        if found is None:
            raise Wrong(f"{_at(token)}: this workspace keeps no list {name[:40]}; paste its values again.")
        self.listed[name] = tuple(found)
        return name


def _values(tree: Tree[Token]) -> list[Token]:
    """The tokens of one value, or of values in brackets."""
    return list(tree.scan_values(lambda value: isinstance(value, Token)))


def _operator(words: Sequence[Token], values: Sequence[Token], column: Column) -> str:
    """The name of what is asked, as `operators` says it."""
    kinds = [one.type for one in words]
    if kinds[0] == "SIGN":
        return str(words[0])
    if kinds[0] == "COUNT":
        return f"count {words[1]}"
    if kinds[0] == "IS":
        return _is(values[0], column)
    if kinds[0] == "IN":
        return {"LIST": "in list", "LAST": "in last"}.get(kinds[1] if len(kinds) > 1 else "", "in")
    if kinds[0] == "HAS" and len(kinds) > 1:
        return f"has {str(words[1]).lower()}"
    return str(words[0]).lower()


def _is(value: Token, column: Column) -> str:
    """`is` with a word that means something for this column; a number or a day that `is` equals."""
    word = str(value).lower() if value.type == "WORD" else ""
    if word == "empty" and "is empty" in operators(column):
        return "is empty"
    if column.filter in ("number", "date") and column.kind != "list":
        return f"is {word}" if word in ("known", "unknown") else "="
    return "is"


def _plain(token: Token) -> str:
    text = str(token)
    return text[1:-1].replace('""', '"') if token.type == "STRING" else text


def _number(token: Token, text: str, *, whole: bool) -> int | float:
    if not re.fullmatch(r"-?[0-9]{1,13}" if whole else r"-?[0-9]{1,13}(\.[0-9]{1,6})?", text):
        raise Wrong(f"{_at(token)}: “{text[:40]}” is no {'whole ' if whole else ''}number.")
    if abs(float(text)) > MAX_NUMBER:
        raise Wrong(f"{_at(token)}: “{text[:40]}” is larger than any number here.")
    return float(text) if "." in text else int(text)


def _day(token: Token, text: str, today: date) -> Day:
    """A date, `today`, or so long ago."""
    word = text.lower()
    if word == "today":
        return Day(today, "today")
    if token.type == "AGO":
        number, unit, _ = word.split()
        return Day(_back(today, int(number), unit), f"{int(number)} {unit} ago")
    try:
        found = date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        found = None
    if found is None or not 1970 < found.year < 2106:
        raise Wrong(f"{_at(token)}: “{text[:40]}” is no day; write 2026-01-31, today, or 30 days ago.")
    return Day(found, found.isoformat())


def _last(token: Token, today: date) -> Day:
    _, number, unit = str(token).lower().split()
    return Day(_back(today, int(number), unit), f"{int(number)} {unit}")


def _back(today: date, number: int, unit: str) -> date:
    """So many days, weeks, months or years before today; not before the first day that a date can be."""
    unit = unit.removesuffix("s")
    if unit in ("day", "week"):
        return max(today - timedelta(days=number * (7 if unit == "week" else 1)), date(1971, 1, 1))
    months = today.year * 12 + today.month - 1 - number * (12 if unit == "year" else 1)
    if months < 1971 * 12:
        return date(1971, 1, 1)
    first = date(months // 12, months % 12 + 1, 1)
    last = (date(first.year + first.month // 12, first.month % 12 + 1, 1) - timedelta(days=1)).day
    return first.replace(day=min(today.day, last))
