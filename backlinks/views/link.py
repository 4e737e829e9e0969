"""One link: what is shown of it, and every claim that it is made of, down to the row of the file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from backlinks import index
from backlinks.models import Import
from projects import access
from projects.access import visible_projects
from seoapp.lib import tables

from .behind import score_url
from .cloaking import compared
from .proof import running, timeline, watched
from .reading import Reading, page_context, report_page
from .reasons import in_words
from .reports import value_of
from .vendors import vendor_label

OUR_OWN = {"crawl": "Our crawler", "commoncrawl": "Common Crawl"}
_PAGE = "title source_domain authority source_host language http_status ip subnet country tld ext_links int_links"
# What the page shows of the link itself; addresses, anchor and contexts stand above it.
SHOWN = (
    ("Link", ("kind", "nofollow", "ugc", "sponsored", "redirect_chain", "flags", "occurrences", "group_count")),
    ("State", ("state", "lost_reason", "first_seen", "last_seen", "lost_at", "sources")),
    (
        "Referring page",
        tuple(_PAGE.split()),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claim:
    """One observation: `where` is the file (or crawler) it came from, `told` the values it gave by label."""

    where: str
    url: str
    row: int
    vendor: str
    report: str
    first_seen: Any
    last_seen: Any
    lost_at: Any
    told: list[tables.Cell]
    others: list[tuple[str, str]]

    @property
    def vendor_label(self) -> str:
        return vendor_label(self.vendor)


@access.project("client")
@report_page
def link(request: HttpRequest, reading: Reading, link_id: int) -> HttpResponse:
    query = index.pin(reading.query("links"))
    found = index.link(query, link_id) if link_id < 2**64 else None
    if found is None:
        raise Http404
    scores = index.scores_of(reading.project.workspace_id, [found["source_domain"]])
    found["authority"] = scores.get(found["source_domain"], -1.0)
    columns = {one.name: one for one in index.columns("links")}
    urls = score_url(reading, "links", found)
    metrics = [one for one in columns.values() if one.kind == "metric" and one.name in found["metrics"]]
    sections = [
        (
            title,
            [
                tables.Cell(columns[name], _value(columns[name], found), urls.get(name, ""))
                for name in names
                if name in columns
            ],
        )
        for title, names in SHOWN
    ]
    said = index.link_claims(query, link_id)
    watching = watched(reading, found) if not reading.keep else None
    context = page_context(request, reading) | {
        "checks": timeline(request, reading, query, link_id),
        "watching": watching,
        "cloaking": compared(reading, found),
        "cloaking_url": "" if reading.keep else reading.url("cloaking_check", link_id=link_id),
        "checking": None if reading.keep else running(reading, found),
        "may_crawl": request.membership.may("viewer"),  # type: ignore[attr-defined]
        "check_url": "" if reading.keep else reading.url("link_check", link_id=link_id),
        "watch_url": "" if reading.keep else reading.url("watch", link_id=link_id),
        "checks_url": reading.url("checks"),
        "own_url": reading.url("links"),
        "target_search_url": reading.url("overview").partition("?")[0],
        "link": found,
        "sections": sections,
        "metrics": [tables.Cell(one, value_of(one, found)) for one in metrics],
        "claims": _claims(request, reading, said, columns),
        "sightings": [vendor_label(one) for one in found["sources"] if one not in {row["source"] for row in said}],
    }
    return render(request, "backlinks/link.html", context)


def _value(column: tables.Column, row: Mapping[str, Any]) -> Any:
    """A value in the words of this page: a reason is a sentence, where lists and files keep its code."""
    value = value_of(column, row)
    return in_words(value) if column.name == "lost_reason" and value else value


def _claims(
    request: HttpRequest, reading: Reading, rows: list[dict[str, Any]], columns: Mapping[str, tables.Column]
) -> list[Claim]:
    batches = {row["batch"] for row in rows}
    visible = set(visible_projects(request.membership).values_list("pk", flat=True))  # type: ignore[attr-defined]
    opens = request.membership.may("viewer")  # type: ignore[attr-defined]
    files = {one.batch: one for one in Import.objects.filter(workspace=reading.project.workspace, batch__in=batches)}
    return [_claim(reading, row, files.get(row["batch"]), visible, columns.values(), opens=opens) for row in rows]


def _claim(
    reading: Reading,
    row: dict[str, Any],
    file: Import | None,
    visible: set[int],
    columns: Iterable[tables.Column],
    *,
    opens: bool,
) -> Claim:
    where, url = OUR_OWN.get(row["source"], "An import that is not listed any more"), ""
    if file is not None and file.project_id not in visible:
        where = "An import of another project"
    elif file is not None:
        where = file.base_name if not file.member else f"{file.base_name} / {file.member}"
        if opens:
            slug = reading.project.workspace.slug
            url = reverse(
                "backlinks:import", kwargs={"slug": slug, "project_id": file.project_id, "import_id": file.pk}
            )
    return Claim(
        where, url, row["row"], row["source"], row["report"], row["first_seen"], row["last_seen"], row["lost_at"],
        list(_told(row, columns)), sorted(row.get("labels", {}).items()),
    )  # fmt: skip


_SHOWN_APART = "source_url target_url source_domain source_host target_host sources first_seen last_seen lost_at"
SHOWN_APART = frozenset(_SHOWN_APART.split())


def _told(row: Mapping[str, Any], columns: Iterable[tables.Column]) -> Iterable[tables.Cell]:
    """The values that this claim gives: silence is left out."""
    for column in columns:
        if column.name in SHOWN_APART or (column.kind != "metric" and column.name not in row):
            continue
        value = _value(column, row)
        if value not in (None, "") and not (column.name == "group_count" and value == 1):
            yield tables.Cell(column, value)
