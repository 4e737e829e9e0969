"""One link: what is shown of it, its history, links like it, and every claim that it is made of, down to the row.

Decided: a value that nobody gives is left out, because most links have few of the hundred; what would bring it is said
where it is our own to bring (a crawl of the page).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from backlinks import index
from backlinks.models import Import
from backlinks.workbench import marks
from projects import access
from projects.access import visible_projects
from seoapp.lib import tables
from seoapp.lib.weburl import display_host, parse

from . import lifeline
from .behind import score_url
from .cells import SHARED, in_context, shown_value, value_of
from .cloaking import compared
from .proof import running, timeline, watched
from .reading import Reading, page_context, report_page
from .vendors import vendor_label

OUR_OWN = {"crawl": "Our crawler", "commoncrawl": "Common Crawl"}
# Addresses, anchor and contexts stand above the sections, marks below them.
APART = marks.NAMES | {
    "source_url", "target_url", "anchor", "anchor_known", "alt", "context", "context_left", "context_right",
}  # fmt: skip
READ = "Read by our crawler"
KNOWN_TAGS = 50  # that the form offers


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


@dataclass(frozen=True, slots=True)
class Step:
    """An event of the link's history, with where it comes from."""

    event: lifeline.Event
    where: str
    url: str


@access.project("client")
@report_page
def link(request: HttpRequest, reading: Reading, link_id: int) -> HttpResponse:
    shown = about_link(request, reading, link_id)
    if shown is None:
        raise Http404
    context = page_context(request, reading) | shown | {
        "own_url": reading.url("links"),
        "target_search_url": reading.url("overview").partition("?")[0],
        "alike": _alike(reading, shown["link"]),
        "mark": _mark(request, reading, shown["link"]),
    }  # fmt: skip
    return render(request, "backlinks/link.html", context)


def about_link(request: HttpRequest, reading: Reading, link_id: int) -> dict[str, Any] | None:
    """What is shown of a link wherever one is shown: its text, values, history, proof and claims; None where there is
    no such link."""
    columns = {one.name: one for one in index.columns("links")}
    query = index.pin(reading.query("links")).showing(columns)
    found = index.link(query, link_id) if link_id < 2**64 else None
    if found is None:
        return None
    scores = index.scores_of(reading.project.workspace_id, [found["source_domain"]])
    found["authority"] = scores.get(found["source_domain"], -1.0)
    said = index.link_claims(query, link_id)
    seen = index.page_sightings(query, found["source_domain"], parse(found["source_url"]).key)
    checks = index.of_link(query, link_id)
    places = _places(request, reading, [*said, *seen, *checks])
    return _about_checks(request, reading, query, found) | {
        "link": found,
        "in_context": in_context(found),
        "image": found.get("semrush_image_url", ""),
        "sections": _sections(reading, found),
        "looked_at": max((one["checked_at"] for one in checks), default=None),
        "steps": [_step(one, places) for one in lifeline.lifeline(said, checks, seen)],
        "claims": [_claim(row, *places[row["batch"]], columns.values()) for row in said],
        "sightings": [vendor_label(one) for one in found["sources"] if one not in {row["source"] for row in said}],
    }  # fmt: skip


def _step(event: lifeline.Event, places: Mapping[int, tuple[str, str]]) -> Step:
    """The event with the file that it comes from, where its words do not name that already."""
    where, url = places.get(event.batch, ("", ""))
    return Step(event, "" if event.title.startswith(where) else where, url)


def _about_checks(
    request: HttpRequest, reading: Reading, query: index.LinkQuery, found: dict[str, Any]
) -> dict[str, Any]:
    """The proof of the link, and what can be asked of our crawler; the latter of the project's own links only."""
    own, link_id = not reading.keep, found["link_id"]
    return {
        "checks": timeline(request, reading, query, link_id),
        "watching": watched(reading, found) if own else None,
        "cloaking": compared(reading, found),
        "cloaking_url": reading.url("cloaking_check", link_id=link_id) if own else "",
        "checking": running(reading, found) if own else None,
        "may_crawl": request.membership.may("viewer"),  # type: ignore[attr-defined]
        "check_url": reading.url("link_check", link_id=link_id) if own else "",
        "watch_url": reading.url("watch", link_id=link_id) if own else "",
        "checks_url": reading.url("checks"),
        "crawls_url": reading.url("crawls"),
    }


