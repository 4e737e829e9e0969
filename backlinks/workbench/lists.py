"""Lists of values that somebody pasted into a filter and that are too long for an address.

Decided: a list is named after what it holds (64 bits of a digest), so that the same paste is the same list, a filter
that names it never changes its meaning, and nobody finds one without knowing its values. Lists belong to a workspace,
because a list of domains is used in many projects. Who keeps too many loses the longest unused of his own; so does the
workspace, but no list goes that a saved view or an exported file names. Refused: a name that people choose, because two
of them would mean two things by it one day.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from projects.models import Membership, Workspace
from seoapp.lib.conditions import Condition, Negation, Node, operators
from seoapp.lib.expression import Expression
from seoapp.lib.listing import Column

from .models import ExportFile, SavedView, ValueList

MOST_LISTS = 500  # of a workspace
MOST_OF_MEMBER = 200  # that one has kept
MOST_OF_CLIENT = 40  # as many as one expression can name
INLINE = 20  # values that stay in the address
ASKED_AGAIN = timedelta(days=1)  # how exactly it is known when a list was last asked for
NAMED = re.compile(r"in\+list\+([0-9a-f]{16})")  # in a query string


class NotKept(ValueError):
    """Why a list was not kept, in one sentence."""


def keep(membership: Membership, values: Sequence[str]) -> str:
    """The name of the list of these values, which is kept from now on. Raises NotKept."""
    held = sorted(set(values))
    name = hashlib.sha256("\n".join(held).encode()).hexdigest()[:16]
    rows = ValueList.objects.filter(workspace=membership.workspace)
    made, is_new = rows.get_or_create(
        workspace=membership.workspace, name=name, defaults={"values": held, "kept_by": membership.user}
    )
    if not is_new:
        rows.filter(pk=made.pk).update(asked_at=timezone.now())
        return name
    _cut(rows.filter(kept_by=membership.user), MOST_OF_CLIENT if membership.is_narrow else MOST_OF_MEMBER, membership)
    _cut(rows, MOST_LISTS, membership)
    if not rows.filter(pk=made.pk).exists():
        raise NotKept("Saved views and exports name all lists of values that you may keep: delete one of those first.")
    return name


def _cut(rows: QuerySet[ValueList], most: int, membership: Membership) -> None:
    """Forget the longest unused of these lists that are more than `most`, but none that something names."""
    over = rows.count() - most
    if over > 0:
        unused = rows.exclude(name__in=_named(membership.workspace)).order_by("asked_at", "pk")
        ValueList.objects.filter(pk__in=list(unused.values_list("pk", flat=True)[:over])).delete()


def _named(workspace: Workspace) -> set[str]:
    """The lists that a saved view or an exported file of the workspace names."""
    found: set[str] = set()
    for model in (SavedView, ExportFile):
        rows = model.objects.filter(project__workspace=workspace, parameters__contains="list+")
        found.update(name for text in rows.values_list("parameters", flat=True) for name in NAMED.findall(text))
    return found


def values_of(workspace_id: int, name: str) -> tuple[str, ...] | None:
    """The values of a list, which is in use from now on; None where there is none of this name."""
    row = ValueList.objects.filter(workspace_id=workspace_id, name=name).first()
    if row is None:
        return None
    if row.asked_at < timezone.now() - ASKED_AGAIN:
        ValueList.objects.filter(pk=row.pk).update(asked_at=timezone.now())
    return tuple(row.values)


@transaction.atomic
def lifted(membership: Membership, where: Expression, columns: Iterable[Column]) -> Expression:
    """The expression with its long lists kept and named. Raises NotKept, and then keeps none."""
    if where.tree is None:
        return where
    takers = frozenset(one.name for one in columns if "in list" in operators(one))
    return where.with_tree(_lifted(membership, where.tree, takers))


def _lifted(membership: Membership, node: Node, takers: frozenset[str]) -> Node:
    if isinstance(node, Negation):
        return Negation(_lifted(membership, node.part, takers))
    if not isinstance(node, Condition):
        return type(node)(node.op, tuple(_lifted(membership, one, takers) for one in node.parts))
    if node.op not in ("in", "has any") or len(node.values) <= INLINE or node.name not in takers:
        return node
    return Condition(node.name, "in list", (keep(membership, [str(one) for one in node.values]),))
