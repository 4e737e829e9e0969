"""Import exports from the command line, through the same run as an upload."""

from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import CommandParser

from backlinks import imports, index
from backlinks.models import Import
from projects import runs
from projects.lookup import Unknown, project_named
from projects.models import Project
from seoapp.lib.commands import JsonCommand

SHOWN = 100
TOTALS = ("rows", "accepted", "rejected", "duplicates")


class Command(JsonCommand):
    help = "Import link exports into a project."
    failures = (Unknown, imports.ImportRefused, index.IndexUnavailable, OSError)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--project", required=True)
        parser.add_argument("--target", default="", help="target of files that name none (default: the project's)")
        parser.add_argument("--format", default="", help="read as this format instead of finding it")

    def answer(self, **options: Any) -> dict[str, Any]:
        index.migrate()
        project = project_named(options["project"])
        files = [self._one(Path(name), project, options) for name in options["files"]]
        files = [part for parts in files for part in parts]
        totals = {name: sum(one[name] for one in files) for name in TOTALS}
        target = imports.checked_target(options["target"]) if options["target"] else project.target
        around = index.headline(
            index.LinkQuery.parse(workspace=project.workspace_id, target=target, report="links", params={})
        )
        profile = {"links": around.links, "referring_domains": around.referring_domains}
        if len(files) == 1:
            return files[0] | profile
        return {"files": files, **totals, **profile}

    def _one(self, path: Path, project: Project, options: dict[str, Any]) -> list[dict[str, Any]]:
        with path.open("rb") as stream:
            made, new = imports.receive(
                project=project,
                user=None,
                file=File(stream, name=path.name),
                name=path.name,
                format=options["format"],
                target=options["target"],
            )
        if not new and made.state == Import.State.DONE:
            return [self._again(made)]
        runs.execute(made.run_id)
        made.run.refresh_from_db()
        parts = list(Import.objects.filter(run=made.run).order_by("pk"))
        for part in parts:
            self._check(part)
        return [self._counts(part) for part in parts]

    def _check(self, part: Import) -> None:
        if part.state == Import.State.FAILED:
            raise imports.ImportRefused(f"{part.name}: {part.error}")
        if part.state == Import.State.MAPPING:
            names = ", ".join(part.mapping.get("header", []))
            raise imports.ImportRefused(
                f"{part.name}: its header is not known ({names[:200]}); upload it in the browser and say which column is which."
            )
        if part.state != Import.State.DONE:
            raise imports.ImportRefused(f"{part.name}: {part.run.error or 'the import did not finish'}")

    def _counts(self, part: Import) -> dict[str, Any]:
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

    def _again(self, made: Import) -> dict[str, Any]:
        """The same file once more: every row that was good is a duplicate now."""
        counts = self._counts(made)
        known = counts["accepted"] + counts["duplicates"]
        return counts | {"accepted": 0, "duplicates": known, "notes": ["This file was imported before: nothing changes."]}
