"""The page of a workspace: a card for each project, with what our crawler last said of its links."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from backlinks.pages import project_figures
from projects.models import Project
from tests.backlinks.crawled import add_item, make_crawl
from tests.backlinks.pages import rows_of, soup_of
from tests.conftest import Cast


def workspace_of(cast: Cast) -> str:
    return reverse("projects:workspace", kwargs={"slug": cast.workspace.slug})


def figures_of(page: BeautifulSoup, project: Project) -> dict[str, tuple[str, str]]:
    """Name of each figure on a project's card -> (its value, where it leads)."""
    card = page.select_one(f"section[aria-labelledby=project-{project.pk}]")
    return {one.dt.text: (one.a.text, one.a["href"]) for one in card.select("dl > div")}


def check_of(project: Project, *, days: int = 0, **states: dict[str, object]) -> None:
    """A check that ended so many days ago; name of a link -> how it was found."""
    at = timezone.now() - timedelta(days=days)
    check = make_crawl(project=project, kind="check", starts=[], finished_at=at)
    for name, values in states.items():
        add_item(check, f"https://{name}.example/", link_id=NUMBERS[name], checked_at=at, **values)


NUMBERS = {"old": "1", "lost": "2", "back": "3", "here": "4", "other": "5"}
LOST = {"state": "lost", "reason": "notfound", "is_new": True}


@pytest.mark.parametrize("role", ["client", "viewer", "owner"])
def test_a_card_says_what_is_newly_lost_each_link_once(
    cast: Cast, link_index: None, browse: Callable, role: str
) -> None:
    check_of(cast.project, days=20, old=LOST)
    check_of(cast.project, days=3, lost=LOST, back=LOST, here={})
    check_of(cast.project, days=1, lost=LOST | {"is_new": False}, back={"state": "restored"}, other=LOST)
    check_of(cast.second_project, days=2, lost=LOST)
    reader = browse(getattr(cast, role))
    said = figures_of(soup_of(reader.get(workspace_of(cast))), cast.project)
    value, href = said["Newly lost"]
    assert value == "2"
    assert len(rows_of(soup_of(reader.get(href)))) == 2
    day = timezone.localtime(timezone.now() - timedelta(days=1))
    assert said["Last check"][0] == f"{day.day} {day:%b %Y}"
    assert all(reader.get(where).status_code == 200 for _, where in said.values()), "no figure leads to a closed door"
    assert ("Last import" in said) == (role != "client")


@pytest.mark.parametrize(
    ("made", "word"),
    [
        (None, "never"),
        ({"state": "running", "run": "running"}, "at work"),
        ({"state": "running", "run": "failed"}, "failed"),
        ({"starts": ["https://a.example/", "https://client.example/"]}, "never"),
    ],
)
def test_a_card_says_how_the_last_check_stands(
    cast: Cast, link_index: None, browse: Callable, made: dict[str, object] | None, word: str
) -> None:
    if made is not None:
        make_crawl(project=cast.project, kind="check", **({"starts": []} | made))
    assert figures_of(soup_of(browse(cast.viewer).get(workspace_of(cast))), cast.project)["Last check"][0] == word


def test_more_projects_are_no_more_questions(cast: Cast, link_index: None) -> None:
    projects = list(Project.objects.filter(workspace=cast.workspace).select_related("workspace"))
    for one in projects:
        check_of(one, lost=LOST)
    asked = []
    for some in (projects[:1], projects):
        with CaptureQueriesContext(
            connection,
        ) as found:
            project_figures(some)
        asked.append(len(found))
    assert len(projects) > 1 and asked[0] == asked[1]
