"""Since when domains are registered, and with whom, from the registries themselves."""

from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from backlinks import index
from backlinks.openweb import rdap
from backlinks.openweb.registrations import Registration
from projects.lookup import Unknown, project_named
from seoapp.lib.commands import JsonCommand
from seoapp.lib.weburl import BadUrl

State = Registration.State


class Unclear(ValueError):
    """It does not follow from the command what is to be looked up."""


class Command(JsonCommand):
    help = (
        "Ask registries (RDAP) about domains, or about a project's domain, its competitors and its strongest referring "
        "domains. Answers are kept for 30 days; a registry is asked RDAP_PER_HOUR times an hour, the rest waits."
    )
    failures = (Unknown, Unclear, BadUrl, rdap.Off, rdap.NoServers, index.IndexUnavailable)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("domains", nargs="*", metavar="DOMAIN")
        parser.add_argument("--project", default="", help="id, domain, or WORKSPACE/DOMAIN")

    def answer(self, **options: Any) -> dict[str, Any]:
        if bool(options["domains"]) == bool(options["project"]):
            raise Unclear("Name domains, or a project with --project, and not both.")
        if not settings.RDAP_ENABLED:
            raise rdap.Off
        asked = rdap.look_up(self._names(options["domains"], options["project"]))
        states = Counter(one.state for one in asked.records)
        return {
            "looked_up": asked.looked_up,
            "known": states[State.KNOWN],
            "not_registered": states[State.ABSENT],
            "failed": states[State.FAILED],
            "waiting": states[State.WAITING],
            "domains": [_told(one) for one in asked.records],
        }

    def _names(self, domains: list[str], project: str) -> list[str]:
        if domains:
            return [rdap.registrable(one) for one in domains]
        index.migrate()
        return rdap.wanted(project_named(project))


def _told(one: Registration) -> dict[str, Any]:
    return {
        "domain": one.domain,
        "registered_on": one.registered_on,
        "registrar": one.registrar,
        "registrant": one.registrant,
        "error": one.error,
    }
