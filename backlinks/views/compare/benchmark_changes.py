"""What has changed since a benchmark: metric by metric, with what caused each difference, and the domains behind it.

Decided: a difference stands beside its causes, and the causes add up to it; each leads to the domains that make it up.
Addresses are shared by domains, so they have a difference and no causes. The score has causes of its own kind: points.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from backlinks import index
from backlinks.authority.change import Cause
from backlinks.models import Import
from backlinks.views.behind import figure_urls
from backlinks.views.exports import record_export
from backlinks.views.reading import Reading, page_context, report_page
from backlinks.views.reasons import in_words
from backlinks.views.standing import score_url_of
from backlinks.views.vendors import LABELS, vendor_label
from backlinks.workbench import benchmarks as desk
from backlinks.workbench.models import Benchmark
from projects import access
from seoapp.lib import tables
from seoapp.lib.listquery import ListQuery
from seoapp.lib.weburl import display_host

from .benchmarks import found

FIGURES = (
    ("referring_domains", "Referring domains"),
    ("domains_live", "… with a live link"),
    ("domains_lost", "… lost"),
    ("domains_unknown", "… unknown"),
    ("graph_domains", "… in the graph only"),
    ("links", "Backlinks"),
    ("live", "Live links"),
    ("lost", "Lost links"),
    ("unknown", "Unknown links"),
    ("follow", "Follow"),
    ("nofollow", "Nofollow"),
    ("rel_unknown", "Rel not known"),
    ("ugc", "UGC"),
    ("sponsored", "Sponsored"),
    ("text", "Text links"),
    ("image", "Image links"),
    ("form", "Form links"),
    ("frame", "Frame links"),
    ("redirect", "Redirects"),
    ("other", "Other links"),
    ("hosts", "Referring hosts"),
)
PLAIN = (("ips", "IPs"), ("subnets", "Subnets"), ("first_seen", "First seen"), ("last_seen", "Last seen"))
CAUSES = {
    "new": ("First seen since", "Domains first seen on the day of the benchmark or later."),
    "graph_came": ("Named by the open graph", "Domains that a newer release of the graph names."),
    "learned": ("Older, known only since", "First seen before the benchmark, but no import had named them then."),
    "graph_went": ("No longer in the open graph", "Only the graph had named them, and its release does not any more."),
    "taken": ("Taken back", "Known then only by imports that were removed since."),
    "lost": ("Lost since", "Their last link was lost, for the reason that is named."),
    "found": ("Found again", "Lost then, seen again since."),
    "unlooked": (
        "Nobody has looked",
        "Live then; what still counts has not seen a link for so long that their state is unknown.",
    ),
    "looked": ("Looked at again", "Unknown then, seen live since."),
    "grew": ("More links", "Known both times; more links are known now."),
    "shrank": ("Fewer links", "Known both times; imports that named some of the links were removed."),
    "rel": ("Other rel", "The same links, with other rel attributes."),
    "states": ("Single links changed state", "The domain's state is the same, that of some links is not."),
    "named": (
        "Named beside the graph, or no longer",
        "No links are known either time; only the open graph names it on one side, other sources too on the other.",
    ),
    "kinds": ("Other kinds or hosts", "The same links, of other kinds or on other hosts."),
    "same": ("Unchanged", "Nothing of it has changed."),
}

NAMELESS = {"other": "in another way", "unnamed": "no source says why"}


@dataclass(frozen=True, slots=True)
class CauseLink:
    """One cause of one difference, and the domains behind it."""

    label: str
    why: str
    change: float
    href: str


@dataclass(frozen=True, slots=True)
class Metric:
    label: str
    before: Any
    after: Any
    change: float | None
    href: str
    causes: tuple[CauseLink, ...] = ()
    is_date: bool = False


@dataclass(frozen=True, slots=True)
class CauseRow:
    """A cause as a whole: how many domains, and what it did to the main figures."""

    label: str
    why: str
    meaning: str
    domains: int
    href: str
    changes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sides:
    """A benchmark, and what it is compared with: another one of the same target, or (None) the profile of now."""

    benchmark: Benchmark
    against: Benchmark | None
    reading: Reading
    query: index.LinkQuery

    @property
    def kept(self) -> tuple[index.benchmarks.Kept, index.benchmarks.Kept | None]:
        return desk.kept(self.benchmark), desk.kept(self.against) if self.against else None

    @property
    def figures(self) -> tuple[dict[str, Any], dict[str, Any]]:
        after = self.against.figures if self.against else desk.now_of(self.query)
        return self.benchmark.figures, after

    def url(self, **params: str) -> str:
        """The domains that a cause has changed."""
        more = {"against": str(self.against.pk)} if self.against else {}
        return self.reading.url("benchmark_domains", more | params, benchmark_id=self.benchmark.pk)


MAIN = ("referring_domains", "links", "live", "lost", "unknown", "follow", "nofollow")


@access.project("client")
@require_safe
@report_page
def benchmark(request: HttpRequest, reading: Reading, benchmark_id: int) -> HttpResponseBase:
    sides = _sides(request, reading, benchmark_id)
    effects, sums = index.benchmarks.differences(sides.query, *sides.kept)
    before, after = sides.figures
    after = after | {"sums": sums}
    batches = _batches(sides.reading, effects)
    points = desk.authority_causes(sides.query.workspace, sides.query.target.domain, before, after)
    others = reading.project.benchmarks.filter(target=sides.benchmark.target, scope=sides.benchmark.scope)
    context = page_context(request, sides.reading) | {
        "scopes": (),
        "benchmark": sides.benchmark,
        "against": sides.against,
        "others": others.exclude(pk=sides.benchmark.pk),
        "metrics": list(_metrics(sides, effects, before, after, batches)),
        "authority": _authority(sides.reading, before, after, points),
        "points": points,
        "causes": [_cause_row(sides, one, batches) for one in effects],
        "heads": [dict(FIGURES)[name] for name in MAIN],
        "sums": [sum(one.figures[name] for one in effects) for name in MAIN],
        "edit_url": sides.reading.url("benchmark_edit", benchmark_id=sides.benchmark.pk),
        "delete_url": sides.reading.url("benchmark_delete", benchmark_id=sides.benchmark.pk),
        "list_url": sides.reading.url("benchmarks"),
        "domains_url": sides.url(),
        "why_url": sides.reading.url("why"),
    }
    return render(request, "backlinks/benchmark.html", context)


def _sides(request: HttpRequest, reading: Reading, benchmark_id: int) -> Sides:
    benchmark, own = found(reading, benchmark_id)
    asked = request.GET.get("against", "")
    against = None
    if asked.isascii() and asked.isdigit() and len(asked) < 19:
        against, other = found(reading, int(asked))
        if other.target != own.target:
            raise Http404
    return Sides(benchmark, against, own, index.pin(own.query("domains")))


def _metrics(
    sides: Sides,
    effects: Sequence[index.benchmarks.Effect],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    batches: Mapping[str, str],
) -> Iterable[Metric]:
    urls = figure_urls(sides.reading)
    urls |= {
        f"domains_{state}": sides.reading.url("domains", {"state": state}) for state in ("live", "lost", "unknown")
    }
    for name, label in FIGURES:
        changes = {id(one): one.figures[name] for one in effects if one.figures[name]}
        was = before["sums"][name]
        now = after["sums"][name]
        if was or now or changes:
            causes = tuple(_cause_link(sides, one, changes[id(one)], batches) for one in effects if id(one) in changes)
            yield Metric(label, was, now, now - was, "" if sides.against else urls[name], causes)
    for name, label in PLAIN:
        was, now = before["head"][name], after["head"][name]
        is_date = name.endswith("seen")
        change = None if is_date else now - was
        yield Metric(label, _shown(was), _shown(now), change, "" if sides.against else urls[name], (), is_date)


def _shown(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _authority(
    reading: Reading, before: Mapping[str, Any], after: Mapping[str, Any], points: Sequence[Cause]
) -> Metric:
    was, now = before["head"]["authority"], after["head"]["authority"]
    change = None if was is None or now is None else round(now - was, 2)
    causes = tuple(CauseLink(one.label, one.detail, one.points, "") for one in points)
    return Metric("Authority", was, now, change, reading.url("why"), causes)


def _cause_link(sides: Sides, effect: index.benchmarks.Effect, change: int, batches: Mapping[str, str]) -> CauseLink:
    return CauseLink(CAUSES[effect.cause][0], _why(effect.cause, effect.why, batches), change, _url(sides, effect))


def _url(sides: Sides, effect: index.benchmarks.Effect) -> str:
    return sides.url(**{"cause": effect.cause} | ({"why": effect.why} if effect.why else {}))


def _cause_row(sides: Sides, effect: index.benchmarks.Effect, batches: Mapping[str, str]) -> CauseRow:
    label, meaning = CAUSES[effect.cause]
    changes = tuple(effect.figures[name] for name in MAIN)
    why = _why(effect.cause, effect.why, batches)
    return CauseRow(label, why, meaning, effect.domains, _url(sides, effect), changes)


def _why(cause: str, why: str, batches: Mapping[str, str]) -> str:
    """The reason of a loss, or the name of the batch that named the domain first."""
    if why in NAMELESS:
        return NAMELESS[why]
    return batches.get(why, "") if cause == "learned" else in_words(why) if why else ""


def _words(effects: Iterable[index.benchmarks.Effect]) -> dict[str, str]:
    """The reasons of losses as the filter names them."""
    return NAMELESS | {one.why: in_words(one.why) for one in effects if one.cause == "lost" and one.why not in NAMELESS}


def _batches(reading: Reading, effects: Iterable[index.benchmarks.Effect]) -> dict[str, str]:
    """Batch -> what brought it, for people; files of projects that a narrow member does not see stay unnamed."""
    ids = [int(one.why) for one in effects if one.cause == "learned" and one.why.isdigit()]
    rows = Import.objects.filter(workspace=reading.project.workspace_id, batch__in=ids)
    if reading.is_narrow:
        rows = rows.filter(project=reading.project)
    named = {str(one.batch): f"{one.label or vendor_label(one.vendor)}: {one.base_name}" for one in rows}
    return {str(one): named.get(str(one), "a crawl, a check or another import") for one in ids}


# --- Domains ------------------------------------------------------------------------------------------------------
@access.project("client")
@require_safe
@report_page
def benchmark_domains(request: HttpRequest, reading: Reading, benchmark_id: int) -> HttpResponseBase:
    """The domains of both sides, each with its cause; a page, a fragment, or with `export=` all rows."""
    sides = _sides(request, reading, benchmark_id)
    effects = index.benchmarks.effects(sides.query, *sides.kept)
    batches, columns = _batches(sides.reading, effects), index.benchmarks.domain_fields(effects)
    listing = tables.Listing(
        name="benchmark-domains",
        title=f"Domains of {sides.reading.label} since {sides.benchmark.name}",
        columns=columns,
        fetch=lambda asked: index.benchmarks.domain_rows(sides.query, asked, *sides.kept),
        stream=lambda asked: index.benchmarks.domain_stream(sides.query, asked, *sides.kept),
        file_name=f"{sides.reading.target.label}-since-{sides.benchmark.created_at:%Y-%m-%d}",
        cells=lambda shown, row: [_cell(sides, batches, one, row) for one in shown],
        value=lambda column, row: _value(batches, column, row),
        labels={name: label for name, (label, _) in CAUSES.items()} | _words(effects) | LABELS | batches,
        exported=record_export(reading.project, f"{sides.reading.target} since {sides.benchmark.name}"),
        empty=tables.Empty("No referring domain is known on either side", "Import links, then compare again."),
        stacks=True,
    )
    against = {"against": str(sides.against.pk)} if sides.against else {}
    keep = sides.reading.carried | against
    context = page_context(request, sides.reading) | {
        "scopes": (),
        "benchmark": sides.benchmark,
        "against": sides.against,
        "back_url": sides.reading.url("benchmark", against, benchmark_id=benchmark_id),
    }
    query = ListQuery.parse(columns, request.GET, sort="-links_1")
    return tables.answer(request, listing, query, page="backlinks/benchmark_domains.html", context=context, keep=keep)


def _value(batches: Mapping[str, str], column: tables.Column, row: Mapping[str, Any]) -> Any:
    if column.name == "cause":
        return CAUSES[row["cause"]][0]
    if column.name == "why":
        return _why(row["cause"], row["why"], batches)
    if column.name == "change":
        return row["change"]
    side = column.name.rpartition("_")[2]
    if side in ("0", "1") and not row[f"there_{side}"]:
        return None
    value = tables.value_of(column, row)
    if column.kind == "date":
        return value.date() if isinstance(value, datetime) and value.year > 1970 else None
    return [vendor_label(one) for one in value] if column.kind == "list" else value


def _cell(sides: Sides, batches: Mapping[str, str], column: tables.Column, row: Mapping[str, Any]) -> tables.Cell:
    value = _value(batches, column, row)
    domain = row["source_domain"]
    if column.name == "source_domain":
        return tables.Cell(column, display_host(value), sides.reading.url("links", {"source_domain_is": domain}))
    if column.name == "links_1" and value and not sides.against:
        return tables.Cell(column, value, sides.reading.url("links", {"source_domain_is": domain}))
    if column.name == "authority" and value is not None and not sides.reading.is_narrow:
        return tables.Cell(column, value, score_url_of(sides.reading, domain))
    return tables.Cell(column, value)
