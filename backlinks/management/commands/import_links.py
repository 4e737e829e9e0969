"""Import exports from the command line, through the same run as an upload."""

from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import CommandParser

from backlinks import imports, index
from backlinks.models import Import
from projects import runs
from projects.audit import record
from projects.lookup import Unknown, project_named
from projects.models import Project, Run
from seoapp.lib.commands import JsonCommand

SHOWN = 100
TOTALS = ("rows", "accepted", "rejected", "duplicates")


class Command(JsonCommand):
    help = (
        "Import link exports into a project. Of several files the unreadable ones are reported in their entry; "
        "the command fails when none could be read."
    )
    failures = (Unknown, imports.ImportRefused, index.IndexUnavailable)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--project", required=True, help="id, domain, or WORKSPACE/DOMAIN")
        parser.add_argument("--target", default="", help="target of files that name none (default: the project's)")
        parser.add_argument("--format", default="", help="read as this format instead of finding it; ask: by --map")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="FIELD=COLUMN",
            help="which column is which, for a header that is not known: --map source_url='My column'; also "
            "date_order=day_first or month_first",
        )

    def answer(self, **options: Any) -> dict[str, Any]:
        index.migrate()
        project = project_named(options["project"])
        mapping = _mapping(options["map"])
        entries, read, first_error = [], 0, ""
        for name in options["files"]:
            try:
                entries.extend(self._one(Path(name), project, mapping, options))
                read += 1
            except (imports.ImportRefused, OSError) as error:
                first_error = first_error or _sentence(name, error)
                entries.append(_unread(name, _sentence(name, error)))
                if len(options["files"]) > 1:
                    self.stderr.write(_sentence(name, error))
        if not read:
            raise imports.ImportRefused(first_error)
        return self._summary(project, entries, options)

    def _summary(self, project: Project, entries: list[dict[str, Any]], options: dict[str, Any]) -> dict[str, Any]:
        target = imports.checked_target(options["target"]) if options["target"] else project.target
        around = index.headline(
            index.LinkQuery.parse(workspace=project.workspace_id, target=target, report="links", params={})
        )
        profile = {"links": around.links, "referring_domains": around.referring_domains}
        if len(entries) == 1:
            return entries[0] | profile
        totals = {name: sum(one[name] for one in entries) for name in TOTALS}
        return {"files": entries, **totals, **profile}

    def _one(
        self, path: Path, project: Project, mapping: dict[str, str], options: dict[str, Any]
    ) -> list[dict[str, Any]]:
        with path.open("rb") as stream:
            received = imports.receive(
                project=project,
                user=None,
                file=File(stream, name=path.name),
                name=path.name,
                format=options["format"],
                target=options["target"],
                mapping=mapping,
            )
        made = received.made
        if not received.queued and made.state == Import.State.DONE:
            return [_again(part) for part in _parts(made)]
        if received.queued:
            record("import.started", workspace=project.workspace, user=None, what=path.name, who_text="command line")
        self._finish(made)
        _check(made)
        return [_counts(part) for part in _parts(made)]

    def _finish(self, made: Import) -> None:
        """Its run has ended after this."""
        if made.run:
            runs.see_through(made.run)
        made.refresh_from_db()


def _mapping(pairs: list[str]) -> dict[str, str]:
    made = dict(pair.partition("=")[::2] for pair in pairs)
    if not all(made.values()):
        raise imports.ImportRefused("--map takes FIELD=COLUMN, for example --map source_url='My column'.")
    imports.check_fields(made)
    return made


def _parts(made: Import) -> list[Import]:
    return [made, *made.members.order_by("pk")]


def _check(made: Import) -> None:
    if made.state == Import.State.MAPPING and made.mapping.get("dates"):
        raise imports.ImportRefused(
            f"its dates, such as {made.mapping['dates'][0]}, can start with the day or with the month: say which with "
            "--map date_order=day_first or --map date_order=month_first."
        )
    if made.state == Import.State.MAPPING:
        names = ", ".join(made.mapping.get("header", []))
        raise imports.ImportRefused(
            f"its header is not known ({names[:200]}): say which column is which with --map FIELD=COLUMN, "
            "or in the browser."
        )
    if made.state != Import.State.DONE:
        run = Run.objects.filter(pk=made.run_id).first()
        raise imports.ImportRefused(made.error or (run.error if run else "") or "the import did not finish")


def _counts(part: Import) -> dict[str, Any]:
    return {
        "file": part.member or part.name,
        "format": part.source,
        "rows": part.rows,
        "accepted": part.accepted,
        "rejected": part.rejected,
        "duplicates": part.duplicates,
        "problems": [{name: one[name] for name in ("row", "column", "reason")} for one in part.problems[:SHOWN]],
        "notes": part.notes,
    }


def _again(made: Import) -> dict[str, Any]:
    """The same file once more: every row that was good is a duplicate now."""
    counts = _counts(made)
    known = counts["accepted"] + counts["duplicates"]
    return counts | {"accepted": 0, "duplicates": known, "notes": ["This file was imported before: nothing changes."]}


def _unread(name: str, reason: str) -> dict[str, Any]:
    return {"file": Path(name).name, "format": "", **dict.fromkeys(TOTALS, 0), "problems": [], "error": reason}


def _sentence(name: str, error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"{Path(name).name}: {reason}"
