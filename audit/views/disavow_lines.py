"""Lists of what stands in a disavow file: rows that were read out of its text, filtered and sorted where they are.

Decided: the rows of a version are read once and kept (`readings`), because a file of 100,000 lines takes seconds to be
read, and each page, filter and order asks for all of it. The evidence beside them is that of decisions, which come and
go: it is put in each time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from audit import disavowing, listed, readings
from audit.disavow.findings import DEFECTS, LEVELS, Finding
from audit.disavow.lint import lint
from audit.models import Decision, DisavowVersion
from backlinks.views.exports import record_export
from projects.models import Project
from seoapp.lib import listing as tables_bulk
from seoapp.lib import tables
from seoapp.lib.listquery import Field, ListFilter, ListQuery, Rows

from .asked import url_of

ENTRIES = (
    Field("line", "Line", "int", filter="number"),
    Field("text", "Entry", "text", filter="text"),
    Field("why", "Why", "text", filter="text"),
    Field("who", "Who", "text", filter="text"),
    Field("when", "When", "date", filter="date"),
    Field("evidence", "Evidence", "text", filter="text", help="Markers that had fired when it was decided"),
    Field("group", "Group", "text", filter="text", default=False),
    Field("origin", "First in", "text", sortable=False, help="The version in which it first stood"),
)
FINDINGS = (
    Field("line", "Line", "int", filter="number"),
    Field("level", "Level", "text", filter="choice", choices=LEVELS, path="rank"),
    Field("id", "Rule", "text", filter="choice", choices=tuple(sorted({one.id for one in DEFECTS}))),
    Field("title", "Finding", "text", filter="choice", choices=tuple(sorted({one.title for one in DEFECTS}))),
    Field("text", "As it stands", "text", filter="text"),
    Field("explanation", "What is wrong", "text"),
    Field("mend", "Mend", "text", filter="text"),
)
MENDS = (
    tables_bulk.BulkAction("first", "Accept the mend", "check"),
    tables_bulk.BulkAction("second", "Take the second choice", "arrows-exchange"),
)
MOST_MENDS = 10_000
Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Lines:
    """Rows of a file, as a list asks for them."""

    rows: tuple[Line, ...]

    def fetch(self, query: ListQuery) -> Rows:
        start = (query.page - 1) * query.per_page
        found = self.chosen(query)[start : start + query.per_page + 1]
        return Rows(found[: query.per_page], len(found) > query.per_page)

    def chosen(self, query: ListQuery) -> list[Line]:
        found = [row for row in self.rows if all(_fits(one, row[one.name]) for one in query.filters)]
        by = next(one.lookup for one in query.fields if one.name == query.sort)
        known = [row for row in found if row[by] not in (None, "")]
        known.sort(key=lambda row: row[by], reverse=query.descending)
        return known + [row for row in found if row[by] in (None, "")]


def _fits(asked: ListFilter, value: Any) -> bool:
    if asked.op == "contains":
        return asked.value.casefold() in value.casefold()
    if asked.op == "is":
        return value == asked.value
    if value is None:
        return False
    return value >= asked.value if asked.op in ("min", "from") else value <= asked.value


def entries(project: Project, version: DisavowVersion) -> tables.Listing:
    """The entries of a version, each with who, when, why and where it first stood."""
    kept, evidence = (
        readings.of_version("entries", version, lambda: _entries(project, version)),
        _evidence(project, version),
    )
    rows = tuple(row | {"evidence": evidence.get(row["text"], "")} for row in kept)
    return _listing(project, "disavow-entries", f"Entries of version {version.number}", ENTRIES, Lines(rows))


def _entries(project: Project, version: DisavowVersion) -> tuple[Line, ...]:
    found = disavowing.file_of(version).entries()
    told = listed.blame(project, version, found)
    return tuple(
        {"line": one.line, "text": one.text, "why": one.reason, "who": one.who, "when": one.when, "group": one.group}
        | {"origin": str(told[one.key])}
        for one in found
    )


def _evidence(project: Project, version: DisavowVersion) -> dict[str, str]:
    """Entry -> the markers that were on the table when it was decided, of decisions that the version can hold."""
    made = Decision.objects.filter(
        project=project, url="", verdict=Decision.Verdict.DISAVOW, made_at__lte=version.made_at
    )
    return {f"domain:{domain}": ", ".join(markers) for domain, markers in made.values_list("domain", "evidence")}


@dataclass(frozen=True, slots=True)
class Wrong:
    """The findings in a version as rows, how many there are by level, and how many lines nobody can read."""

    rows: tuple[Line, ...]
    levels: dict[str, int]
    malformed: int


def wrong_in(project: Project, version: DisavowVersion) -> Wrong:
    """What is wrong with a version."""
    return readings.of_version("findings", version, lambda: _wrong(project, version), *readings.around_stamp(project))


def _wrong(project: Project, version: DisavowVersion) -> Wrong:
    file = disavowing.file_of(version)
    found = lint(file, listed.around_of(project, file))
    levels = {level: sum(one.level == level for one in found) for level in LEVELS}
    return Wrong(tuple(map(_row, found)), levels, file.count("malformed"))


def findings(project: Project, version: DisavowVersion, wrong: Wrong, *, may_mend: bool) -> tables.Listing:
    title = f"Findings in version {version.number}"
    made = _listing(project, "disavow-findings", title, FINDINGS, Lines(wrong.rows))
    return _with_mends(made, project, version) if may_mend else made


def _row(one: Finding) -> Line:
    return {
        "line": one.line,
        "level": one.level,
        "id": one.defect.id,
        "rank": LEVELS.index(one.level),
        "title": one.defect.title,
        "text": one.text,
        "explanation": one.explanation,
        "mend": mend_words(one),
        "key": one.key,
    }


def mend_words(one: Finding) -> str:
    if one.action == "remove":
        return f"drop the line: {one.mend} stands for it"
    return " or ".join(mend.replace("\n", " + ") for mend in one.mends)


def _listing(project: Project, name: str, title: str, fields: tuple[Field, ...], lines: Lines) -> tables.Listing:
    return tables.Listing(
        name=name,
        title=title,
        columns=fields,
        fetch=lines.fetch,
        stream=lines.chosen,
        file_name=f"{project.target.domain}-{name}-{datetime.now(UTC):%Y-%m-%d}",
        exported=record_export(project),
        empty=tables.Empty("Nothing here", "The file has no such lines."),
        stacks=True,
    )


def _with_mends(made: tables.Listing, project: Project, version: DisavowVersion) -> tables.Listing:
    bulk = tables_bulk.Bulk(
        url=url_of(project, "disavow_mend", number=version.number),
        actions=MENDS,
        pick=lambda row: (row["key"], f"line {row['line']}: {row['title']}"),
        most=MOST_MENDS,
        undo_url=url_of(project, "disavow"),
    )
    return replace(made, bulk=bulk)


def keys_asked(project: Project, version: DisavowVersion, asked: Mapping[str, Any]) -> list[str]:
    """The keys of every finding of a list that has a mend, at most MOST_MENDS."""
    rows = Lines(tuple(row for row in wrong_in(project, version).rows if row["mend"]))
    query = ListQuery.parse(FINDINGS, asked, sort="level")
    return [row["key"] for row in rows.chosen(query)][:MOST_MENDS]


def malformed(version: DisavowVersion) -> Iterator[str]:
    """The lines that are no entries; where they stood is in the list of findings."""
    for line in disavowing.file_of(version).lines:
        if line.kind == "malformed":
            yield f"{line.value}\n"
