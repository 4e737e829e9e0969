"""The links that checks have looked at: state, reason, what changed from what to what, and the way to the proof.

Decided: checks that have ended count, and of one that was cancelled the verdicts that it had reached; one that failed
has none yet. `?check=` keeps to one of them. A link that was live when it was last looked at is *newly lost*.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from backlinks.crawl.models import CheckItem, Crawl
from projects import access
from projects.models import Project
from seoapp.lib import tables
from seoapp.lib.listquery import Field, ListQuery

from .exports import record_export
from .reading import Reading
from .reasons import CHANGED, STATES, in_words, tone

ENDED = (Crawl.State.DONE, Crawl.State.CANCELLED)
NEWLY_LOST = "newly lost"
SHOWN_STATES = tuple(name for name in STATES if name != "waiting")
LABELS = {name: word.capitalize() for name, word in STATES.items()}


@access.project("client")
@require_safe
def check_items(request: HttpRequest, project: Project) -> HttpResponse:
    """A page, a fragment, or with `export=csv` all rows."""
    own = Reading(project, project.target, {})
    check = _asked(request, project)
    rows = counting_items(project, check)
    fields = fields_of(rows)
    query = ListQuery.parse(fields, request.GET, sort="-checked_at")
    keep = {"check": str(check.pk)} if check else {}
    made = tables.Listing(
        name="checks",
        title=f"Checked links of {project.target}",
        columns=fields,
        fetch=lambda asked: asked.fetch(rows),
        stream=lambda asked: asked.stream(rows),
        file_name=f"{project.target}-checked-links-{datetime.now(UTC):%Y-%m-%d}",
        cells=cells,
        value=value_of,
        row_url=lambda item: own.url("link", link_id=int(item.link_id)) + "#proof",
        row_label="The proof",
        labels=LABELS | {reason: in_words(reason) for reason in _reasons(rows)},
        exported=record_export(project),
        stacks=True,
        empty=tables.Empty(
            "No link was checked yet",
            "A check visits the pages that link here and keeps the proof of what it found.",
            own.url("checks"),
            "Go to link checks",
        ),
    )
    context = {"project": project, "own": own, "check": check, "all_url": own.url("check_items")}
    return tables.answer(request, made, query, page="backlinks/check_items.html", context=context, keep=keep)


def _asked(request: HttpRequest, project: Project) -> Crawl | None:
    text = request.GET.get("check", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    return _ended(project).filter(pk=int(text)).first()


def _ended(project: Project) -> QuerySet[Crawl]:
    return Crawl.objects.filter(project=project, kind=Crawl.Kind.CHECK, state__in=ENDED)


def counting_items(project: Project, check: Crawl | None = None) -> QuerySet[CheckItem]:
    """Links with a verdict, of one check or of all."""
    found = CheckItem.objects.filter(crawl=check) if check else CheckItem.objects.filter(crawl__in=_ended(project))
    return found.exclude(state=CheckItem.State.WAITING)


def _reasons(rows: QuerySet[CheckItem]) -> tuple[str, ...]:
    found = rows.exclude(reason="").order_by().values_list("reason", flat=True).distinct()
    return tuple(sorted(found))


def fields_of(rows: QuerySet[CheckItem]) -> tuple[Field, ...]:
    """The columns; the reasons to choose from are those that occur."""
    return (
        Field("source_url", "Linking page", "url", "text"),
        Field("target_url", "Target page", "url", "text"),
        Field("state", "State", "state", "choice", SHOWN_STATES),
        Field("reason", "Why", "text", "choice", _reasons(rows)),
        Field("is_new", "Newly lost", "bool", "flag", default=False, help="It was not lost before."),
        Field("changes", "What changed", sortable=False, help="Old, then new."),
        Field("http", "HTTP", "int", sortable=False, help="Status that the linking page answered with."),
        Field("checked_at", "Looked at", "datetime", "date"),
    )


def cells(columns: Sequence[tables.Column], item: CheckItem) -> list[tables.Cell]:
    return [_cell(one, item) for one in columns]


def _cell(column: tables.Column, item: CheckItem) -> tables.Cell:
    value = value_of(column, item)
    if column.name == "state":
        return tables.Cell(replace(column, kind=f"state-{tone(item.state)}"), value)
    return tables.Cell(
        column, value, external=column.kind == "url", empty="nothing" if column.name == "changes" else ""
    )


def value_of(column: tables.Column, item: CheckItem) -> Any:
    if column.name == "state":
        return NEWLY_LOST if item.is_new else STATES.get(item.state, item.state)
    if column.name == "reason":
        return in_words(item.reason)
    if column.name == "changes":
        return "; ".join(changes_in_words(item.changes))
    if column.name == "http":
        return item.seen.get("status") or None
    return tables.value_of(column, item)


def changes_in_words(changes: dict[str, Sequence[str]]) -> list[str]:
    """“Anchor: old → new” for each."""
    return [
        f"{CHANGED.get(name, name)}: {before or '(nothing)'} → {after or '(nothing)'}"
        for name, (before, after) in changes.items()
    ]
