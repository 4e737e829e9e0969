"""Cloaking checks on the small web: three polite visits, a verdict, and what is kept."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backlinks.crawl import cloaking, hosts
from backlinks.crawl.models import CrawlHost
from backlinks.models import CloakingCheck
from projects import runs
from projects.models import Project, Run
from tests.conftest import Cast
from tests.factories import make_project
from tests.web.pages import Link, Page, article, document, redirect, refusal
from tests.web.server import SmallWeb, at_once, gaps

pytestmark = pytest.mark.usefixtures("free_web")
SOURCE, TARGET = "blog0.localhost", "shop1.localhost"
WORDS = "A long story of the garden, the bread and the river, told to everybody who comes by. " * 8


@pytest.fixture
def project(cast: Cast) -> Project:
    return make_project(workspace=cast.workspace, domain=TARGET)


def page(web: SmallWeb, text: str = WORDS, **more: object) -> Page:
    return article("A story", [Link(web.url(TARGET, "/about"), "our shop")], text=[text], **more)


def compared(web: SmallWeb, project: Project, path: str) -> CloakingCheck:
    check = cloaking.start(project=project, source_url=web.url(SOURCE, path), link_id=1, user=None)
    runs.see_through(check.run)
    check.refresh_from_db()
    assert check.run.state == Run.State.DONE, check.run.error
    return check


def test_a_page_that_is_the_same_for_all(small_web: SmallWeb, project: Project) -> None:
    small_web.edit(SOURCE, "/a", page(small_web))
    check = compared(small_web, project, "/a")
    assert (check.verdict, check.evidence, check.reason) == ("same", [], "")
    assert [visit["who"] for visit in check.visits] == ["ours", "engine", "ours"]
    assert check.finished_at is not None and "runs" not in check.visits[0] and check.visits[0]["status"] == 200
    agents = ["Googlebot" in visit.agent for visit in small_web.log if visit.target == "/a"]
    assert agents == [False, True, False]
    assert not [visit for visit in small_web.log if visit.target == "/robots.txt" and "Googlebot" in visit.agent]


def test_a_cloaked_page(small_web: SmallWeb, project: Project) -> None:
    check = compared(small_web, project, "/cloaked")
    assert check.verdict == "content"
    evidence = {one["what"]: one for one in check.evidence}
    assert evidence["Title"]["engine"] == "Casino" and evidence["Main text"]["weight"] == "content"
    assert "http://casino.example/" in evidence["Links for search engines only"]["engine"]


def test_a_link_that_search_engines_do_not_get(small_web: SmallWeb, project: Project) -> None:
    hidden = article("A story", [], text=[WORDS])
    small_web.edit(SOURCE, "/a", page(small_web, cloaked=hidden))
    check = compared(small_web, project, "/a")
    assert check.verdict == "links"
    assert {"what": f"Link to {TARGET}", "ours": "a link", "engine": "no link", "weight": "links"} in check.evidence


def test_redirects_are_gone_after_and_compared(small_web: SmallWeb, project: Project) -> None:
    small_web.edit(SOURCE, "/b", page(small_web))
    small_web.edit(SOURCE, "/a", redirect("/b", cloaked=redirect(small_web.url("news2.localhost", "/post/1"))))
    check = compared(small_web, project, "/a")
    evidence = {one["what"]: one for one in check.evidence}
    assert check.verdict == "content" and evidence["Address at the end"]["engine"].endswith("/post/1")
    small_web.edit(SOURCE, "/a", redirect("/a?again"))
    small_web.edit(SOURCE, "/a?again", redirect("/a"))
    check = compared(small_web, project, "/a")
    assert (check.verdict, check.reason) == ("unknown", "It redirects again and again.")


def test_rules_that_another_site_keeps_are_obeyed_and_fetched_under_its_lease(
    small_web: SmallWeb, project: Project
) -> None:
    keeper = "news2.localhost"
    small_web.edit(SOURCE, "/robots.txt", redirect(small_web.url(keeper, "/of-others.txt")))
    small_web.edit(keeper, "/of-others.txt", document(b"User-agent: *\nDisallow: /a\n", "text/plain"))
    small_web.edit(SOURCE, "/a", page(small_web))
    check = compared(small_web, project, "/a")
    assert check.verdict == "unknown" and "robots.txt does not let us" in check.reason
    assert [(visit.host, visit.target) for visit in small_web.log] == [
        (SOURCE, "/robots.txt"), (keeper, "/of-others.txt"),
    ]  # fmt: skip
    assert CrawlHost.objects.get(domain=keeper).fetched_at is not None and not hosts.is_held(keeper)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/private/1", "robots.txt does not let us"),
        ("/shut", "403"),
        ("/gone", "gone"),
        ("/file.pdf", "PDF"),
        ("/broken", "500"),
    ],
)
def test_nobody_could_look(small_web: SmallWeb, project: Project, path: str, words: str) -> None:
    check = compared(small_web, project, path)
    assert check.verdict == "unknown" and words.lower() in check.reason.lower(), check.reason
    asked = [visit for visit in small_web.log if visit.target == path]
    assert not asked if path.startswith("/private") else asked
    assert [visit for visit in asked if "Googlebot" in visit.agent] == [] or path == "/gone", "no second look in vain"


def test_a_server_that_refuses_the_name_proves_nothing(small_web: SmallWeb, project: Project) -> None:
    small_web.edit(SOURCE, "/a", page(small_web, cloaked=refusal(403)))
    check = compared(small_web, project, "/a")
    assert check.verdict == "unknown" and "proves nothing" in check.reason


def test_what_fails_for_a_moment_is_asked_again(small_web: SmallWeb, project: Project) -> None:
    assert compared(small_web, project, "/flaky").verdict == "same"


def test_private_addresses_are_refused_by_the_door(project: Project) -> None:
    check = cloaking.start(project=project, source_url="http://10.1.2.3/", link_id=1, user=None)
    runs.see_through(check.run)
    check.refresh_from_db()
    assert (check.verdict, check.visits[0]["code"]) == ("unknown", "address_refused")


def test_the_pause_of_the_site_is_kept_between_visits(small_web: SmallWeb, project: Project, settings: object) -> None:
    settings.CRAWL_DELAY_SECONDS = 0.3  # type: ignore[attr-defined]
    small_web.edit(SOURCE, "/a", page(small_web))
    compared(small_web, project, "/a")
    assert min(gap for gap, _ in gaps(small_web.log)) >= 0.3 and at_once(small_web.log) == 1
    assert not CrawlHost.objects.exclude(token="").exists()


def test_a_site_that_must_rest_gives_the_worker_back_and_goes_on_later(small_web: SmallWeb, project: Project) -> None:
    small_web.edit(SOURCE, "/a", page(small_web))
    hosts.know([SOURCE])
    later = timezone.now() + timedelta(hours=1)
    CrawlHost.objects.filter(domain=SOURCE).update(next_at=later)
    check = cloaking.start(project=project, source_url=small_web.url(SOURCE, "/a"), link_id=1, user=None)
    runs.execute(check.run_id)
    check.run.refresh_from_db()
    assert (check.run.state, check.run.lease_until, small_web.log) == (Run.State.QUEUED, later, [])
    CrawlHost.objects.filter(domain=SOURCE).update(next_at=timezone.now())
    Run.objects.filter(pk=check.run_id).update(lease_until=None)
    runs.execute(check.run_id)
    check.refresh_from_db()
    assert check.verdict == "same"


def test_a_worker_that_dies_between_visits_loses_none(
    small_web: SmallWeb, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_web.edit(SOURCE, "/a", page(small_web))
    check = cloaking.start(project=project, source_url=small_web.url(SOURCE, "/a"), link_id=1, user=None)
    real = cloaking._Look.ask

    def dies(look: cloaking._Look, visit: dict[str, object]) -> None:
        if len(look._check.visits) == 2:
            raise runs.LostLease
        real(look, visit)

    monkeypatch.setattr(cloaking._Look, "ask", dies)
    runs.execute(check.run_id)
    monkeypatch.undo()
    Run.objects.filter(pk=check.run_id).update(lease_until=timezone.now())
    runs.execute(check.run_id)
    check.refresh_from_db()
    assert check.verdict == "same"
    assert len([visit for visit in small_web.log if visit.target == "/a"]) == 3


def test_one_comparison_of_a_page_at_a_time(project: Project) -> None:
    url = "http://blog0.localhost/a"
    cloaking.start(project=project, source_url=url, link_id=1, user=None)
    with pytest.raises(cloaking.CloakingRefused):
        cloaking.start(project=project, source_url=f"{url}#part", link_id=1, user=None)
    assert cloaking.latest(project, url).is_going_on
