"""Whether a crawl rests because none of its sites may be asked, and until when.

Decided: the leases and moments of the sites say it, not the run, whose worker may do something else meanwhile. A rest
that is shorter than a worker waits is none, so that the page does not flicker.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.timezone import localdate

from backlinks.crawl import hosts
from backlinks.crawl.models import Crawl, CrawlQueue

SHORTLY = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Resting:
    """`sites` wait; none of them may be asked before `until`."""

    sites: int
    until: datetime
    is_later_day: bool


def resting(made: Crawl) -> Resting | None:
    """None before the start, and while a site is being asked or may be."""
    if made.started_at is None or hosts.are_held(made.pk):
        return None
    moment, now = hosts.next_moment(made.pk), hosts.now()
    if moment is None or moment < now + SHORTLY:
        return None
    until = min(moment, made.ends_by)
    is_later_day = localdate(until) > localdate(now)
    return Resting(CrawlQueue.objects.filter(crawl=made, is_open=True).count(), until, is_later_day)
