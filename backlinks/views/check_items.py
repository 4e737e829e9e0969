"""The links that checks have looked at: state, reason, what changed from what to what, and the way to the proof.

Decided: `verdicts.py` says which verdicts count. `?check=` keeps to one check, as far as it is; `?since=` to the looks
of so many days, and `?newest=yes` to one row a link, so that a count of links leads to as many rows. Anchor, rel and
placement are those that were seen, else those that were known before: of a lost link they say which one it was.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from backlinks.crawl.models import CheckItem, Crawl
from projects import access
from projects.models import Project
from seoapp.lib import tables
from seoapp.lib.listquery import Field, ListQuery

from .exports import record_export
from .proof import rel_words
from .reading import Reading
from .reasons import CHANGED, STATES, in_words, tone
from .verdicts import PERIODS, checks_of, counting_items, one_a_link, since

NEWS_WORDS = {"lost": "newly lost", "broken": "newly broken target"}
SHOWN_STATES = tuple(name for name in STATES if name != "waiting")
THERE = ("live", "changed", "restored", "broken")  # states of a link that its page has
LABELS = {name: word.capitalize() for name, word in STATES.items()}


@access.project("client")
@require_safe
def check_items(request: HttpRequest, project: Project) -> HttpResponse:
    """A page, a fragment, or with `export=csv` all rows."""
    own = Reading(project, project.target, {})
    check, keep = _asked(request, project), _kept(request)
    rows = _kept_rows(counting_items(project, check), keep)
    fields = fields_of(rows)
    query = ListQuery.parse(fields, request.GET, sort="-checked_at")
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
        empty=_empty(own, check),
    )
    context = {
        "project": project, "own": own, "check": check, "all_url": own.url("check_items"), "kept": keep,
        "looks_url": own.url("check_items", {name: text for name, text in keep.items() if name != "newest"}),
    }  # fmt: skip
    return tables.answer(request, made, query, page="backlinks/check_items.html", context=context, keep=keep)


def _empty(own: Reading, check: Crawl | None) -> tables.Empty:
    if check is not None and not check.is_over:
        return tables.Empty("No verdict so far", "The check has just begun.", own.url("checks"), "Go to link checks")
    return tables.Empty(
        "No link was checked yet",
        "A check visits the pages that link here and keeps the proof of what it found.",
        own.url("checks"),
        "Go to link checks",
    )


def _asked(request: HttpRequest, project: Project) -> Crawl | None:
    """The check that is asked for; one that is none of the project's is not there."""
    text = request.GET.get("check", "")
    if not text:
        return None
    fits = text.isascii() and text.isdigit() and len(text) < 19
    found = checks_of(project).select_related("run").filter(pk=int(text)).first() if fits else None
    if found is None:
        raise Http404
    return found


def _kept(request: HttpRequest) -> dict[str, str]:
    """What of the URL belongs to the page and not to the list."""
    fits = {
        "check": lambda text: bool(text),
        "since": lambda text: text in map(str, PERIODS),
        "newest": lambda text: text == "yes",
    }
    return {name: request.GET[name] for name, is_known in fits.items() if is_known(request.GET.get(name, ""))}


def _kept_rows(rows: QuerySet[CheckItem], keep: Mapping[str, str]) -> QuerySet[CheckItem]:
    if "since" in keep:
        rows = since(rows, int(keep["since"]))
    return one_a_link(rows) if "newest" in keep else rows


def _reasons(rows: QuerySet[CheckItem]) -> tuple[str, ...]:
    found = rows.exclude(reason="").order_by().values_list("reason", flat=True).distinct()
    return tuple(sorted(found))


def fields_of(rows: QuerySet[CheckItem]) -> tuple[Field, ...]:
    """The columns; the reasons to choose from are those that occur."""
    more: dict[str, Any] = {"sortable": False, "default": False}
    return (
        Field("source_url", "Linking page", "url", "text"),
        Field("target_url", "Target page", "url", "text"),
        Field("state", "State", "state", "choice", SHOWN_STATES),
        Field("reason", "Why", "text", "choice", _reasons(rows)),
        Field("is_new", "Newly so", "bool", "flag", default=False, path="is_news",
              help="Lost, and not lost before; or its target is broken, and was not before."),
        Field("changes", "What changed", sortable=False, help="Old, then new."),
        Field("http", "HTTP", "int", sortable=False, help="Status that the linking page answered with."),
        Field("checked_at", "Looked at", "datetime", "date"),
        Field("anchor", "Anchor", help="As seen in this look, else as it was known before.", **more),
        Field("rel", "Rel", help="As seen in this look, else as it was known before.", **more),
        Field("placement", "Placement", help="As seen in this look, else as it was known before.", **more),
        Field("final_url", "Final address", "url", help="Where the linking page was read, after redirects.", **more),
        Field("last_live", "Last seen live", "datetime", help="By this check or the one before it.", **more),
    )  # fmt: skip


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
    if column.name in OF_ITEM:
        return OF_ITEM[column.name](item)
    if column.name == "state":
        return _state(item)
    if column.name == "reason":
        return in_words(item.reason)
    if column.name == "changes":
        return "; ".join(changes_in_words(item.changes))
    return tables.value_of(column, item)


def changes_in_words(changes: dict[str, Sequence[str]]) -> list[str]:
    """“Anchor: old → new” for each."""
    return [
        f"{CHANGED.get(name, name)}: {before or '(nothing)'} → {after or '(nothing)'}"
        for name, (before, after) in changes.items()
    ]


def _state(item: CheckItem) -> str:
    return NEWS_WORDS[item.state] if item.is_news else STATES.get(item.state, item.state)


def _link(item: CheckItem) -> Mapping[str, Any]:
    """The link as it was seen, else as it was known."""
    last = item.known.get("last") or {}
    rel = dict(zip(("nofollow", "ugc", "sponsored"), last["rel"], strict=True)) if "rel" in last else {}
    return item.seen.get("link") or item.known | last | rel


def _last_live(item: CheckItem) -> datetime | None:
    if item.state in THERE:
        return item.checked_at
    last = item.known.get("last") or {}
    return datetime.fromtimestamp(last["at"], UTC) if last.get("state") in THERE else None


OF_ITEM: dict[str, Callable[[CheckItem], Any]] = {
    "is_new": lambda item: item.is_news,
    "http": lambda item: item.seen.get("status") or None,
    "anchor": lambda item: _link(item).get("anchor") or _link(item).get("alt", ""),
    "rel": lambda item: rel_words(_link(item)),
    "placement": lambda item: _link(item).get("placement", ""),
    "final_url": lambda item: item.seen.get("final_url", ""),
    "last_live": _last_live,
}
