"""The page of a run: its name, and the way to its result for those who may open it."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from backlinks.crawl import jobs
from projects.models import Run
from tests.backlinks.crawled import make_crawl
from tests.backlinks.pages import soup_of
from tests.conftest import Cast


def page_of(run: Run) -> str:
    return reverse("projects:run", kwargs={"slug": run.workspace.slug, "run_id": run.pk})


def runs_of(cast: Cast) -> str:
    return reverse("projects:runs", kwargs={"slug": cast.workspace.slug})


@pytest.mark.parametrize(("role", "links"), [("client", 0), ("viewer", 1), ("editor", 1)])
def test_a_result_is_offered_to_those_who_may_open_it(cast: Cast, browse: Callable, role: str, links: int) -> None:
    run = make_crawl(project=cast.project).run
    reader = browse(getattr(cast, role))
    response = reader.get(page_of(run))
    assert response.status_code == 200, "that it ran is for everybody in the project"
    offered = soup_of(response).select("#run a.btn-primary")
    assert len(offered) == links
    for one in offered:
        assert reader.get(one["href"], follow=True).status_code == 200


def test_a_run_that_is_not_done_has_no_result(cast: Cast, browse: Callable) -> None:
    run = make_crawl(project=cast.project, state="running", run="running").run
    assert not soup_of(browse(cast.editor).get(page_of(run))).select("#run a.btn-primary")


def test_a_removal_is_called_so(cast: Cast, browse: Callable) -> None:
    crawl = make_crawl(project=cast.project)
    run = jobs.ask_removal(crawl, cast.editor)
    viewer, title = browse(cast.viewer), f"Site crawl {crawl.pk}, removal · client.example"
    assert soup_of(viewer.get(page_of(run))).h1.text == title
    listed = soup_of(viewer.get(runs_of(cast)))
    assert title in listed.text


def test_a_crawl_is_called_by_its_own_name_and_address(cast: Cast, browse: Callable) -> None:
    asked = {"project": cast.project, "user": cast.editor, "starts": ["https://rival.example/shop/"]}
    site, check = jobs.start(kind="site", **asked), jobs.start(kind="check", project=cast.project, user=None)
    listed = {one: soup_of(browse(getattr(cast, one)).get(runs_of(cast))).text for one in ("client", "viewer")}
    assert f"Site crawl {site.pk} · rival.example/shop" in listed["viewer"]
    assert f"Site crawl {site.pk}" in listed["client"], "that it runs is for everybody in the project"
    assert "rival.example" not in listed["client"], "what it fetches is not"
    assert all(f"Link check {check.pk}" in one for one in listed.values())


def test_a_run_of_before_is_called_by_its_kind_and_number(cast: Cast, browse: Callable) -> None:
    run = make_crawl(project=cast.project).run
    assert f"Crawl {run.pk}" in soup_of(browse(cast.viewer).get(runs_of(cast))).text
