"""Competitors: profiles that share referring domains with the one that is read, and the domains that two of them share.

Decided: every profile that the workspace sees is compared, whoever brought it; a name that nobody thought of is the
point of the list. The formula stands on the page. Domains that link to nearly everybody say little about kinship, so a
switch leaves them out on both sides. A list says what would bring more of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from backlinks import index
from backlinks.views.exports import record_export
from backlinks.views.opengraph import without_graph
from backlinks.views.reading import Reading, page_context, report_page, whole_domains
from backlinks.views.standing import score_url_of
from projects import access
from projects.audit import record_request
from projects.forms import MOST_COMPETITORS
from projects.models import Competitor, Project
from seoapp.lib import tables
from seoapp.lib.listing import Button
from seoapp.lib.listquery import Field, ListQuery
from seoapp.lib.weburl import BadUrl, Target, display_host

from .rivals import name_of, of_target, parse_beside, rivals_of

COMMON, COMMON_OFF = "common", "off"
ADD = "add-competitor"  # id of the form that the buttons of the list send
ADDED = Field("added", "Competitor", "button", sortable=False, help="Whether the project is compared with it.")
WHICH = (("shared", "Link to both"), ("theirs", "Only to them"), ("ours", "Only to us"), ("all", "To either"))


@dataclass(frozen=True, slots=True)
class Rivals:
    """Rows and cells of the list, for one reading."""

    reading: Reading
    query: index.LinkQuery
    beside: index.sets.Beside
    known: frozenset[str]
    can_edit: bool

    def fetch(self, asked: ListQuery) -> index.RowPage:
        return index.sets.rival_rows(self.query, asked, self.beside)

    def stream(self, asked: ListQuery) -> Any:
        return index.sets.rival_stream(self.query, asked, self.beside)

    def cells(self, columns: Sequence[tables.Column], row: Mapping[str, Any]) -> list[tables.Cell]:
        urls = self._urls(row["target_domain"])
        return [self._cell(one, row, urls) for one in columns]

    def _cell(self, column: tables.Column, row: Mapping[str, Any], urls: Mapping[str, str]) -> tables.Cell:
        if column.name == "added":
            return tables.Cell(column, self._button(row["target_domain"]))
        note = "by hashes" if column.name == "shared" and not row["is_exact"] else ""
        value = self.value(column, row)
        shown = display_host(value) if column.name == "target_domain" else value
        return tables.Cell(column, shown, urls.get(column.name, "") if value is not None else "", note=note)

    def value(self, column: tables.Column, row: Mapping[str, Any]) -> Any:
        if column.name == "added":
            return "yes" if row["target_domain"] in self.known else "no"
        return tables.value_of(column, row)

    def _button(self, domain: str) -> Button | str:
        if domain in self.known:
            return "yes"
        return Button(ADD, "domain", domain, "Add") if self.can_edit else "no"

    def _urls(self, domain: str) -> dict[str, str]:
        whole = self.reading.of_domain(domain)
        shared = self.reading.url("shared", {"with": domain} | self.common)
        return {
            "target_domain": whole.url("overview"),
            "shared": shared,
            "domains": whole.url("domains", {index.GRAPH: index.GRAPH_OFF}),  # as they are counted here
            "links": whole.url("links"),
            "authority": score_url_of(self.reading, domain),
        }

    @property
    def common(self) -> dict[str, str]:
        return {COMMON: COMMON_OFF} if self.beside.without_common else {}

    def row_url(self, row: Mapping[str, Any]) -> str:
        return self.reading.url("compare", {"with": row["target_domain"]})


@access.project("client")
@report_page
def competitors(request: HttpRequest, reading: Reading) -> HttpResponse:
    """A page, a fragment, or with `export=` all rows."""
    beside = index.sets.Beside(request.GET.get(COMMON) == COMMON_OFF, whole_domains(reading))
    query = index.pin(reading.query("domains"))
    can_edit = request.membership.may("editor")  # type: ignore[attr-defined]
    rivals = Rivals(reading, query, beside, _known(reading), can_edit)
    facts = index.sets.compared(query, beside)
    listing = tables.Listing(
        name="competitors",
        title=f"Profiles that share referring domains with {reading.label}",
        columns=(*index.sets.RIVALS, ADDED),
        fetch=rivals.fetch,
        stream=rivals.stream,
        file_name=f"{reading.target.label}-competitors-{datetime.now(UTC):%Y-%m-%d}",
        cells=rivals.cells,
        value=rivals.value,
        row_url=rivals.row_url,
        row_label="Compare side by side",
        exported=record_export(reading.project, reading.target),
        empty=_empty(reading, facts),
        stacks=True,
    )
    context = page_context(request, reading) | {
        "facts": facts,
        "common_switch": _switch(request, reading, beside),
        "form_id": ADD,
        "add_url": reading.url("competitor_add"),
        "imports_url": reading.url("imports"),
        "here": request.get_full_path(),
        "graph_words": without_graph(of_part=reading.target.scope != "root"),
    }
    asked = ListQuery.parse(listing.columns, request.GET, sort="-similarity")
    keep = reading.carried | rivals.common
    return tables.answer(request, listing, asked, page="backlinks/competitors.html", context=context, keep=keep)


def _known(reading: Reading) -> frozenset[str]:
    """Whole domains that the project is compared with, and its own."""
    return frozenset(one.domain for one in (*rivals_of(reading), reading.project.target) if one.scope == "root")


def _switch(request: HttpRequest, reading: Reading, beside: index.sets.Beside) -> list[tables.Link]:
    def url(off: str) -> str:
        params = reading.carried | ({COMMON: COMMON_OFF} if off else {})
        return f"{request.path}?{urlencode(params)}" if params else request.path

    return [
        tables.Link("counted", url(""), not beside.without_common),
        tables.Link("left out", url(COMMON_OFF), beside.without_common),
    ]


def _empty(reading: Reading, facts: index.sets.Compared) -> tables.Empty:
    more = "Import exports of competitors' links (their file names the target), or load pages of Common Crawl on Data."
    if not facts.ours:
        title, text = (
            f"No link to {reading.label} is known yet",
            f"Without its referring domains none is shared. {more}",
        )
    elif not facts.profiles:
        title, text = "There is no other profile to compare with", more
    else:
        title, text = "No other profile shares a referring domain", more
    return tables.Empty(title, text, reading.url("imports"), "Go to imports")


# --- Adding one ---------------------------------------------------------------------------------------------------
@access.project("editor")
@require_POST
def competitor_add(request: HttpRequest, project: Project) -> HttpResponse:
    """Make a domain a competitor of the project."""
    try:
        target = Target.parse(request.POST.get("domain", "").strip()[:2048])
    except BadUrl as error:
        messages.error(request, f"This is no domain or URL: {error}.")
    else:
        _add(request, project, target)
    return HttpResponseRedirect(_back(request, project))


def _add(request: HttpRequest, project: Project, target: Target) -> None:
    before = list(project.competitors.order_by("pk").values_list("target", flat=True))
    if target == project.target or str(target) in before:
        messages.info(request, f"{target} is in the project already.")
    elif len(before) >= MOST_COMPETITORS:
        messages.error(request, f"A project has at most {MOST_COMPETITORS} competitors: take one out in its settings.")
    else:
        with transaction.atomic():
            Competitor.objects.get_or_create(project=project, target=str(target))
            changed = [before, [*before, str(target)]]
            record_request(request, "project.changed", project.workspace, project.name, competitors=changed)
        messages.success(request, f"{display_host(target.label)} is a competitor of {project.name} now.")


def _back(request: HttpRequest, project: Project) -> str:
    """The page of this project that the form came from."""
    own = reverse("backlinks:overview", args=[project.workspace.slug, project.pk])
    asked = request.POST.get("back", "")
    return (
        asked if asked.startswith(own) else reverse("backlinks:competitors", args=[project.workspace.slug, project.pk])
    )


# --- Shared domains -----------------------------------------------------------------------------------------------
@access.project("client")
@report_page
def shared(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Domains that link to two targets, or to one of them alone."""
    named = request.GET.get("with") or next(map(name_of, rivals_of(reading)), "")
    other = of_target(reading, parse_beside(named))
    which = request.GET.get("which", "")
    which = which if which in index.pairs.WHICH else "shared"
    sides = (reading, other)
    queries = index.pin_all([one.query("domains") for one in sides])
    columns = index.pairs.pair_fields("us", "them")
    listing = tables.Listing(
        name="shared",
        title=f"Referring domains of {reading.label} and {other.label}",
        columns=columns,
        fetch=lambda asked: index.pairs.pair_rows(queries, which, asked),
        stream=lambda asked: index.pairs.pair_stream(queries, which, asked),
        file_name=f"{reading.target.label}-{other.target.label}-{which}-{datetime.now(UTC):%Y-%m-%d}",
        cells=lambda shown, row: [_pair_cell(sides, one, row) for one in shown],
        exported=record_export(reading.project, f"{reading.target} and {other.target}"),
        empty=tables.Empty(
            "No referring domain fits",
            "Import the exports of both sites: domains are shared once both profiles are known.",
            reading.url("imports"),
            "Go to imports",
        ),
        stacks=True,
    )
    keep = reading.carried | {"with": named}
    context = page_context(request, reading) | {
        "other": other,
        "compare_url": reading.url("compare", {"with": named}),
        "which_switch": [tables.Link(text, _which_url(request, keep, name), name == which) for name, text in WHICH],
    }
    asked = ListQuery.parse(columns, request.GET, sort="-authority")
    keep |= {} if which == "shared" else {"which": which}
    return tables.answer(request, listing, asked, page="backlinks/shared.html", context=context, keep=keep)


def _which_url(request: HttpRequest, keep: Mapping[str, str], name: str) -> str:
    return f"{request.path}?{urlencode({**keep, 'which': name})}"


def _pair_cell(sides: Sequence[Reading], column: tables.Column, row: Mapping[str, Any]) -> tables.Cell:
    """Counts lead to the links of the domain to that target; a state of a side that it does not link to is none."""
    name, _, side = column.name.rpartition("_")
    domain = row["source_domain"]
    if name in ("links", "follow", "state", "first_seen") and side in ("0", "1"):
        had = row[f"had_{side}"]
        value = tables.value_of(column, row) if had or name in ("links", "follow") else None
        more = {"nofollow": "no"} if name == "follow" else {}
        leads = had and name in ("links", "follow") and row[column.name]
        href = sides[int(side)].url("links", {"source_domain_is": domain} | more) if leads else ""
        return tables.Cell(column, value, href)
    value = tables.value_of(column, row)
    if column.name == "authority":
        closed = value is None or sides[0].is_narrow
        return tables.Cell(column, value, "" if closed else score_url_of(sides[0], domain))
    return tables.Cell(column, display_host(value))
