"""What changed since you last looked: figures then and now, and what happened between the two visits.

Decided: "then" is what the index knew at the end of the day of the last visit (`index.known_days`), so an old file that
was imported since is a change, although its links are years old: a number that moved is explained by what moved it. The
imports, crawls and checks that ended since stand beside it. Whoever is here for the first time, or was here today, is
told nothing. Refused: counting by the dates of links alone, because a number that has changed would stand unexplained.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from backlinks import index
from backlinks.models import Crawl, Import
from seoapp.lib.words import counted

from .reading import Reading

FIGURES = (
    ("links", "Backlinks", "links", {}),
    ("domains", "Referring domains", "domains", {}),
    ("live", "Live links", "links", {"state": "live"}),
    ("lost", "Lost links", "links", {"state": "lost"}),
    ("follow", "Follow links", "links", {"nofollow": "no"}),
)
MANY = 3  # events that are named
COUNTED = 50  # events of one kind that are counted


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure at the last visit and now."""

    label: str
    before: int
    now: int
    href: str

    @property
    def change(self) -> int:
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class Event:
    """Something that ended since: what, and the page that shows it."""

    text: str
    at: datetime
    href: str


@dataclass(frozen=True, slots=True)
class Since:
    """`figures` are those that moved; `authority` is (before, now) where it did."""

    at: datetime
    figures: list[Difference]
    authority: tuple[float, float] | None
    events: list[Event]
    more_events: int
    new_href: str
    why_href: str

    @property
    def is_quiet(self) -> bool:
        return not (self.figures or self.authority or self.events)


def since(reading: Reading, query: index.LinkQuery, before: datetime | None) -> Since | None:
    """What changed since the visit that ended at `before`; None for a first visit, or one of today."""
    if before is None or before.date() >= timezone.now().date():
        return None
    events = sorted(_events(reading, before), key=lambda one: one.at, reverse=True)
    day = before.date()
    return Since(
        before,
        _differences(reading, query, before),
        _authority(query, before),
        events[:MANY],
        max(len(events) - MANY, 0),
        reading.url("links", {"first_seen_from": (day + timedelta(days=1)).isoformat(), "sort": "-first_seen"}),
        reading.url("why"),
    )


def _differences(reading: Reading, query: index.LinkQuery, before: datetime) -> list[Difference]:
    """Against the last day that is noted until then; nothing where none is."""
    days = index.known_days(query)
    then = [one for one in days if one.day <= before.date()]
    if not then:
        return []
    made = [
        Difference(label, getattr(then[-1], name), getattr(days[-1], name), reading.url(report, params))
        for name, label, report, params in FIGURES
    ]
    return [one for one in made if one.change]


def _authority(query: index.LinkQuery, before: datetime) -> tuple[float, float] | None:
    """Scores of the two visits by the formula that is shown now; None where it did not move, or one is missing.

    Only of a whole domain: its parts have no history of their own.
    """
    if not query.scores or query.target.scope != "root":
        return None
    version = query.scores[0][2]
    days = [one for one in index.score_days(query.workspace, query.target.domain) if one["version"] == version]
    then = [one["score"] for one in days if one["day"] <= before.date()]
    if not then or then[-1] == days[-1]["score"]:
        return None
    return then[-1], days[-1]["score"]


def _events(reading: Reading, before: datetime) -> Iterable[Event]:
    """Imports, crawls and checks of the project that ended since; a client is not shown them."""
    if reading.is_narrow:
        return
    files = Import.objects.filter(project=reading.project, state=Import.State.DONE, finished_at__gt=before)
    for one in files.order_by("-finished_at")[:COUNTED]:
        told = f"{one.label or 'A file'}: {counted(one.accepted, 'row')} imported"
        yield Event(told, one.finished_at, reading.url("import", import_id=one.pk))
    crawls = Crawl.objects.filter(project=reading.project, state=Crawl.State.DONE, finished_at__gt=before)
    for one in crawls.order_by("-finished_at")[:COUNTED]:
        told = f"{one.get_kind_display()}: {counted(one.pages, 'page')}"
        yield Event(told, one.finished_at, reading.url("crawl", crawl_id=one.pk))
