"""Bring the newest tables of countries and networks of addresses into the index."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from backlinks import index
from backlinks.openweb import addresses
from backlinks.openweb.holdings import Refused
from backlinks.openweb.models import OpenImport
from projects import runs
from projects.models import Run
from seoapp.lib.commands import JsonCommand

SHOWN = 100


class Command(JsonCommand):
    help = (
        "Read the tables of countries and networks of addresses (npm packages @ip-location-db/geo-whois-asn-country "
        "and @ip-location-db/asn) from FOLDER, unpacked or as .tgz; without FOLDER the newest ones are fetched by npm."
    )
    failures = (Refused, index.IndexUnavailable)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("folder", nargs="?", metavar="FOLDER")

    def answer(self, **options: Any) -> dict[str, Any]:
        index.migrate()
        made = addresses.receive(Path(options["folder"]) if options["folder"] else None)
        if made.state == OpenImport.State.DONE:
            return _counts(made) | {"notes": ["These tables were read before: nothing changes."]}
        if made.run:
            runs.see_through(made.run)
        made.refresh_from_db()
        run = Run.objects.filter(pk=made.run_id).first()
        if made.state != OpenImport.State.DONE or (run and run.state != Run.State.DONE):
            raise Refused(made.error or (run.error if run else "") or "the reading did not finish")
        return _counts(made)


def _counts(made: OpenImport) -> dict[str, Any]:
    return {
        "tables": made.label,
        "day": made.day,
        "rows": made.rows,
        "accepted": made.accepted,
        "rejected": made.rejected,
        "ranges": made.options.get("ranges", 0),
        "problems": made.problems[:SHOWN],
        "notes": made.notes,
        "attribution": addresses.ATTRIBUTION,
    }
