"""What a list shows of its advanced filter and of its saved views: chips, the builder, recommended filters, the menu.

Decided: a list has an advanced filter where its query has one (`query.where`); the panel is a form with one text field,
which works as it is; a script makes rows of it. One chip stands for each part that must be true. A recommended filter
is such a part (or several) that one click puts in and the next takes out. A saved view is a query string: it opens on
whatever is being read.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from .conditions import Condition, Day, Negation, Node, conditions, group, operators, parts_of, value_text, words_of
from .expression import Expression, Wrong
from .listing import Column, Listing, Query, State

SHOWN_CHIP = 160  # characters of a chip


@dataclass(frozen=True, slots=True)
class Chip:
    label: str
    url: str
    about: str = ""
    active: bool = False


@dataclass(frozen=True, slots=True)
class OfferedView:
    """A saved view in the menu of its list."""

    name: str
    url: str
    note: str
    active: bool


def where_of(query: Query) -> Expression | None:
    """The advanced filter of a query, None where its list has none."""
    return getattr(query, "where", None)


def cleared(query: Query) -> Query:
    """The query without any filter."""
    for one in query.filters:
        query = query.without(one)
    where = where_of(query)
    return query.with_where(Expression()) if where is not None and where.text else query  # type: ignore[attr-defined]


def refuse_broken(query: Query) -> None:
    """A file must not hold rows that its filter was meant to leave out."""
    where = where_of(query)
    if where is not None and where.error:
        raise Wrong(f"The advanced filter cannot be read, so nothing was exported. {where.error}")


@dataclass(frozen=True, slots=True)
class Advanced:
    """The panel "Advanced filter" of one list, and what it adds around it."""

    state: State
    where: Expression

    @property
    def columns(self) -> dict[str, Column]:
        return {one.name: one for one in self.state.listing.columns}

    @property
    def chips(self) -> list[Chip]:
        sizes = {name: f"{name} ({len(values):,} values)" for name, values in self.where.lists}
        columns, labels = self.columns, {**self.state.listing.labels, **sizes}
        said = [words_of(part, columns, labels) for part in parts_of(self.where.tree)]
        return [Chip(_short(words), self._url(self.where.without(number)), words) for number, words in enumerate(said)]

    def _url(self, where: Expression) -> str:
        return self.state.url(self.state.query.with_where(where))  # type: ignore[attr-defined]

    @property
    def recommended(self) -> list[Chip]:
        return [self._recommended(label, tree, about) for label, tree, about in self.state.listing.recommended]

    def _recommended(self, label: str, tree: Node, about: str) -> Chip:
        here, wanted = parts_of(self.where.tree), parts_of(tree)
        active = all(one in here for one in wanted)
        left = [one for one in here if one not in wanted] + ([] if active else list(wanted))
        return Chip(label, self._url(self.where.with_tree(group("and", left) if left else None)), about, active)

    @property
    def clear_url(self) -> str:
        return self._url(Expression())

    @property
    def error(self) -> str:
        return self.where.error

    @property
    def count(self) -> int:
        return sum(1 for _ in conditions(self.where.tree))

    @property
    def hidden(self) -> dict[str, str]:
        """What the form must carry along."""
        kept = {**self.state.keep, **self.state.query.params(), **self.state.column_params()}
        return {name: text for name, text in kept.items() if name not in ("where", "page")}

    @property
    def report(self) -> str:
        return getattr(self.state.query, "report", "")

    @property
    def for_builder(self) -> str:
        """JSON: the columns in their sections, with what each can be asked; and the tree as it stands."""
        return json.dumps({"sections": _sections(self.state.listing), "tree": _plain(self.where.tree)})

    @property
    def names(self) -> list[tuple[Column, str]]:
        """For the help: each column and what it can be asked."""
        return [(one, ", ".join(operators(one))) for one in self.state.listing.columns if operators(one)]


def _short(words: str) -> str:
    return words if len(words) <= SHOWN_CHIP else f"{words[: SHOWN_CHIP - 1]}…"


def _sections(listing: Listing) -> list[dict[str, Any]]:
    left = {one.name: one for one in listing.columns if operators(one)}
    made = [
        {"title": title, "columns": [_described(left.pop(name), listing.labels) for name in names if name in left]}
        for title, names in listing.sections
    ]
    rest = {"title": "More" if made else "", "columns": [_described(one, listing.labels) for one in left.values()]}
    return [one for one in (*made, rest) if one["columns"]]


def _described(column: Column, labels: Mapping[str, str]) -> dict[str, Any]:
    choices = ("yes", "no", "unknown") if column.filter == "flag" else column.choices
    return {
        "name": column.name,
        "label": column.label,
        "kind": "list" if column.kind == "list" else column.filter,
        "ops": operators(column),
        "choices": [(one, labels.get(one, one)) for one in choices],
    }


def _plain(node: Node | None) -> dict[str, Any] | None:
    """A tree as the builder reads it: `not` is a mark of what it denies."""
    if node is None:
        return None
    if isinstance(node, Negation):
        inner = _plain(node.part) or {}
        return {**inner, "not": not inner.get("not", False)}
    if isinstance(node, Condition):
        values = [one if isinstance(one, str) else one.text if isinstance(one, Day) else value_text(one)
                  for one in node.values]  # fmt: skip
        return {"name": node.name, "op": node.op, "values": values}
    return {"join": node.op, "parts": [_plain(one) for one in node.parts]}


# --- Recommended filters --------------------------------------------------------------------------------------------
def readable(recommended: Iterable[tuple[str, Expression, str]]) -> tuple[tuple[str, Node, str], ...]:
    """Those that can be read by the columns of the list, as `Listing.recommended` takes them."""
    return tuple((label, made.tree, about) for label, made, about in recommended if made.tree is not None)


# --- Saved views ----------------------------------------------------------------------------------------------------
def parameters_now(state: State) -> str:
    """The query string that a view of this list would keep: what is shown, without of what and without the page."""
    kept = {**state.query.with_page(1).params(), **state.column_params()}
    return urlencode({name: text for name, text in kept.items() if name not in state.keep})


def offered(state: State) -> list[OfferedView]:
    """The saved views of a list, as links that keep what is being read."""
    saves = state.listing.saves
    if saves is None:
        return []
    now = sorted(parse_qsl(parameters_now(state)))
    return [
        OfferedView(
            name,
            f"{state.path}?{urlencode([*state.keep.items(), *parse_qsl(parameters)])}",
            note,
            sorted(parse_qsl(parameters)) == now,
        )
        for name, parameters, note in saves.views
    ]
