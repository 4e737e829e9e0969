"""Lists of values that somebody pasted into a filter and that are too long for an address.

Decided: a list is named after what it holds (64 bits of a digest), so that the same paste is the same list, a filter
that names it never changes its meaning, and nobody finds one without knowing its values. Lists belong to a workspace,
because a list of domains is used in many projects. The longest unused go when there are too many, but none that a saved
view names. Refused: a name that people choose, because two of them would mean two things by it one day.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence

from projects.models import Workspace
from seoapp.lib.conditions import Condition, Negation, Node, operators
from seoapp.lib.expression import Expression
from seoapp.lib.listing import Column

from .models import SavedView, ValueList

MOST_LISTS = 500  # of a workspace
INLINE = 20  # values that stay in the address
NAMED = re.compile(r"in\+list\+([0-9a-f]{16})")  # in a query string


def keep(workspace: Workspace, values: Sequence[str]) -> str:
    """The name of the list of these values, which is kept from now on."""
    held = sorted(set(values))
    name = hashlib.sha256("\n".join(held).encode()).hexdigest()[:16]
    ValueList.objects.update_or_create(workspace=workspace, name=name, defaults={"values": held})
    _forget_unused(workspace)
    return name


def _forget_unused(workspace: Workspace) -> None:
    rows = ValueList.objects.filter(workspace=workspace)
    if rows.count() <= MOST_LISTS:
        return
    views = SavedView.objects.filter(project__workspace=workspace, parameters__contains="list+")
    named = {name for text in views.values_list("parameters", flat=True) for name in NAMED.findall(text)}
    unused = rows.exclude(name__in=named).order_by("asked_at").values_list("pk", flat=True)
    ValueList.objects.filter(pk__in=list(unused[: rows.count() - MOST_LISTS])).delete()


def values_of(workspace_id: int, name: str) -> tuple[str, ...] | None:
    found = ValueList.objects.filter(workspace_id=workspace_id, name=name).values_list("values", flat=True).first()
    return None if found is None else tuple(found)


def lifted(workspace: Workspace, where: Expression, columns: Iterable[Column]) -> Expression:
    """The expression with its long lists kept and named."""
    if where.tree is None:
        return where
    takers = frozenset(one.name for one in columns if "in list" in operators(one))
    return where.with_tree(_lifted(workspace, where.tree, takers))


def _lifted(workspace: Workspace, node: Node, takers: frozenset[str]) -> Node:
    if isinstance(node, Negation):
        return Negation(_lifted(workspace, node.part, takers))
    if not isinstance(node, Condition):
        return type(node)(node.op, tuple(_lifted(workspace, one, takers) for one in node.parts))
    if node.op not in ("in", "has any") or len(node.values) <= INLINE or node.name not in takers:
        return node
    return Condition(node.name, "in list", (keep(workspace, [str(one) for one in node.values]),))
