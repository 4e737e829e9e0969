"""Checks of links that have to wait, are cancelled, or meet sites that give trouble."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backlinks.crawl import checks, jobs, reader, worker
from backlinks.crawl.models import CheckItem, Crawl, CrawlHost, CrawlUrl
from projects import runs
from projects.models import Project, Run
from seoapp.lib.weburl import parse
from tests.backlinks.crawl.checking import SOURCE, TARGET, Known, check, known, page_with, project, shown, states
from tests.backlinks.crawl.crawling import observed
from tests.web.pages import refusal
from tests.web.server import SmallWeb

__all__ = ["known", "project"]
pytestmark = pytest.mark.usefixtures("free_web", "link_index", "unsettled")
RESTING = "blog1.localhost"


def slow_site(web: SmallWeb, project: Project) -> Crawl:
    """A check of what is known, of which /b lies on a site that rests for half an hour; until it has to wait."""
    web.edit(RESTING, "/b", page_with(web, "/about"))
    CrawlHost.objects.create(domain=RESTING, next_at=timezone.now() + timedelta(minutes=30))
    crawl = jobs.start(project=project, kind="check", user=None)
    runs.execute(crawl.run.pk)
    crawl.refresh_from_db()
    crawl.run.refresh_from_db()
    return crawl


def go_on(crawl: Crawl) -> None:
    CrawlHost.objects.update(next_at=timezone.now())
    Run.objects.filter(pk=crawl.run_id).update(lease_until=timezone.now())
    runs.see_through(Run.objects.get(pk=crawl.run_id))
    crawl.refresh_from_db()


def test_a_slow_site_holds_back_no_verdict_of_another(small_web: SmallWeb, project: Project, known: Known) -> None:
    small_web.edit(SOURCE, "/a", page_with(small_web, "/about"))
    small_web.edit(SOURCE, "/gone", refusal(404))
    known("/a", "/gone", {"host": RESTING, "path": "/b"})
    crawl = slow_site(small_web, project)
    assert crawl.state == Crawl.State.RUNNING
    assert states(crawl) == {"a": "live", "gone": "lost", "b": "waiting"}
    go_on(crawl)
    assert states(crawl) == {"a": "live", "gone": "lost", "b": "live"}
    assert (crawl.results["states"]["live"], crawl.results["states"]["lost"]) == (2, 1)
    assert sorted(str(row["source_key"]) for row in observed(crawl, "checks")) == sorted(
        parse(item.source_url).key for item in CheckItem.objects.filter(crawl=crawl)
    ), "each once"


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("portion", [1_000, 1])
def test_a_cancelled_check_keeps_its_verdicts_and_can_go_on(
    small_web: SmallWeb, project: Project, known: Known, monkeypatch: pytest.MonkeyPatch, portion: int
) -> None:
    monkeypatch.setattr(checks, "VERDICTS_AT_ONCE", portion)
    monkeypatch.setattr(checks, "AT_ONCE", portion)
    gone = {"gone": "lost", "gone-too": "lost", "gone-as-well": "lost"}
    for path in gone:
        small_web.edit(SOURCE, f"/{path}", refusal(404))
    known(*(f"/{path}" for path in gone), {"host": RESTING, "path": "/b"})
    crawl = slow_site(small_web, project)
    assert jobs.cancel(crawl)
    runs.execute(crawl.run_id)
    crawl.refresh_from_db()
    assert crawl.state == Crawl.State.CANCELLED and states(crawl) == gone | {"b": "waiting"}
    assert shown(project)["gone"]["state"] == "lost" and crawl.results["states"]["lost"] == 3
    assert runs.retry(Run.objects.get(pk=crawl.run_id))
    go_on(crawl)
    assert crawl.state == Crawl.State.DONE and states(crawl) == gone | {"b": "live"}
    assert len(observed(crawl, "checks")) == 4


def test_a_target_that_was_not_visited_before_somebody_cancelled_is_not_called_fine(
    small_web: SmallWeb, project: Project, known: Known
) -> None:
    small_web.edit(SOURCE, "/a", page_with(small_web, "/dead"))
    known("/a", target="/dead")
    CrawlHost.objects.create(domain=TARGET, next_at=timezone.now() + timedelta(minutes=30))
    crawl = jobs.start(project=project, kind="check", user=None)
    runs.execute(crawl.run_id)
    assert states(crawl) == {"a": "waiting"}
    crawl.refresh_from_db()
    assert jobs.cancel(crawl)
    runs.execute(crawl.run_id)
    assert states(crawl) == {"a": "waiting"} and not observed(crawl, "checks")
    assert runs.retry(Run.objects.get(pk=crawl.run_id))
    go_on(crawl)
    assert states(crawl) == {"a": "broken"} and len(observed(crawl, "checks")) == 1


def test_a_site_that_has_trouble_again_and_again_holds_up_nobody(
    small_web: SmallWeb, project: Project, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "GIVEN_UP", 2)
    for number in range(8):
        small_web.edit(SOURCE, f"/busy-{number}", refusal(503))
    known(*(f"/busy-{number}" for number in range(8)))
    crawl, items = check(project)
    assert {(item.state, item.reason) for item in items.values()} == {("unknown", "http_503")}
    assert sum(visit.target.startswith("/busy-") for visit in small_web.log) < 8
    assert crawl.errors == 8


def test_a_site_of_pages_that_nobody_can_read_is_left_alone(
    small_web: SmallWeb, project: Project, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader.Reader, "_ask", lambda self, jobs: None)
    monkeypatch.setattr(worker, "MOST_URLS_A_TURN", worker.TOO_COSTLY_PAGES)
    for number in range(8):
        small_web.edit(SOURCE, f"/{number}", page_with(small_web, "/about"))
    known(*(f"/{number}" for number in range(8)))
    crawl, items = check(project)
    assert {(item.state, item.reason) for item in items.values()} == {("unknown", "not_read")}
    unasked = CrawlUrl.objects.filter(crawl=crawl, purpose="page", attempts=0)
    assert unasked.count() == 8 - worker.TOO_COSTLY_PAGES and all(
        "pages of this site in a row" in row.reason for row in unasked
    )


def test_a_site_with_old_failures_is_asked_at_once_when_it_answers(
    small_web: SmallWeb, project: Project, known: Known, settings: object
) -> None:
    settings.CRAWL_DELAY_SECONDS = 0.1  # type: ignore[attr-defined]
    small_web.edit(SOURCE, "/a", page_with(small_web, "/about"))
    known("/a")
    CrawlHost.objects.create(domain=SOURCE, next_at=timezone.now(), failures=12)
    assert check(project)[1]["a"].state == "live"
