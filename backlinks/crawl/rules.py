"""The robots.txt of each origin, from memory, from the database, or to be fetched.

Decided: one copy serves every crawl of every workspace for a day; one that could not be fetched for an hour only. What
is stored is what of the file concerns us.
"""

from collections import OrderedDict
from datetime import datetime, timedelta

from django.utils import timezone

from seoapp.lib.http import FetchError, Request, Response

from . import robots
from .models import RobotsFile
from .robots import Rules

GOOD_FOR = timedelta(hours=24)
FAILED_GOOD_FOR = timedelta(hours=1)
KEPT = 5_000
SECONDS = 10.0
REDIRECTS = 5
LEARNT = ("state", "reason", "status", "text", "fetched_at")


def origin_of(url: str) -> str:
    """Scheme, host and port of a normalised URL: what a robots.txt speaks for."""
    return "/".join(url.split("/", 3)[:3])


def request_of(origin: str) -> Request:
    return Request(f"{origin}/robots.txt", max_bytes=robots.MAX_BYTES, seconds=SECONDS, follow=REDIRECTS)


class RulesBook:
    """Rules by origin; the latest are kept in memory."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[Rules, datetime]] = OrderedDict()  # and until when they are good

    def of(self, url: str) -> Rules | None:
        """The rules for a URL; None: its robots.txt must be fetched first."""
        origin = origin_of(url)
        known = self._known.get(origin)
        if known is None or known[1] < timezone.now():
            found = RobotsFile.objects.filter(origin=origin[:300]).first()
            if found is None or _good_until(found) < timezone.now():
                return None
            known = self._keep(origin, robots.kept(found.state, found.text, found.reason), _good_until(found))
        return known[0]

    def learn(self, origin: str, answer: Response | FetchError) -> Rules:
        """What an answer to the request for robots.txt says; remembered for everybody."""
        if isinstance(answer, FetchError):
            status, rules = answer.status, robots.rules_of(0, b"", failed=answer.code)
        else:
            status = answer.status
            rules = robots.rules_of(status, answer.body, answer.header("content-type"))
        made = RobotsFile(
            origin=origin[:300],
            state=rules.state,
            reason=rules.reason[:300],
            status=status,
            text=rules.text,
            fetched_at=timezone.now(),
        )
        RobotsFile.objects.bulk_create([made], update_conflicts=True, unique_fields=["origin"], update_fields=LEARNT)
        self._keep(origin, rules, _good_until(made))
        return rules

    def _keep(self, origin: str, rules: Rules, until: datetime) -> tuple[Rules, datetime]:
        self._known[origin] = rules, until
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        return rules, until


def _good_until(found: RobotsFile) -> datetime:
    return found.fetched_at + (FAILED_GOOD_FOR if found.state == "none" else GOOD_FOR)
