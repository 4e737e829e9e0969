"""Bring a list of malware, phishing or blocked sites into the index, for all workspaces."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from backlinks import index
from backlinks.openweb import blocklists
from backlinks.openweb.holdings import Refused, see_through
from backlinks.openweb.models import OpenImport
from seoapp.lib.commands import JsonCommand, day_of

SHOWN = 100


class Command(JsonCommand):
    help = (
        "Import a list of malware or phishing sites, or a domain blocklist: a hosts file, one name or URL a line, "
        "filters of ad blockers, CSV (URLhaus, PhishTank) or JSON; plain, gz or zip. Replaces the list of that name."
    )
    failures = (Refused, index.IndexUnavailable)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", nargs="?", default="", metavar="FILE")
        parser.add_argument("--kind", default="", choices=("", *index.listedhosts.KINDS), help="malware or blocklist")
        parser.add_argument("--name", default="", help="what the list is called, as urlhaus")
        parser.add_argument("--day", default="", help="the day of the list, YYYY-MM-DD (default: as the file says)")
        parser.add_argument("--remove", default="", metavar="NAME", help="take the list of this name out")

    def answer(self, **options: Any) -> dict[str, Any]:
        index.migrate()
        if bool(options["remove"]) == bool(options["file"]):
            raise CommandError("Name a file to import, or a list to --remove.")
        if options["remove"]:
            return {"list": options["remove"], "removed": blocklists.remove_list(options["remove"])}
        if not (options["kind"] and options["name"]):
            raise CommandError("Say what the list is: --kind malware or --kind blocklist, and its --name.")
        made = blocklists.receive(
            Path(options["file"]), name=options["name"], kind=options["kind"], day=day_of(options["day"])
        )
        if made.state == OpenImport.State.DONE:
            return _counts(made) | {"notes": ["This file was imported before: nothing changes."]}
        see_through(made)
        return _counts(made)


def _counts(made: OpenImport) -> dict[str, Any]:
    return {
        "file": made.name,
        "list": made.options["list"],
        "kind": made.options["of"],
        "day": made.day,
        "rows": made.rows,
        "accepted": made.accepted,
        "rejected": made.rejected,
        "domains": made.options.get("domains", 0),
        "problems": [{name: one[name] for name in ("row", "reason", "value")} for one in made.problems[:SHOWN]],
        "notes": made.notes,
    }
