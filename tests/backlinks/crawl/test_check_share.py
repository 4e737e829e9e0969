"""What a check has on its list when more links are watched than a day has room for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backlinks import index
from backlinks.crawl import checks, jobs
from backlinks.crawl.models import CheckItem, CheckPlan, Crawl, WatchedLink
from backlinks.crawl.storing import batch_of
from projects.models import Project, Run
from tests.conftest import Cast
from tests.factories import add_links

pytestmark = pytest.mark.usefixtures("link_index")
TARGET = "https://client.example/"
DAY = timedelta(days=1)


@pytest.fixture
def project(cast: Cast) -> Project:
    return cast.project


def page(name: str) -> str:
    return f"https://{name}.example/x"


def know(project: Project, *names: str) -> None:
    links = [{"source": page(name), "target": TARGET, "anchor": "our shop", "lost_reason": ""} for name in names]
    add_links(workspace=project.workspace_id, links=links)


def watch(project: Project, *names: str, tried: timedelta | None = None) -> None:
    for name in names:
        made = checks.watch(project, page(name), TARGET)
        if tried is not None:
            WatchedLink.objects.filter(pk=made.pk).update(checked_at=timezone.now() - tried)


def looked(project: Project, ago: timedelta, *names: str, state: str = "live", anchor: str = "our shop") -> None:
    """A check that has looked at these links."""
    batch = index.Batch(project.workspace_id, index.new_batch_id(), "crawl", "check")
    index.begin(batch)
    columns = {
        "target_domain": ["client.example"] * len(names),
        "link_id": index.link_ids([(page(name).removeprefix("https://"), "client.example/") for name in names]),
        "checked_at": [int((timezone.now() - ago).timestamp())] * len(names),
        "state": [state] * len(names),
        "anchor": [anchor] * len(names),
    }
    index.add(batch, "checks", columns, block=0)
    index.complete(batch)


def listed(project: Project, limit: int) -> list[str]:
    """The names of a check's links in their order, after it is written down; the check is forgotten again."""
    check = jobs.start(project=project, kind="check", user=None, max_pages=limit)
    count = checks.prepare(check, lambda: None)
    items = CheckItem.objects.filter(crawl=check).order_by("pk")
    found = [item.source_url.removeprefix("https://").partition(".")[0] for item in items]
    assert count == len(found) == check.results["prepared"]
    assert len(set(found)) == len(found)
    Run.objects.filter(pk=check.run_id).update(state=Run.State.DONE)
    Crawl.objects.filter(pk=check.pk).update(state=Crawl.State.DONE)
    return found


def test_watched_links_take_half_of_a_check_and_the_oldest_look_goes_first(project: Project) -> None:
    watched, others = [f"w{number}" for number in range(10)], [f"o{number}" for number in range(10)]
    know(project, *watched, *others)
    watch(project, *watched)
    for number, name in enumerate(watched):
        looked(project, (10 + number) * DAY, name)
    found = listed(project, 6)
    assert found[:3] == ["w9", "w8", "w7"]
    assert set(found[3:]) < set(others)
    looked(project, timedelta(), *found)
    found = listed(project, 6)
    assert found[:3] == ["w6", "w5", "w4"], "the others have their turn"
    assert set(found[3:]) < set(others)
    assert len(listed(project, 100)) == 20


def test_watched_links_take_all_when_nothing_else_is_due(project: Project) -> None:
    know(project, "w0", "w1", "w2", "w3", "o0", "o1", "o2")
    watch(project, "w0", "w1", "w2", "w3")
    looked(project, 2 * DAY, "o0", "o1", "w0", "w1", "w2", "w3")
    assert [name[0] for name in listed(project, 5)] == ["w", "w", "o", "w", "w"]
    looked(project, DAY, "o2")
    assert {name[0] for name in listed(project, 4)} == {"w"}
    CheckPlan.objects.create(project=project, every_days=1)
    assert [name[0] for name in listed(project, 4)] == ["w", "w", "o", "o"], "the plan says what is due"


def test_watched_links_that_nobody_has_seen_are_within_the_share(project: Project) -> None:
    know(project, *(f"o{number}" for number in range(6)), "w0", "w1")
    watch(project, "n0", "n1", tried=3 * DAY)
    watch(project, "n2", "n3", "w0", "w1")
    found = listed(project, 8)
    assert found[:2] == ["n2", "n3"], "never looked for"
    assert set(found[2:4]) == {"w0", "w1"}
    assert {name[0] for name in found[4:]} == {"o"}
    looked(project, timedelta(), *(f"o{number}" for number in range(6)))
    assert [name[0] for name in listed(project, 8)] == ["n", "n", "w", "w", "n", "n", "o", "o"]
    assert [name[0] for name in listed(project, 1)] == ["n"]


def test_a_link_beyond_the_share_is_not_taken_for_one_that_nobody_has_seen(project: Project) -> None:
    know(project, "w0", "w1", "w2")
    watch(project, "w0", "w1", "w2")
    assert len(listed(project, 2)) == 2
    assert {item.known["anchor"] for item in CheckItem.objects.all()} == {"our shop"}


def test_without_links_and_watches_there_is_nothing(project: Project) -> None:
    assert listed(project, 5) == []
    watch(project, "n0")
    assert listed(project, 5) == ["n0"]


def test_what_is_compared_is_the_last_look_that_saw_something(project: Project) -> None:
    know(project, "o0", "o1")
    looked(project, 9 * DAY, "o0", state="lost", anchor="")
    looked(project, 3 * DAY, "o0", "o1", state="unknown", anchor="")
    check = jobs.start(project=project, kind="check", user=None, max_pages=5)
    checks.prepare(check, lambda: None)
    last = {item.source_url: item.known.get("last") for item in CheckItem.objects.filter(crawl=check)}
    assert last[page("o0")]["state"] == "lost"
    assert timezone.now().timestamp() - last[page("o0")]["at"] > 8 * DAY.total_seconds()
    assert last[page("o1")] is None
    assert index.state_of(batch_of(check)) == "", "nothing is written before it is carried out"
