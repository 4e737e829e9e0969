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
    run = jobs.ask_removal(make_crawl(project=cast.project), cast.editor)
    viewer = browse(cast.viewer)
    assert soup_of(viewer.get(page_of(run))).h1.text == f"Crawl, removal {run.pk}"
    listed = soup_of(viewer.get(reverse("projects:runs", kwargs={"slug": cast.workspace.slug})))
    assert f"Crawl, removal {run.pk}" in listed.text
