"""The review of anchors: what each is taken for and why, confirming or changing it, and shares beside competitors.

Decided: the list is of the newest known links, not of an audit's, so that a first audit finds reviewed anchors; what is
reviewed counts from the next audit on, and the page says so. First come anchors on which evidence would rest, those of
most domains before the others. Keys are a comfort of the script; every button works without it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isnan
from statistics import median
from typing import Any
from urllib.parse import parse_qs

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from audit.anchors import classes, reasons
from audit.anchors.models import AnchorClass
from audit.gather import peers, query_of
from audit.markers.anchors import LEAST_PEERS
from audit.models import Audit
from audit.profile import About
from backlinks import index
from backlinks.views.exports import record_export
from projects import access
from projects import audit as audit_log
from projects.models import Project, User
from seoapp.lib import listing as tables_bulk
from seoapp.lib import tables
from seoapp.lib.listquery import Field, ListQuery

from .asked import back, index_page, shown, url_of

REVIEW = index.anchorreview
SHARES = index.anchorshares
CONFIRM_FORM = "confirm-anchor"
BUTTON = Field("confirm", "Confirm", "button", sortable=False, help="The class is right as it stands.")
ICONS = {"brand": "award", "exact": "target", "partial": "search", "compound": "link", "generic": "hand-click"}
BULK = (
    tables_bulk.BulkAction(classes.CONFIRM, "Confirm", "check"),
    *(tables_bulk.BulkAction(name, label, ICONS.get(name, "dots")) for name, label in classes.CHOICES.items()),
    tables_bulk.BulkAction(classes.BY_RULES, "By the rules again", "eraser"),
)
# Meaning -> (label, colour, definition).
MEANINGS = {
    SHARES.BRAND: ("Brand", "one", "A brand term and no keyword, or an address."),
    SHARES.COMPOUND: ("Compound", "four", "A brand term and a keyword."),
    SHARES.MONEY: (
        "Money", "two", f"A keyword as it is listed, or at most {SHARES.MONEY_WORDS} words with all words of one.",
    ),
    SHARES.EXACT: ("Exact", "three", "Of money, a keyword as it is listed: what ANC04 goes by."),
    SHARES.OTHER: ("Other", "quiet", "All else: generic texts, titles, other words, images without a text."),
}  # fmt: skip


# --- Shares -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class SharesRow:
    """One site: of each of MEANINGS the share of domains and of links, in percent; None where too few are known."""

    name: str
    domains: int | None
    cells: list[tuple[str, str, float | None, float | None]]
    is_own: bool = False


def shares_of(project: Project, pinned: index.LinkQuery) -> list[SharesRow]:
    """The project, its competitors, and their median where there are enough of them."""
    rivals = peers.pinned_rivals(project)
    own, *others = SHARES.meaning_shares([pinned, *rivals])
    rows = [_row(project.target.label, own, is_own=True)]
    rows += [_row(query.target.label, one) for query, one in zip(rivals, others, strict=True)]
    known = [one for one in others if one.is_enough]
    if len(known) >= LEAST_PEERS:
        cells = [
            (label, tone, *(100 * median(getattr(one, unit)(name) for one in known) for unit in UNITS))
            for name, (label, tone, _) in MEANINGS.items()
        ]
        rows.insert(1, SharesRow("Median of competitors", None, cells))
    return rows


UNITS = ("of_domains", "of_links")


def _row(name: str, one: index.anchorshares.MeaningShares, *, is_own: bool = False) -> SharesRow:
    cells = [
        (label, tone, *(_percent(getattr(one, unit)(meaning)) for unit in UNITS))
        for meaning, (label, tone, _) in MEANINGS.items()
    ]
    return SharesRow(name, one.domains, cells, is_own)


def _percent(share: float) -> float | None:
    return None if isnan(share) else 100 * share


# --- The list ---------------------------------------------------------------------------------------------------------
@access.project("viewer")
@require_safe
@index_page
def anchors(request: HttpRequest, project: Project) -> HttpResponseBase:
    """The page, its fragment, or a file of all rows."""
    may_edit = request.membership.may("editor")  # type: ignore[attr-defined]
    pinned = _pinned(project)
    listing = _listing(project, pinned, request.user if may_edit else None)
    query = ListQuery.parse(listing.columns, request.GET, sort=REVIEW.SORT)
    context = _around(project, pinned, shown(project))
    return tables.answer(request, listing, query, page="audit/anchors.html", context=context)


def _pinned(project: Project) -> index.LinkQuery:
    """The newest links, judged as an audit would."""
    terms = {"brands": tuple(project.brand_terms), "keywords": tuple(project.money_keywords)}
    return query_of(project, About(project.target.domain, **terms))


def _around(project: Project, pinned: index.LinkQuery, audit: Audit | None) -> dict[str, Any]:
    settled = REVIEW.settled(pinned)
    newer = AnchorClass.objects.filter(project=project)
    if audit is not None and audit.finished_at is not None:
        newer = newer.filter(made_at__gt=audit.finished_at)
    return {
        "project": project,
        "audit": audit,
        "settled": settled,
        "sure_share": settled.sure / settled.domains if settled.domains else 0.0,
        "waiting_url": url_of(project, "anchors", {"standing": REVIEW.REVIEW}),
        "newer": newer.count() if audit is not None else 0,
        "shares": shares_of(project, pinned),
        "meanings": [(label, rule) for label, _, rule in MEANINGS.values()],
        "least_domains": SHARES.LEAST_DOMAINS,
        "least_peers": LEAST_PEERS,
        "has_keywords": bool(project.money_keywords),
        "confirm_form": CONFIRM_FORM,
    }


def _listing(project: Project, pinned: index.LinkQuery, editor: User | None) -> tables.Listing:
    """`editor`: who may change classes, if whoever asks may."""
    said = Said(project, pinned.terms, pinned.target.domain)
    return tables.Listing(
        name="audit-anchors",
        title=f"Anchors of {project.target.domain}",
        columns=(*REVIEW.FIELDS, BUTTON) if editor else REVIEW.FIELDS,
        fetch=lambda query: said.of_page(REVIEW.rows(pinned, query)),
        stream=lambda query: said.of_all(REVIEW.every_row(pinned, query)),
        file_name=f"{project.target.domain}-anchor-classes-{datetime.now(UTC):%Y-%m-%d}",
        cells=_cells,
        value=value_of,
        labels={**classes.LABELS, **reasons.STANDINGS},
        exported=record_export(project, project.target),
        stacks=True,
        bulk=_bulk(project, editor) if editor else None,
        empty=tables.Empty("No anchors yet", "Import links of this site, or let the crawler look for them."),
    )


@dataclass(frozen=True, slots=True)
class Said:
    """Adds to rows why their class is what it is."""

    project: Project
    terms: index.Terms
    domain: str

    def of_page(self, page: index.RowPage) -> index.RowPage:
        made = classes.said_of(self.project, [row["words"] for row in page.rows if row["by_hand"]])
        for row in page.rows:
            row["why"] = reasons.why(row, self.terms, self.domain, made.get(row["words"]))
        return page

    def of_all(self, rows: Any) -> Any:
        made = {one.words: one for one in AnchorClass.objects.filter(project=self.project).select_related("made_by")}
        for row in rows:
            yield row | {"why": reasons.why(row, self.terms, self.domain, made.get(row["words"]))}


def value_of(column: tables.Column, row: Mapping[str, Any]) -> Any:
    if column.name == "anchor_class":
        return classes.LABELS.get(row["anchor_class"], row["anchor_class"])
    if column.name == "standing":
        return reasons.STANDINGS[row["standing"]]
    if column.name == "confirm":
        is_open = row["standing"] in (REVIEW.REVIEW, REVIEW.GUESS)
        return tables_bulk.Button(CONFIRM_FORM, "row", row["words"], "Confirm") if is_open else ""
    return tables.value_of(column, row)


def _cells(columns: Sequence[tables.Column], row: Mapping[str, Any]) -> list[tables.Cell]:
    return [
        tables.Cell(
            one,
            value_of(one, row),
            why="No evidence waits for it." if one.name == "urgent" else "It needs no confirming.",
        )
        for one in columns
    ]


def _bulk(project: Project, user: User) -> tables_bulk.Bulk:
    last = classes.last_step(project, user)
    return tables_bulk.Bulk(
        url=url_of(project, "anchors_set"),
        actions=BULK,
        pick=lambda row: (row["words"], row["anchor"]),
        most=classes.MOST_AT_ONCE,
        undo_url=url_of(project, "anchors_undo"),
        last=last.about if last else "",
    )


# --- Changes ----------------------------------------------------------------------------------------------------------
@access.project("editor")
@require_POST
@index_page
def anchors_set(request: HttpRequest, project: Project) -> HttpResponse:
    """The anchors that were ticked, or all of a list, are confirmed or get another class."""
    action = request.POST.get("action", "")
    try:
        if not action:
            raise classes.Unclassed("Press the button of what the anchors are.")
        step = classes.classify(project, _chosen(request, project), action, request.user)
    except classes.Unclassed as error:
        messages.error(request, str(error))
        return back(request, project, "anchors")
    _log(request, project, "audit.anchors", step.about, step.before)
    messages.success(request, f"{step.about}. This counts from the next audit on; undo takes it back.")
    return back(request, project, "anchors")


def _chosen(request: HttpRequest, project: Project) -> dict[str, str]:
    """Folded words -> class now; words that no link has are left out."""
    pinned = _pinned(project)
    if not request.POST.get("all"):
        return REVIEW.classes_of(pinned, request.POST.getlist("row")[: classes.MOST_AT_ONCE + 1])
    asked = {name: values[-1] for name, values in parse_qs(request.POST.get("query", "")).items()}
    query = ListQuery.parse(REVIEW.FIELDS, asked, sort=REVIEW.SORT)
    return REVIEW.chosen(pinned, query, classes.MOST_AT_ONCE)


@access.project("editor")
@require_POST
def anchors_undo(request: HttpRequest, project: Project) -> HttpResponse:
    """Take back the last step of whoever asks."""
    try:
        step = classes.undo(project, request.user)
    except classes.Unclassed as error:
        messages.error(request, str(error))
        return back(request, project, "anchors")
    _log(request, project, "audit.anchors_back", step.about, step.before)
    messages.success(request, f"Taken back: {step.about}.")
    return back(request, project, "anchors")


def _log(request: HttpRequest, project: Project, action: str, about: str, before: Mapping[str, Any]) -> None:
    audit_log.record_request(
        request, action, project.workspace, about, project=project.pk, anchors=sorted(before)[:100]
    )
