"""What an audit found, by anchor and by the client's page; each row leads to the domains behind it.

Decided: both lists count domains by band, as the list of domains does, so that each count is a list of that length.
Shown of what fired are the markers of anchors by name and evidence of other groups by group; context stands on the
domains' pages. Whether a target page is broken is told where our checks or a crawl of the site have looked.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from audit.markers import MARKERS
from audit.markers.marker import BECOMES, EVIDENCE, KNOCK_OUT
from audit.models import Audit
from audit.words import MARKED, group_name, name_of
from backlinks import index
from backlinks.views.anchors import RULES
from backlinks.views.exports import record_export
from projects import access
from projects.models import Project
from seoapp.lib import tables
from seoapp.lib.listquery import ListQuery

from .asked import audit_page, run_of, url_of
from .shelves import ANCHOR, LINKED

GROUPS = index.auditgroups
TOLD = tuple(one.id for one in MARKERS if one.group == "ANC" or one.kind in (KNOCK_OUT, EVIDENCE, BECOMES))
BANDS = dict(zip(("toxic", "potentially", "harmless", "unassessed"), index.auditlists.BANDS, strict=True))
ANSWERS = {"ok": "Answers", "broken": "Broken", "redirects": "Redirects", "unknown": "Not known"}
CLASS_LABELS = {name: label for name, (label, _, _) in RULES.items()}
SHOWN_CLASSES = 3  # of a page; exports have all
NAMELESS = {"(image)": "image without a text", "(empty)": "without a text", "(unknown)": "not known"}


@dataclass(frozen=True, slots=True)
class Grouped:
    """A list of groups: `param` narrows the list of domains to one of them, `name` is the column that leads there."""

    project: Project
    param: str
    name: str

    def domains_url(self, row: Mapping[str, Any], **more: str) -> str:
        return url_of(self.project, "domains", {self.param: row["key"], **more})

    def cells(self, columns: Sequence[tables.Column], row: Mapping[str, Any]) -> list[tables.Cell]:
        return [self._cell(one, row) for one in columns]

    def _cell(self, column: tables.Column, row: Mapping[str, Any]) -> tables.Cell:
        name, value = column.name, value_of(column, row)
        if name == "markers":
            return tables.Cell(column, _shortly(row["markers"]), empty="no evidence")
        if name == "anchors":
            return tables.Cell(column, value[:SHOWN_CLASSES])
        if name == self.name:
            short = row["key"] if column.kind == "url" else ""
            return tables.Cell(column, value, self.domains_url(row), empty=NAMELESS.get(row["key"], ""), short=short)
        if name in BANDS and value:
            return tables.Cell(column, value, self.domains_url(row, band=BANDS[name]))
        if name == "domains":
            return tables.Cell(column, value, self.domains_url(row))
        return tables.Cell(column, value, why="Nobody has looked." if name == "status" else "")

    def listing(self, audit: Audit, title: str, **rest: Any) -> tables.Listing:
        return tables.Listing(
            title=title,
            cells=self.cells,
            value=value_of,
            row_url=self.domains_url,
            row_label="The domains behind it",
            exported=record_export(self.project, self.project.target),
            stacks=True,
            file_name=f"{self.project.target.domain}-{rest['name']}-{datetime.now(UTC):%Y-%m-%d}",
            **rest,
        )


def value_of(column: tables.Column, row: Mapping[str, Any]) -> Any:
    if column.name == "markers":
        return [f"{one} {name_of(one)}" for one in row["markers"]]
    if column.name == "anchor_class":
        return CLASS_LABELS.get(row["anchor_class"], row["anchor_class"])
    if column.name == "answer":
        return ANSWERS[row["answer"]]
    if column.name == "anchors":
        return [f"{CLASS_LABELS.get(name, name)} {times:,}" for name, times in row["anchors"]]
    found = tables.value_of(column, row)
    if column.kind == "date":
        return found.date() if isinstance(found, datetime) and found.year > 1970 else None
    return found


def _shortly(ids: Sequence[str]) -> list[str]:
    """Markers of anchors by name, evidence of other groups by how much there is of each."""
    own = [name_of(one) for one in ids if MARKED[one].group == "ANC"]
    others = Counter(group_name(one) for one in ids if MARKED[one].group != "ANC" and MARKED[one].kind != BECOMES)
    return [*own, *(name if times == 1 else f"{name} {times}" for name, times in others.items())]


# --- Anchors ----------------------------------------------------------------------------------------------------------
@access.project("client")
@require_safe
@audit_page
def anchor_risk(request: HttpRequest, project: Project, audit: Audit) -> HttpResponseBase:
    """The page, its fragment, or a file of all rows."""
    run = run_of(audit)
    listing = Grouped(project, ANCHOR, "anchor").listing(
        audit,
        f"Anchors of {project.target.domain} by risk",
        name="anchor-risk",
        columns=GROUPS.anchor_fields(TOLD),
        fetch=lambda query: GROUPS.anchor_rows(run, query, TOLD),
        stream=lambda query: GROUPS.every_anchor(run, query, TOLD),
        labels={**CLASS_LABELS, **{one: f"{one} {name_of(one)}" for one in TOLD}},
    )
    query = ListQuery.parse(listing.columns, request.GET, sort=GROUPS.SORT)
    inside = request.membership.may("viewer")  # type: ignore[attr-defined]
    context = {"project": project, "audit": audit, "may_see_classes": inside}
    return tables.answer(request, listing, query, page="audit/anchor_risk.html", context=context)


# --- Target pages -----------------------------------------------------------------------------------------------------
@access.project("client")
@require_safe
@audit_page
def target_pages(request: HttpRequest, project: Project, audit: Audit) -> HttpResponseBase:
    """The page, its fragment, or a file of all rows; audits that did not keep the pages' keys have to be run again."""
    run = run_of(audit)
    site = index.LinkQuery.parse(workspace=project.workspace_id, target=project.target, report="pages", params={})
    listing = Grouped(project, LINKED, "target_url").listing(
        audit,
        f"Pages of {project.target.domain} by the risk of their links",
        name="target-pages",
        columns=GROUPS.PAGE_FIELDS,
        fetch=lambda query: GROUPS.page_rows(run, site, query),
        stream=lambda query: GROUPS.every_page(run, site, query),
        labels=ANSWERS,
        empty=tables.Empty("No page is linked", "The audit knows no link that names a page of this site."),
    )
    query = ListQuery.parse(listing.columns, request.GET, sort=GROUPS.SORT)
    context = {"project": project, "audit": audit, "is_old": not GROUPS.has_pages(run)}
    return tables.answer(request, listing, query, page="audit/target_pages.html", context=context)
