"""Bring popularity lists, or the visits of a project's own site, into the index."""

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from backlinks import index
from backlinks.openweb import popularity, visits
from backlinks.openweb.holdings import Refused, see_through
from backlinks.openweb.models import OpenImport
from projects.lookup import Unknown, project_named
from projects.models import Project
from seoapp.lib.commands import JsonCommand, day_of

SHOWN = 100
TOTALS = ("rows", "accepted", "rejected")


class Command(JsonCommand):
    help = (
        "Import popularity lists (Tranco, Chrome UX Report, Cisco Umbrella, Majestic Million, Open PageRank), or with "
        "--project the performance export of Search Console or a CSV of visits."
    )
    failures = (Refused, Unknown, index.IndexUnavailable)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("files", nargs="*", metavar="FILE")
        parser.add_argument("--remove", default="", metavar="LIST", help="take a list out: tranco, crux, majestic, ...")
        parser.add_argument("--list", default="", metavar="NAME", help="what the file is, where it cannot be told")
        parser.add_argument("--day", default="", help="the day of the list, YYYY-MM-DD (default: as the file says)")
        parser.add_argument("--project", default="", help="whose visits these are: id, domain, or WORKSPACE/DOMAIN")
        parser.add_argument("--days", type=int, default=0, help="days that a file of visits without dates covers")

    def answer(self, **options: Any) -> dict[str, Any]:
        index.migrate()
        if bool(options["remove"]) == bool(options["files"]):
            raise CommandError("Name files to import, or a list to --remove.")
        if options["remove"]:
            return {"list": options["remove"], "removed": popularity.remove_list(options["remove"])}
        day = day_of(options["day"])
        project = project_named(options["project"]) if options["project"] else None
        entries, read, first_error = [], 0, ""
        for name in options["files"]:
            try:
                entries.append(self._one(Path(name), project, day, options))
                read += 1
            except Refused as error:
                sentence = f"{Path(name).name}: {error}"
                first_error = first_error or sentence
                entries.append(_unread(name, sentence))
                if len(options["files"]) > 1:
                    self.stderr.write(sentence)
        if not read:
            raise CommandError(first_error)
        if len(entries) == 1:
            return entries[0]
        return {"files": entries, **{name: sum(one[name] for one in entries) for name in TOTALS}}

    def _one(self, path: Path, project: Project | None, day: date | None, options: dict[str, Any]) -> dict[str, Any]:
        if project is None:
            made = popularity.receive(path, name=options["list"], day=day)
        else:
            made = visits.receive_file(project, None, path, days=options["days"], day=day)
        if made.state == OpenImport.State.DONE:
            return _counts(made) | {"notes": ["This file was imported before: nothing changes."]}
        see_through(made)
        return _counts(made)


def _counts(made: OpenImport) -> dict[str, Any]:
    return {
        "file": made.name,
        "list": made.options.get("list", ""),
        "day": made.day,
        "rows": made.rows,
        "accepted": made.accepted,
        "rejected": made.rejected,
        "domains": made.options.get("domains", 0),
        "problems": [
            {name: one[name] for name in ("row", "column", "reason", "value")} for one in made.problems[:SHOWN]
        ],
        "notes": made.notes,
    }


def _unread(name: str, reason: str) -> dict[str, Any]:
    return {"file": Path(name).name, "list": "", **dict.fromkeys(TOTALS, 0), "domains": 0, "error": reason}
