"""Bring crawled pages of Common Crawl (WAT or WARC files) into the index."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from backlinks import index
from backlinks.openweb import wat
from backlinks.openweb.holdings import Refused, see_through
from backlinks.openweb.models import OpenImport
from backlinks.openweb.wat_choice import Choice, targets_in, watched
from backlinks.openweb.wat_files import named
from projects import runs
from seoapp.lib.commands import JsonCommand

SHOWN = 100
TOTALS = ("rows", "accepted", "rejected", "links", "internal")


class Command(JsonCommand):
    help = (
        "Import the links of crawled pages: WAT or WARC files, folders of them, or a list of paths of a crawl. Of "
        "several files the unreadable ones are reported in their entry; the command fails when none could be read. "
        "Commands that run at the same time share the files among them."
    )
    failures = (Refused, index.IndexUnavailable, OSError)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("files", nargs="*", metavar="FILE", help="WAT or WARC file, folder, or wat.paths[.gz]")
        parser.add_argument("--remove", default="", metavar="NAME", help="take out what the file of this name brought")
        parser.add_argument("--root", default="", metavar="DIR", help="where the files of a list of paths are")
        parser.add_argument("--internal", action="store_true", help="keep links inside each site too")
        kept = parser.add_mutually_exclusive_group()
        kept.add_argument("--all", action="store_true", help="keep the links to all other sites (default)")
        kept.add_argument("--targets", default="", metavar="FILE", help="keep links to these domains, one a line")
        kept.add_argument("--watch", action="store_true", help="keep links to the sites of projects and competitors")

    def answer(self, **options: Any) -> dict[str, Any]:
        index.migrate()
        if bool(options["remove"]) == bool(options["files"]):
            raise Refused("Name files to import, or one that was imported to --remove.")
        if options["remove"]:
            return {"file": options["remove"], "removed": wat.remove(options["remove"])}
        found = named(options["files"], options["root"])
        choice = Choice(_targets(options), options["internal"])
        received: dict[Path, OpenImport | str] = {path: _received(path, choice) for path in found.paths}
        new = {one.pk for one in received.values() if isinstance(one, OpenImport) and one.state != one.State.DONE}
        for one in received.values():
            if isinstance(one, OpenImport) and one.pk in new and one.run_id:
                runs.execute(one.run_id)  # unless another process reads it just now
        entries = [self._entry(path, one, new) for path, one in received.items()]
        if all("error" in entry for entry in entries):
            raise Refused(entries[0]["error"])
        if len(entries) == 1 and not found.not_found:
            return entries[0]
        totals = {name: sum(entry[name] for entry in entries) for name in TOTALS}
        return {"files": entries, **totals, "not_found": list(found.not_found)}

    def _entry(self, path: Path, made: OpenImport | str, new: set[int]) -> dict[str, Any]:
        if isinstance(made, str):
            return self._unread(path, made)
        if made.pk not in new:
            return _counts(made) | {"notes": ["This file was imported before: nothing changes."]}
        try:
            see_through(made)
        except Refused as error:
            return self._unread(path, str(error))
        return _counts(made)

    def _unread(self, path: Path, reason: str) -> dict[str, Any]:
        sentence = reason if reason.startswith(path.name) else f"{path.name}: {reason}"
        self.stderr.write(sentence)
        return {"file": path.name, "report": "", **dict.fromkeys(TOTALS, 0), "error": sentence}


def _targets(options: dict[str, Any]) -> frozenset[str] | None:
    if options["targets"]:
        return targets_in(Path(options["targets"]))
    return watched() if options["watch"] else None


def _received(path: Path, choice: Choice) -> OpenImport | str:
    """Its import, or why there is none."""
    try:
        return wat.receive(path, choice)
    except OSError as error:
        return error.strerror or str(error)
    except Refused as error:
        return str(error)


def _counts(made: OpenImport) -> dict[str, Any]:
    counts = made.progress.get("counts", {})
    return {
        "file": made.name,
        "report": made.progress.get("report", ""),
        "rows": made.rows,
        "accepted": made.accepted,
        "rejected": made.rejected,
        "links": counts.get("links", 0),
        "internal": counts.get("internal", 0),
        "no_links": counts.get("no_links", 0),
        "targets": made.progress.get("targets", 0),
        "insert_seconds": made.progress.get("insert_seconds", 0),
        "settle_seconds": made.progress.get("settle_seconds", 0),
        "problems": [{name: one[name] for name in ("row", "reason", "value")} for one in made.problems[:SHOWN]],
        "notes": made.notes,
    }
