"""Bring a release of Common Crawl's domain or host graph into the index, or take one out."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from backlinks import index
from backlinks.models import OpenImport
from backlinks.openweb import webgraph
from backlinks.openweb.holdings import Refused, see_through
from seoapp.lib.commands import JsonCommand

SHOWN = 100
AGAIN = "This release was read before: nothing changes. To read it anew, take it out with --remove first."


class Command(JsonCommand):
    help = (
        "Read a release of Common Crawl's graph (vertices, edges and, where they are there, ranks) from a folder. "
        "A run that was killed or has failed goes on where it stood when the command is given again."
    )
    failures = (Refused, index.IndexUnavailable)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("folder", nargs="?", metavar="DIR", help="folder with the files of one release")
        parser.add_argument(
            "--neighbourhood",
            action="store_true",
            help="keep only edges that touch the projects' domains, their competitors or their referring domains",
        )
        parser.add_argument("--keep-old", action="store_true", help="keep older releases of the same level")
        parser.add_argument("--force", action="store_true", help="start even where the disk seems too small")
        parser.add_argument("--remove", default="", metavar="RELEASE", help="take a release out of the index")

    def answer(self, **options: Any) -> dict[str, Any]:
        index.migrate()
        if bool(options["remove"]) == bool(options["folder"]):
            raise CommandError("Name a folder with a release, or a release to --remove.")
        if options["remove"]:
            gone = webgraph.remove(options["remove"])
            return {"release": options["remove"], "removed": [str(one) for one in gone]}
        part = webgraph.NEIGHBOURHOOD if options["neighbourhood"] else webgraph.WHOLE
        made = webgraph.receive(
            Path(options["folder"]), part=part, keep_old=options["keep_old"], force=options["force"]
        )
        if made.state == OpenImport.State.DONE:
            return _told(made, [AGAIN])
        see_through(made)
        return _told(made, [])


def _told(made: OpenImport, notes: list[str]) -> dict[str, Any]:
    return {
        "rows": made.rows,
        "accepted": made.accepted,
        "rejected": made.rejected,
        "release": made.options["release"],
        "level": made.options["level"],
        "part": made.options["part"],
        "domains": made.options["domains"],
        "edges": made.options["edges"],
        "left_out": made.options["left_out"],
        "seconds": round(made.run.seconds, 1) if made.run else 0.0,
        "problems": made.problems[:SHOWN],
        "notes": [*notes, *made.notes],
    }
