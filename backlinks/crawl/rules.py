"""The robots.txt of each origin, from memory, from the database, or to be fetched.

Decided: one copy serves every crawl of every workspace for a day; one that could not be fetched for an hour only. What
is stored is what of the file concerns us. Where a file is kept at another site (RFC 9309 2.3.1.2), that site is asked
like any other, by whoever holds its lease: `missing` says which file comes next, and what was learnt of one file is
good for all origins that lead there. Refused: to follow there at once, because hundreds of sites may lead to one.
"""

from collections import OrderedDict
from dataclasses import dataclass
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


def file_of(url: str) -> str:
    """The address of the robots.txt that speaks for a URL."""
    return f"{origin_of(url)}/robots.txt"


def request_of(file: str) -> Request:
    """Its redirects are followed within the site alone."""
    return Request(file, max_bytes=robots.MAX_BYTES, seconds=SECONDS, follow=REDIRECTS, within_site=True)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a file: its rules, or the file elsewhere that it leads to."""

    until: datetime
    rules: Rules | None = None
    status: int = 0
    elsewhere: str = ""


class RulesBook:
    """Rules by file; the latest are kept in memory."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Known] = OrderedDict()

    def of(self, url: str) -> Rules | None:
        """The rules for a URL; None: the file that is `missing` must be fetched first."""
        begin = file_of(url)
        last, known = self._last(begin)
        if known is None:
            return None
        if known.rules is None:
            known = Known(timezone.now() + GOOD_FOR, robots.rules_of(0, b"", failed="too_many_redirects"))
        if last != begin:
            self._keep(begin, known)
        return known.rules

    def missing(self, url: str) -> str:
        """The file to fetch next, if the rules for a URL are not known."""
        return self._last(file_of(url))[0]

    def learn(self, file: str, answer: Response | FetchError) -> None:
        """What an answer to the request for a file says; remembered for everybody."""
        status, until = answer.status, timezone.now() + GOOD_FOR
        if isinstance(answer, Response) and answer.redirect:
            self._remember(file, Known(until, elsewhere=answer.redirect))
            return
        if isinstance(answer, FetchError):
            rules = robots.rules_of(0, b"", failed=answer.code)
        else:
            rules = robots.rules_of(status, answer.body, answer.header("content-type"))
        self._keep(file, Known(timezone.now() + _good_for(rules.state), rules, status))

    def _last(self, file: str) -> tuple[str, Known | None]:
        """Where the redirects from a file lead, and what is known there. No rules: they lead nowhere."""
        for _ in range(REDIRECTS + 1):
            known = self._at(file)
            if known is None or known.rules is not None:
                return file, known
            last, file = known, known.elsewhere
        return file, last

    def _at(self, file: str) -> Known | None:
        known = self._known.get(file)
        if known is not None and known.until >= timezone.now():
            return known
        found = RobotsFile.objects.filter(origin=origin_of(file)[:300]).first() if file == file_of(file) else None
        until = found.fetched_at + _good_for(found.state) if found else timezone.now()
        if found is None or until < timezone.now():
            return None
        rules = robots.kept(found.state, found.text, found.reason)
        return self._remember(file, Known(until, rules, found.status))

    def _keep(self, file: str, known: Known) -> None:
        """For everybody; a file of another name says nothing by itself about the site where it is kept."""
        self._remember(file, known)
        if file != file_of(file) or known.rules is None:
            return
        made = RobotsFile(
            origin=origin_of(file)[:300],
            state=known.rules.state,
            reason=known.rules.reason[:300],
            status=known.status,
            text=known.rules.text,
            fetched_at=known.until - _good_for(known.rules.state),
        )
        RobotsFile.objects.bulk_create([made], update_conflicts=True, unique_fields=["origin"], update_fields=LEARNT)

    def _remember(self, file: str, known: Known) -> Known:
        self._known[file] = known
        self._known.move_to_end(file)
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        return known


def _good_for(state: str) -> timedelta:
    return FAILED_GOOD_FOR if state == "none" else GOOD_FOR
