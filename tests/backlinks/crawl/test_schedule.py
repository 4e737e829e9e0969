"""What the clock starts, once a day and never twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from backlinks import tasks
from backlinks.crawl import checks, jobs, schedule
from backlinks.crawl.models import CheckItem, CheckPlan, Crawl, WatchedLink
from backlinks.index import engine
from projects import runs
from projects.models import Project, Run
from seoapp.celery import app
from tests.backlinks.unsettled import settle_even_so
from tests.conftest import Cast
from tests.factories import add_links, make_project
from tests.web.pages import Link, article
from tests.web.server import SmallWeb

pytestmark = pytest.mark.usefixtures("free_web", "link_index", "unsettled")
SOURCE, TARGET = "blog0.localhost", "shop1.localhost"
DAY = timedelta(days=1)


@pytest.fixture
def project(cast: Cast) -> Project:
    return make_project(workspace=cast.workspace, domain=TARGET)


@pytest.fixture
def known(small_web: SmallWeb, project: Project) -> Callable[[int], None]:
    """`known(3)`: three pages of the blog link to the shop, and a vendor says so."""

    def know(count: int) -> None:
        links = []
        for number in range(count):
            link = Link(small_web.url(TARGET, "/about"), "our shop")
            small_web.edit(SOURCE, f"/p{number}", article("A page", [link], text=["Some words about the garden."]))
            links.append({"source": small_web.url(SOURCE, f"/p{number}"), "target": link.url, "anchor": "our shop"})
        add_links(workspace=project.workspace_id, links=links)
        settle_even_so(project.workspace_id, TARGET)

    return know


def started(moment: timedelta = timedelta()) -> list[Crawl]:
    """The checks that the clock starts when it is later by `moment`, seen through."""
    cache.clear()  # as if an hour had passed
    found = [Run.objects.get(pk=pk) for pk in schedule.start_due(timezone.now() + moment)]
    for run in found:
        runs.see_through(run)
    return list(Crawl.objects.filter(run__in=found))


def test_a_project_with_links_and_no_plan_follows_the_usual_one(project: Project, known: Callable[[int], None]) -> None:
    known(2)
    (check,) = started()
    assert (check.project, check.kind, check.state, check.started_by) == (project, "check", "done", None)
    assert CheckItem.objects.filter(crawl=check, state="live").count() == 2
    plan = CheckPlan.objects.get()
    assert (plan.project, plan.every_days, plan.daily_links) == (project, 7, 500)
    assert started(timedelta(hours=23)) == [], "one check a day"
    assert started(2 * DAY) == [], "nothing is due before seven days are over"
    assert len(started(8 * DAY)) == 1


def test_the_budget_of_a_day_takes_the_rest_on_the_next(project: Project, known: Callable[[int], None]) -> None:
    known(5)
    CheckPlan.objects.create(project=project, every_days=7, daily_links=2)
    days = [started(number * DAY) for number in range(4)]
    assert [sum(check.items.count() for check in found) for found in days] == [2, 2, 1, 0]
    assert CheckItem.objects.values("link_id").distinct().count() == 5, "the oldest first: none twice"


def test_a_watched_link_goes_along_and_is_looked_at_soon(
    small_web: SmallWeb, project: Project, known: Callable[[int], None]
) -> None:
    known(2)
    started()
    checks.watch(project, small_web.url(SOURCE, "/p1"), small_web.url(TARGET, "/about"))
    (check,) = started(2 * DAY)
    assert [item.source_url.rpartition("/")[2] for item in CheckItem.objects.filter(crawl=check)] == ["p1"]
    assert started(4 * DAY) == [], "looked at once, it waits for the others"


def test_more_watched_links_than_a_check_lists_have_their_turns(
    small_web: SmallWeb, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The important ones first, and then no more: nothing is due when all were looked at."""
    monkeypatch.setattr(checks, "AT_ONCE", 2)
    for number, priority in enumerate((90, 90, 90, 10, 10)):
        checks.watch(project, small_web.url(SOURCE, f"/w{number}"), small_web.url(TARGET, "/about"), priority)
    CheckPlan.objects.create(project=project, every_days=7, daily_links=4)
    days = [started(number * DAY) for number in range(5)]
    assert [check.max_pages for found in days for check in found] == [2, 2, 2], "those that it can list"
    looked_at = [
        {item.source_url.rpartition("/w")[2] for item in check.items.all()} for found in days for check in found
    ]
    assert [len(numbers) for numbers in looked_at] == [2, 2, 2]
    assert looked_at[0] == {"0", "1"} and "2" in looked_at[1], "the higher priority first"
    assert set.union(*looked_at) == {"0", "1", "2", "3", "4"}
    assert not WatchedLink.objects.filter(checked_at=None).exists()


def test_never_by_itself_removed_without_links_and_while_one_runs(
    cast: Cast, project: Project, known: Callable[[int], None]
) -> None:
    assert started() == [] and not CheckPlan.objects.exists(), "no links"
    known(1)
    plan = CheckPlan.objects.create(project=project, every_days=0)
    assert started() == []
    CheckPlan.objects.filter(pk=plan.pk).update(every_days=1)
    Project.objects.filter(pk=project.pk).update(removed_at=timezone.now())
    assert started() == []
    Project.objects.filter(pk=project.pk).update(removed_at=None)
    jobs.start(project=project, kind="check", user=None)
    assert started() == []


def test_two_clocks_start_one_check(
    project: Project, known: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    known(1)
    real, both = schedule._claim, []

    def meanwhile(asked: Project, moment: object) -> bool:
        if not both:
            both.append(True)
            both.append(len(schedule.start_due()))
        return real(asked, moment)  # type: ignore[arg-type]

    monkeypatch.setattr(schedule, "_claim", meanwhile)
    assert (len(schedule.start_due()), both[1]) == (0, 1)
    assert Crawl.objects.count() == 1


def test_an_index_that_does_not_answer_starts_nothing(
    project: Project, known: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    known(1)

    def away(*_: object, **__: object) -> None:
        raise schedule.index.IndexUnavailable("gone for a moment")

    monkeypatch.setattr(engine, "read", away)
    assert schedule.start_due() == [] and not CheckPlan.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_task_rings_for_what_it_started(
    project: Project, known: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    known(1)
    rung: list[int] = []
    monkeypatch.setattr("projects.tasks.run_task.delay", rung.append)
    assert tasks.start_due_crawls() == 1
    assert rung == [Crawl.objects.get().run_id]


def test_the_clock_knows_these_tasks() -> None:
    tasks_of_clock = {one["task"] for one in app.conf.beat_schedule.values()}
    assert {tasks.start_due_crawls.name, tasks.forget_old_crawls.name} <= tasks_of_clock
