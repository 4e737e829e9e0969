"""Saved views: a list's filters, order, grouping and columns under a name, for oneself or for all who see the project.

Decided: a view does not keep the target, so it opens on whatever is being read; what is kept is a query string, read by
the list itself when it opens, so a view can never ask for more than its list can. Clients see no view that filters by
marks, because its words are what a team says among itself. A name that its owner has already given is given anew.
Refused: a default view, because an address without parameters would then show something else to each of two colleagues.
"""

import re
from urllib.parse import parse_qsl, urlencode

from django.db.models import Q, QuerySet
from django.utils import timezone

from backlinks import index
from projects.models import Membership, Project, User
from seoapp.lib import expression

from . import marks
from .models import SavedView

# Lists that have views: the name of the list and of its page, and what people call it.
LISTS = {
    "links": "Backlinks", "domains": "Referring domains", "hosts": "Hosts", "anchors": "Anchors",
    "pages": "Indexed pages", "ips": "IPs", "subnets": "Subnets", "networks": "Networks",
    "countries": "Countries", "tlds": "TLDs", "languages": "Languages",
}  # fmt: skip
NOT_KEPT = frozenset(("target", "scope", "graph", "page", "export", "csrfmiddlewaretoken"))
MOST_PARAMETERS = 60
MOST_TEXT = 6_000
MOST_VIEWS = 200  # of one user in one project
NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


class NotSaved(ValueError):
    """Why a view was not saved, in one sentence."""


def visible(project: Project, membership: Membership) -> QuerySet[SavedView]:
    """One's own views and those that others share; to clients none that asks for marks, since it says their tags."""
    rows = SavedView.objects.filter(Q(owner=membership.user) | Q(is_shared=True), project=project, listing__in=LISTS)
    if not membership.may("viewer"):
        kept = rows.values_list("pk", "listing", "parameters")
        rows = rows.exclude(pk__in=[pk for pk, listing, text in kept if _asks_for_marks(listing, text)])
    return rows.select_related("owner").order_by("name", "pk")


def _asks_for_marks(listing: str, parameters: str) -> bool:
    pairs = parse_qsl(parameters, keep_blank_values=True)
    filters = any(name == mark or name.startswith(f"{mark}_") for name, _ in pairs for mark in marks.NAMES)
    return filters or any(_names_marks(listing, text) for name, text in pairs if name == index.WHERE)


def _names_marks(listing: str, where: str) -> bool:
    """Whether an advanced filter asks for marks; one that cannot be read does where it has a word of theirs."""
    if not any(mark in where.lower() for mark in marks.NAMES):
        return False
    columns = index.columns(listing) if listing in index.REPORTS else ()
    found = expression.parse(where, columns, today=timezone.now().date(), lists=lambda name: ())
    return bool(found.error or found.names & marks.NAMES)


def may_change(view: SavedView, membership: Membership) -> bool:
    return view.owner_id == membership.user_id or (view.is_shared and membership.may("admin"))


def kept_parameters(text: str) -> str:
    """A query string with what a view keeps, in one form. Raises NotSaved for one that no list makes."""
    if len(text) > MOST_TEXT:
        raise NotSaved("The filters of this list are too long to be saved: keep long lists of values under “in list”.")
    pairs = parse_qsl(text, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if NAME.fullmatch(name) and name not in NOT_KEPT]
    if len(kept) > MOST_PARAMETERS:
        raise NotSaved(f"This list has {len(kept)} parameters, and a view keeps at most {MOST_PARAMETERS}.")
    return urlencode(kept)


def save(
    *, project: Project, user: User, listing: str, name: str, parameters: str, is_shared: bool
) -> tuple[SavedView, bool]:
    """The view under this name, and whether it is new. Raises NotSaved."""
    called = clean_name(name)
    if listing not in LISTS:
        raise NotSaved("This list has no views.")
    own = SavedView.objects.filter(project=project, owner=user)
    if own.count() >= MOST_VIEWS and not own.filter(listing=listing, name=called).exists():
        raise NotSaved(f"You have {MOST_VIEWS} views in this project: delete one first.")
    return SavedView.objects.update_or_create(
        project=project,
        owner=user,
        listing=listing,
        name=called,
        defaults={"parameters": kept_parameters(parameters), "is_shared": is_shared},
    )


def change(view: SavedView, *, name: str, is_shared: bool) -> None:
    called = clean_name(name)
    same = SavedView.objects.filter(project=view.project, owner=view.owner, listing=view.listing, name=called)
    if same.exclude(pk=view.pk).exists():
        raise NotSaved(f"There is another view “{called}” of this list: choose another name.")
    view.name, view.is_shared = called, is_shared
    view.save(update_fields=["name", "is_shared"])


def clean_name(text: str) -> str:
    name = " ".join(re.sub("[\x00-\x1f\x7f\ud800-\udfff]", " ", text).split())
    if not 0 < len(name) <= 80:
        raise NotSaved("A view needs a name of 1 to 80 characters.")
    return name
