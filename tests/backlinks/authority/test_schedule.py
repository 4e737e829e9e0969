"""When scores are computed anew."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backlinks import index
from backlinks.authority import compute, schedule
from backlinks.models import OpenImport
from backlinks.tasks import compute_due_scores
from projects.models import Run, Workspace
from tests.factories import make_workspace

from .scored import star

pytestmark = [pytest.mark.usefixtures("link_index", "unsettled"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def agency() -> Workspace:
    return make_workspace(name="Agency")


def due() -> list[int]:
    """Ids of the workspaces (0: the open graph) whose computation is due now; none is queued."""
    return [one.pk if one else 0 for one in schedule._due(timezone.now())]


def scored_before(workspace: Workspace, hours: float) -> None:
    """A computation that ended so many hours ago."""
    then = timezone.now() - timedelta(hours=hours)
    index.publish_scores(index.ScoreRun(workspace.pk, 1, "A1", "", then, 2, 1, {}), shown=True)


def test_nothing_is_due_where_nothing_is_known(agency: Workspace) -> None:
    assert due() == []
    assert compute_due_scores() == 0


def test_the_first_links_are_scored_at_once_and_a_waiting_run_is_not_queued_twice(agency: Workspace) -> None:
    star(agency.pk, "client.example", ["a.example"])
    assert compute_due_scores() == 1
    assert Run.objects.get(kind=compute.KIND).workspace == agency
    assert compute_due_scores() == 0


def test_small_things_wait_for_the_night(agency: Workspace) -> None:
    scored_before(agency, 21)
    star(agency.pk, "client.example", ["a.example"])
    assert due() == []
    OpenImport.objects.create(kind="popularity", name="list", batch=1, state="done", finished_at=timezone.now())
    assert due() == [agency.pk]


def test_the_night_brings_what_came_in(agency: Workspace) -> None:
    scored_before(agency, 23)
    assert due() == []
    star(agency.pk, "client.example", ["a.example"])
    assert due() == [agency.pk]


def test_something_large_is_scored_once_an_hour_at_most(agency: Workspace) -> None:
    scored_before(agency, 0.5)
    star(agency.pk, "client.example", ["a.example"])
    OpenImport.objects.create(kind="popularity", name="list", batch=1, state="done", finished_at=timezone.now())
    assert due() == []


def test_scores_do_not_grow_older_than_a_month(agency: Workspace) -> None:
    star(agency.pk, "client.example", ["a.example"])
    scored_before(agency, 31 * 24)
    assert due() == [agency.pk]


def test_a_computation_that_has_just_failed_is_not_tried_again_at_once(agency: Workspace) -> None:
    scored_before(agency, 23)
    star(agency.pk, "client.example", ["a.example"])
    run = compute.start(agency)
    Run.objects.filter(pk=run.pk).update(state=Run.State.FAILED, started_at=timezone.now())
    assert due() == []
