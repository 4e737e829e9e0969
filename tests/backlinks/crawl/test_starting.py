"""Starting a crawl: what a second click does, the limit of hosts, and what its runs are called."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from backlinks.crawl import jobs
from backlinks.crawl.models import CheckItem, Crawl, CrawlUrl
from projects.models import Run
from projects.views.runs import label_of
from tests.backlinks.crawl.crawling import crawled, let_time_pass
from tests.backlinks.crawled import make_crawl
from tests.conftest import Cast
from tests.factories import add_links, make_project
from tests.web.pages import Link, article
from tests.web.server import SmallWeb

HOME = "https://client.example/"


def asked(cast: Cast, *starts: str, **more: Any) -> tuple[Crawl, bool]:
    values = {"project": cast.project, "kind": "site", "user": cast.editor} | more
    return jobs.start_once(**values, starts=starts or (HOME,))


def test_the_same_asked_twice_is_one_crawl(cast: Cast) -> None:
    first, is_new = asked(cast)
    assert is_new
    assert asked(cast, "client.example") == (first, False), "another spelling of the same"
    assert Run.objects.count() == 1


@pytest.mark.parametrize("other", ["kind", "user", "project", "starts"])
def test_what_differs_is_another_crawl(cast: Cast, other: str) -> None:
    asked(cast)
    values = {"kind": "list", "user": cast.admin, "project": cast.second_project}
    if other == "starts":
        assert asked(cast, HOME, f"{HOME}more")[1]
    else:
        assert asked(cast, **{other: values[other]})[1]


def test_an_earlier_crawl_that_is_old_or_over_is_no_second_click(cast: Cast) -> None:
    first, _ = asked(cast)
    Crawl.objects.update(created_at=timezone.now() - timedelta(minutes=11))
    second, is_new = asked(cast)
    assert is_new and second != first
    Run.objects.filter(pk=second.run_id).update(state=Run.State.CANCELLED)
    assert asked(cast)[1]


def test_hosts_of_a_site_are_limited_from_the_command_line(
    cast: Cast, free_web: None, link_index: None, small_web: SmallWeb
) -> None:
    call_command("crawl", HOME, "--project", str(cast.project.pk), "--site", "--max-hosts", "7", "--json")
    assert Crawl.objects.get().max_hosts == 7


def test_the_run_of_a_removal_says_so(cast: Cast) -> None:
    crawl = make_crawl(project=cast.project)
    assert label_of(crawl.run) == "Crawl"
    assert label_of(jobs.ask_removal(crawl, cast.editor)) == "Crawl, removal"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"pages": 0, "errors": 2}, ("warning", "Done, nothing could be read")),
        ({"pages": 1, "errors": 2}, ("done", "Done")),
        ({"pages": 0, "errors": 0}, ("done", "Done")),
    ],
)
def test_a_crawl_that_read_nothing_does_not_look_well(
    cast: Cast, values: dict[str, int], said: tuple[str, str]
) -> None:
    assert make_crawl(project=cast.project, **values).shown_state == said


def test_a_link_is_newly_lost_once(cast: Cast, free_web: None, link_index: None, small_web: SmallWeb) -> None:
    project = make_project(workspace=cast.workspace, domain="shop1.localhost")
    about = small_web.url("shop1.localhost", "/about")
    small_web.edit("blog0.localhost", "/a", article("A page", [Link(about, "our shop")], text=["Words."]))
    source = small_web.url("blog0.localhost", "/a")
    add_links(workspace=cast.workspace.pk, links=[{"source": source, "target": about, "lost_reason": ""}])
    found = []
    for page in (None, article("A page", [], text=["Nothing."]), None):
        if page is not None:
            small_web.edit("blog0.localhost", "/a", page)
        found.append(CheckItem.objects.get(crawl=crawled(project, kind="check", max_pages=10)))
        let_time_pass()
    assert [(one.state, one.is_new) for one in found] == [("live", False), ("lost", True), ("lost", False)]
    assert CrawlUrl.objects.filter(purpose="page").count() == 3
