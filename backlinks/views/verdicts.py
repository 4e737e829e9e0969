"""Verdicts of checks: which of them count, and which one speaks for a link that was looked at often.

Decided: verdicts count of checks that have ended, of one that was cancelled as far as it went, and still while it goes
on; one that failed, or works for the first time, has none yet. One row speaks for a link: its newest verdict. A look
that could not see hides none, and one that only confirms (still live, still lost, still broken) gives way to the look
that found it so, because that one says since when and why. Refused: the newest row whatever it says, because a link
that was lost on Monday and looked at again on Tuesday would be news of no day.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import BooleanField, Case, Count, F, IntegerField, Q, QuerySet, Value, When, Window
from django.db.models.functions import FirstValue, RowNumber
from django.utils import timezone

from backlinks.crawl.models import CheckItem, Crawl
from projects.models import Project

ENDED = (Crawl.State.DONE, Crawl.State.CANCELLED)
WENT_ON = Q(results__has_key="states")  # it was cancelled before
PERIODS = (0, 7, 30)  # days before today that lists and cards know
STATE = CheckItem.State
A_LINK = [F("crawl__project"), F("link_id")]  # two projects may look at one link
_BROKEN_BEFORE = Q(state=STATE.BROKEN, known__last__state=STATE.BROKEN)
NEWS = Case(
    When(_BROKEN_BEFORE, then=Value(value=False)),
    When(Q(state=STATE.BROKEN) | Q(state=STATE.LOST, is_new=True), then=Value(value=True)),
    default=Value(value=False),
    output_field=BooleanField(),
)
_SAYS_LITTLE = Case(
    When(_BROKEN_BEFORE | Q(state=STATE.LIVE) | Q(state=STATE.LOST, is_new=False), then=1),
    default=0,
    output_field=IntegerField(),
)
_SAYS_NOTHING = Case(When(state=STATE.UNKNOWN, then=1), default=0, output_field=IntegerField())


def checks_of(project: Project) -> QuerySet[Crawl]:
    return Crawl.objects.filter(project=project, kind=Crawl.Kind.CHECK)


def counting_items(project: Project, check: Crawl | None = None) -> QuerySet[CheckItem]:
    """Links with a verdict, of one check (so far) or of all that count. `is_news`: newly lost, or newly broken."""
    found = CheckItem.objects.filter(crawl=check) if check else _items_of([project])
    return with_news(found.exclude(state=STATE.WAITING))


def _items_of(projects: Iterable[Project]) -> QuerySet[CheckItem]:
    checks = Crawl.objects.filter(project__in=projects, kind=Crawl.Kind.CHECK)
    return CheckItem.objects.filter(crawl__in=checks.filter(Q(state__in=ENDED) | WENT_ON))


def newly_lost(projects: Iterable[Project], days: int) -> dict[int, int]:
    """Project -> links whose newest verdict of so many days is that they are newly lost; one question for all."""
    items = with_news(_items_of(projects).exclude(state=STATE.WAITING))
    lost = one_a_link(since(items, days)).filter(state=STATE.LOST, is_news=True)
    return dict(lost.order_by().values_list("crawl__project").annotate(n=Count("pk")))


def with_news(items: QuerySet[CheckItem]) -> QuerySet[CheckItem]:
    return items.annotate(is_news=NEWS)


def since(items: QuerySet[CheckItem], days: int) -> QuerySet[CheckItem]:
    """Those of today and so many days before."""
    return items.filter(checked_at__date__gte=timezone.localdate() - timedelta(days=days))


def one_a_link(items: QuerySet[CheckItem]) -> QuerySet[CheckItem]:
    """Of each link the one row that speaks for it."""
    newest = [_SAYS_NOTHING.asc(), F("checked_at").desc(), F("pk").desc()]
    now = Window(FirstValue("state"), partition_by=A_LINK, order_by=newest)
    holds = Q(state=F("now")) | Q(now=STATE.LIVE, state__in=(STATE.CHANGED, STATE.RESTORED))
    holding = CheckItem.objects.filter(pk__in=items.annotate(now=now).filter(holds).values("pk"))
    order = [_SAYS_LITTLE.asc(), F("checked_at").desc(), F("pk").desc()]
    first = holding.annotate(nth=Window(RowNumber(), partition_by=A_LINK, order_by=order)).filter(nth=1)
    return with_news(CheckItem.objects.filter(pk__in=first.values("pk")))
