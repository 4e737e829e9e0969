"""What changed since you last looked: the figures of two days, what happened between, and silence where nothing did."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backlinks import index
from backlinks.index import engine
from backlinks.models import Import, Look
from backlinks.views.reading import Reading
from backlinks.views.since import since
from tests.backlinks.pages import fill, soup_of, url_of
from tests.backlinks.scored import add_run

LINK = {"target": "https://client.example/", "anchor": "a"}
NOW = timezone.now()


def links(*names):
    return [LINK | {"source": f"https://{name}.example/"} for name in names]


def seen(cast, days=3, **options):
    """What is shown to somebody whose last visit ended so many days ago."""
    reading = Reading(cast.project, cast.project.target, {}, **options)
    return since(reading, index.pin(reading.query("links")), NOW - timedelta(days=days))


def backdate(cast, days):
    """What is known now was known some days ago."""
    engine.write(
        """INSERT INTO profile_days SELECT * REPLACE (day - {days:UInt16} AS day) FROM profile_days
        WHERE workspace = {workspace:UInt32}""",
        {"days": days, "workspace": cast.workspace.pk},
    )


@pytest.fixture
def grown(cast, held_index):
    """One link five days ago; three more, one of them lost, since."""

    def made() -> None:
        fill(cast, links("a"))
        backdate(cast, 5)
        fill(cast, [*links("b", "c"), links("d")[0] | {"lost_reason": "notfound", "lost_at": 1_772_323_200}])

    held_index(("grown", cast.workspace.pk), made)
    return cast


def test_figures_that_moved(grown):
    moved = {one.label: (one.before, one.now, one.change) for one in seen(grown).figures}
    assert moved["Backlinks"] == (1, 4, 3)
    assert moved["Referring domains"] == (1, 4, 3)
    assert moved["Lost links"] == (0, 1, 1)


def test_a_visit_of_today_and_a_first_one_are_told_nothing(grown):
    reading = Reading(grown.project, grown.project.target, {})
    query = index.pin(reading.query("links"))
    assert since(reading, query, None) is None
    assert since(reading, query, NOW) is None


def test_before_anything_was_noted_no_figure_is_compared(grown):
    assert seen(grown, days=30).figures == []


def test_imports_that_ended_since_are_named_and_not_to_a_client(grown):
    made = {"workspace": grown.workspace, "project": grown.project, "state": "done", "label": "Ahrefs backlinks"}
    Import.objects.create(**made, accepted=1200, size=1, batch=1, finished_at=NOW - timedelta(days=1))
    Import.objects.create(**made, accepted=7, size=1, batch=2, finished_at=NOW - timedelta(days=9))
    assert [one.text for one in seen(grown).events] == ["Ahrefs backlinks: 1,200 rows imported"]
    assert seen(grown, is_narrow=True).events == []


def test_authority_that_moved_and_that_did_not(grown):
    then, today = (NOW - timedelta(days=9)).date(), NOW.date()
    add_run(scores={"client.example": 30.0}, run=1, day=then)
    assert seen(grown).authority is None
    add_run(scores={"client.example": 33.5}, run=2, day=today)
    assert seen(grown).authority == (30.0, 33.5)


def test_the_overview_says_it_to_whoever_was_here_before(grown, browse):
    client = browse(grown.viewer)
    assert not soup_of(client.get(url_of(grown.project))).select("#since")
    Look.objects.update(looked_at=NOW - timedelta(days=3))
    page = soup_of(client.get(url_of(grown.project)))
    assert page.select_one("#since time")["datetime"].startswith((NOW - timedelta(days=3)).date().isoformat())
    assert "+3" in page.select_one(".since-figures").get_text()


def test_quiet_where_nothing_happened(cast, link_index):
    fill(cast, links("a"))
    backdate(cast, 5)
    assert seen(cast).is_quiet
