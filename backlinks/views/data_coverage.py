"""Which share of each client's referring domains every source knows: a row a project, a column a source."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backlinks import index
from projects.models import Project

from .reading import Reading
from .vendors import vendor_label

MOST_PROJECTS = 30  # each is a question to the index


@dataclass(frozen=True, slots=True)
class CoverageCell:
    domains: int
    share: float
    href: str

    @property
    def bar(self) -> float:
        return 100 * self.share


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """A project; `cells` stand in the order of the matrix's sources, None where one knows nothing."""

    project: Project
    overview_url: str
    imports_url: str
    domains: int
    domains_url: str
    cells: list[CoverageCell | None]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    heads: list[str]
    rows: list[CoverageRow]
    left_out: int


def coverage(projects: Sequence[Project], *, is_narrow: bool) -> Coverage:
    """The first projects by name; the sources that know most stand first."""
    known = [(one, _known(one)) for one in projects[:MOST_PROJECTS]]
    totals: dict[str, int] = {}
    for _, (_, by_source) in known:
        for name, domains in by_source.items():
            totals[name] = totals.get(name, 0) + domains
    names = sorted(totals, key=lambda one: (-totals[one], one))
    rows = [_row(one, union, by_source, names, is_narrow=is_narrow) for one, (union, by_source) in known]
    return Coverage([vendor_label(one) for one in names], rows, max(0, len(projects) - MOST_PROJECTS))


def _known(project: Project) -> tuple[int, dict[str, int]]:
    """(all referring domains, those that each source knows)."""
    query = index.LinkQuery.parse(workspace=project.workspace_id, target=project.target, report="links", params={})
    sets = index.overlap(query)
    by_source: dict[str, int] = {}
    for one in sets:
        for name in one.sources:
            by_source[name] = by_source.get(name, 0) + one.domains
    return sum(one.domains for one in sets), by_source


def _row(
    project: Project, union: int, by_source: dict[str, int], names: Iterable[str], *, is_narrow: bool
) -> CoverageRow:
    reading = Reading(project, project.target, {}, is_narrow=is_narrow)
    cells = [
        CoverageCell(by_source[name], by_source[name] / union, reading.url("domains", {"sources": name}))
        if name in by_source
        else None
        for name in names
    ]
    return CoverageRow(
        project,
        reading.url("overview"),
        reading.url("imports"),
        union,
        reading.url("domains"),
        cells,
        tuple(sorted(by_source)),
    )