def _sections(reading: Reading, found: dict[str, Any]) -> list[tuple[str, list[tables.Cell]]]:
    """What is known of the link, section by section; the one of our crawler stands also where it says nothing."""
    urls = score_url(reading, "links", found)
    urls |= {name: reading.url("links", {f"{name}_is": found[name]}) for name in SHARED if found[name]}
    made = []
    for title, columns in index.LINK_SECTIONS:
        cells = [
            tables.Cell(one, value, urls.get(one.name, ""), external=one.kind == "url")
            for one in columns
            if one.name not in APART and (value := shown_value(one, found)) not in (None, "", [])
        ]
        if cells or title == READ:
            made.append((title, cells if title != READ or found["page_read"] else []))
    return made


def _alike(reading: Reading, found: dict[str, Any]) -> list[tuple[str, str]]:
    """Lists of the links that share something with this one."""
    same_words = {"anchor_is": found["anchor"], "anchor_known": "yes"}
    asked = [
        ("Other links from this page", {"source_url_is": found["source_url"]}),
        (f"All links from the host {display_host(found['source_host'])}", {"source_host_is": found["source_host"]}),
        (f"All links from {display_host(found['source_domain'])}", {"source_domain_is": found["source_domain"]}),
        ("All links to this target page", {"target_url_is": found["target_url"]}),
    ]
    if found["anchor_known"]:
        asked.append(("Links with the same anchor", same_words))
        alike = {"source_host_is": found["source_host"], "target_url_is": found["target_url"], "kind": found["kind"]}
        asked.append(("Links like this one from the host", same_words | alike))
    asked += [(f"Links from {found[name]}", {f"{name}_is": found[name]}) for name in ("ip", "subnet") if found[name]]
    return [(label, reading.url("links", params)) for label, params in asked]


def _mark(request: HttpRequest, reading: Reading, found: dict[str, Any]) -> dict[str, Any] | None:
    """What the team says of the link and of its domain; nothing for a client."""
    if not request.membership.may("viewer"):  # type: ignore[attr-defined]
        return None
    domain, link_id = found["source_domain"], str(found["link_id"])
    held = marks.held_marks(reading.project, [(domain, link_id), (domain, "")])
    return {
        "own": marks.Said.of(held.get((domain, link_id))),
        "domain": marks.Said.of(held.get((domain, ""))),
        "domain_url": reading.url("domains", {"source_domain_is": domain}),
        "known_tags": marks.tags_of(reading.project)[:KNOWN_TAGS],
        "url": reading.url("mark", link_id=found["link_id"]),
        "note_length": marks.NOTE_LENGTH,
    }


def _value(column: tables.Column, row: Mapping[str, Any]) -> Any:
    """A value in the words of this page: a reason is a sentence, where files keep its code."""
    if column.name != "lost_reason":
        return shown_value(column, row)
    value = value_of(column, row)
    return lifeline.loss_words(value) if value else value


Place = tuple[str, str]


def _places(request: HttpRequest, reading: Reading, rows: list[dict[str, Any]]) -> dict[int, Place]:
    """Batch -> the file or crawler that it came from, and its page where the member may open it."""
    visible = set(visible_projects(request.membership).values_list("pk", flat=True))  # type: ignore[attr-defined]
    opens = request.membership.may("viewer")  # type: ignore[attr-defined]
    sources = {row["batch"]: row["source"] for row in rows}
    files = {one.batch: one for one in Import.objects.filter(workspace=reading.project.workspace, batch__in=sources)}
    return {batch: _place(reading, source, files.get(batch), visible, opens=opens) for batch, source in sources.items()}


def _place(reading: Reading, source: str, file: Import | None, visible: set[int], *, opens: bool) -> Place:
    if file is None:
        return OUR_OWN.get(source, "An import that is not listed any more"), ""
    if file.project_id not in visible:
        return "An import of another project", ""
    name = file.base_name if not file.member else f"{file.base_name} / {file.member}"
    known = {"slug": reading.project.workspace.slug, "project_id": file.project_id, "import_id": file.pk}
    return name, reverse("backlinks:import", kwargs=known) if opens else ""


def _claim(row: dict[str, Any], where: str, url: str, columns: Iterable[tables.Column]) -> Claim:
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
