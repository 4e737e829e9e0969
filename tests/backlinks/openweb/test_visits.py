"""Visits of a project's own sites: exports of Search Console in any language, and plain tables."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management.base import CommandError

from backlinks import index
from backlinks.index import engine
from backlinks.openweb import visits
from backlinks.openweb.models import OpenImport
from projects import runs
from tests.conftest import Cast

from .test_popularity import command, standing, written, zipped

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("link_index")]
DATES = (
    "Date,Clicks,Impressions,CTR,Position\n2026-09-28,10,100,10%,8.1\n2026-09-29,20,100,20%,8.1\n"
    "2026-10-01,30,100,30%,8\n"
)
PAGES = (
    "Top pages,Clicks,Impressions,CTR,Position\nhttps://client.example/,25,250,10%,8.1\n"
    "https://shop.client.example/a,5,50,10%,8.1\n"
)
QUERIES = "Top queries,Clicks,Impressions,CTR,Position\nclient example,40,80,50%,1.2\nclient.example,4,8,50%,1.2\n"
FILTERS = "Filter,Value\nSearch type,Web\nDate,Last 3 months\n"


def visits_of(cast: Cast, path: Path, *options: object) -> dict[str, Any]:
    return command(path, "--project", cast.project.pk, *options)


def test_a_performance_export_counts_the_clicks_of_its_days(tmp_path: Path, cast: Cast) -> None:
    members = {"Queries.csv": QUERIES, "Pages.csv": PAGES, "Dates.csv": DATES, "Filters.csv": FILTERS}
    answer = visits_of(cast, zipped(tmp_path, "client.example-Performance.zip", members))
    assert (answer["list"], answer["day"]) == ("gsc", "2026-10-01")
    assert (answer["rows"], answer["accepted"], answer["rejected"], answer["domains"]) == (3, 3, 0, 1)
    found = standing("client.example", cast.workspace.pk)
    assert found.visits == pytest.approx(60 / 4 * 30)  # four days, of which one has no row
    assert (found.list, found.signal, found.rank) == ("gsc", "traffic", 0)


def test_visits_are_seen_by_their_workspace_alone(tmp_path: Path, cast: Cast) -> None:
    visits_of(cast, written(tmp_path, "Dates.csv", DATES))
    assert index.popularity.popularity_of(0, ["client.example"]) == {}
    assert index.popularity.popularity_of(cast.other_workspace.pk, ["client.example"]) == {}
    assert index.popularity.lists(0) == [] and index.popularity.standings(0).num_rows == 0
    assert [one.list for one in index.popularity.lists(cast.workspace.pk)] == ["gsc"]


def test_headers_in_another_language_are_read_by_shape(tmp_path: Path, cast: Cast) -> None:
    german = DATES.replace("Date,Clicks,Impressions,CTR,Position", "Datum,Klicks,Impressionen,CTR,Position")
    assert visits_of(cast, written(tmp_path, "Diagramm.csv", german))["list"] == "gsc"
    numbers = 'Página,Clics,Impresiones,CTR,Posición\nhttps://client.example/,"1.240","9.000","13,78%","8,1"\n'
    answer = visits_of(cast, written(tmp_path, "Paginas.csv", numbers))
    assert standing("client.example", cast.workspace.pk).visits == pytest.approx(1240 / 90 * 30)
    assert "90 days" in answer["notes"][0]


def test_pages_say_how_many_days_they_cover_by_an_option(tmp_path: Path, cast: Cast) -> None:
    answer = visits_of(cast, written(tmp_path, "client-2026-10-05-Pages.csv", PAGES), "--days", 28)
    assert standing("client.example", cast.workspace.pk).visits == pytest.approx(30 / 28 * 30)
    assert answer["day"] == "2026-10-05" and answer["notes"] == []


def test_pages_of_another_site_are_refused(tmp_path: Path, cast: Cast) -> None:
    members = {"Pages.csv": PAGES.replace("client.example", "other.example"), "Dates.csv": DATES}
    with pytest.raises(CommandError, match=r"pages of other\.example, but the project's site is client\.example"):
        visits_of(cast, zipped(tmp_path, "performance.zip", members))
    foreign = written(tmp_path, "pages.csv", "page,visits\n/home,10\nhttps://other.example/,99\n")
    answer = visits_of(cast, foreign)
    assert (answer["accepted"], answer["rejected"]) == (1, 1)
    assert answer["problems"][0]["reason"] == "not a page of the project's site"
    assert standing("client.example", cast.workspace.pk).visits == 10


def test_a_comparison_of_two_periods_is_refused(tmp_path: Path, cast: Cast) -> None:
    header = "Date,Clicks,Clicks,Impressions,Impressions,CTR,CTR,Position,Position"
    with pytest.raises(CommandError, match="without the comparison"):
        visits_of(cast, written(tmp_path, "Dates.csv", f"{header}\n2026-10-01,1,2,3,4,5%,6%,7,8\n"))


def test_a_table_of_domains_tells_of_competitors_too(tmp_path: Path, cast: Cast) -> None:
    text = (
        "domain;visits;date\nclient.example;1 200;2026-08-01\nclient.example;1 500;2026-09-01\n"
        "www.rival.example;90 000;2026-09-01\nnobody;5;2026-09-01\nrival.example;many;2026-09-01\n"
    )
    answer = visits_of(cast, written(tmp_path, "visits.csv", text))
    assert (answer["list"], answer["rows"], answer["accepted"], answer["rejected"]) == ("visits", 5, 3, 2)
    assert {one["reason"] for one in answer["problems"]} == {"no domain name", "no number of visits"}
    assert standing("client.example", cast.workspace.pk).visits == 1500
    assert standing("rival.example", cast.workspace.pk).visits == 90_000


@pytest.mark.parametrize(
    ("text", "per_period"),
    [
        ("date,visits\n2026-09-01,10\n2026-09-02,20\n", 450),  # days
        ("week,visits\n2026-09-07,70\n2026-09-14,140\n", 450),  # weeks: 14 days
        ("month,sessions\n2026-07-01,310\n2026-08-01,310\n2026-09-01,300\n", 920 / 93 * 30),  # 62 days and 31
        ("date,users,visits\n2026-09-01,1,10\n", 300),  # the column is named
        ("2026-09-01,10\n2026-09-02,20\n", 450),  # no header
    ],
)
def test_days_weeks_and_months_become_thirty_days(tmp_path: Path, cast: Cast, text: str, per_period: float) -> None:
    visits_of(cast, written(tmp_path, "visits.csv", text))
    assert standing("client.example", cast.workspace.pk).visits == pytest.approx(per_period)


@pytest.mark.parametrize(
    "text",
    [
        "domain,a,b\nclient.example,1,2\n",
        "name,visits\nsome words,2\n",
        QUERIES.replace("client.example,4", "more words,4"),
        "just text\n",
        "date,visits\n2126-09-01,10\n",
    ],
)
def test_other_tables_are_refused_with_a_sentence(tmp_path: Path, cast: Cast, text: str) -> None:
    with pytest.raises(CommandError, match=r"no table of visits|No row of"):
        visits_of(cast, written(tmp_path, "visits.csv", text))
    assert OpenImport.objects.get().state == OpenImport.State.FAILED
    assert engine.read("SELECT count() AS n FROM popularity")[0]["n"] == 0


def test_the_newest_file_of_a_project_counts_beside_those_of_others(tmp_path: Path, cast: Cast) -> None:
    visits_of(cast, written(tmp_path, "a.csv", "date,visits\n2026-09-01,10\n"))
    visits_of(cast, written(tmp_path, "b.csv", "date,visits\n2026-10-01,20\n"))
    command(written(tmp_path, "c.csv", "date,visits\n2026-10-01,30\n"), "--project", cast.second_project.pk)
    assert standing("client.example", cast.workspace.pk).visits == 600
    assert standing("second.example", cast.workspace.pk).visits == 900
    assert standing("client.example", cast.workspace.pk).day == date(2026, 10, 1)


def test_an_upload_is_stored_until_it_is_read(cast: Cast) -> None:
    upload = ContentFile(DATES.encode(), "Dates.csv")
    made = visits.receive_visits(cast.project, cast.editor, upload, "Dates.csv")
    assert (made.workspace, made.project, made.started_by) == (cast.workspace, cast.project, cast.editor)
    assert default_storage.exists(made.place) and made.run.workspace == cast.workspace
    runs.execute(made.run_id)
    made.refresh_from_db()
    assert made.state == OpenImport.State.DONE and not default_storage.exists(made.place)
    again = visits.receive_visits(cast.project, cast.editor, upload, "Dates.csv")
    assert again.pk == made.pk and not default_storage.exists(made.place)


def test_a_file_that_cannot_be_read_is_forgotten_and_may_come_again(cast: Cast) -> None:
    upload = ContentFile(b"just text\n", "x.csv")
    made = visits.receive_visits(cast.project, cast.editor, upload, "x.csv")
    runs.execute(made.run_id)
    assert not default_storage.exists(made.place)
    again = visits.receive_visits(cast.project, cast.editor, upload, "x.csv")
    assert again.pk == made.pk and again.run_id != made.run_id and default_storage.exists(again.place)


def test_a_removed_project_takes_its_visits_along(tmp_path: Path, cast: Cast) -> None:
    visits_of(cast, written(tmp_path, "a.csv", "date,visits\n2026-09-01,10\n"))
    command(written(tmp_path, "c.csv", "date,visits\n2026-10-01,30\n"), "--project", cast.second_project.pk)
    claimed = SimpleNamespace(step=lambda **_: None)
    visits.remove_project(cast.project, claimed)  # type: ignore[arg-type]
    assert list(index.popularity.popularity_of(cast.workspace.pk, ["client.example", "second.example"])) == [
        "second.example"
    ]
