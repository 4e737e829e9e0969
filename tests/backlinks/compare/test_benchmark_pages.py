"""Benchmarks in the browser: saved, compared, each cause with its domains, renamed, deleted, gone with the project."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backlinks import index
from backlinks.index import engine
from backlinks.workbench import benchmarks
from backlinks.workbench.models import Benchmark
from projects import removal, runs
from projects.models import AuditEntry, Competitor
from tests.backlinks.pages import DEFAULTS, all_rows, fill, number_in, rows_of, soup_of, url_of
from tests.backlinks.scored import add_run
from tests.factories import MARCH, add_links

FRESH = {"source": "https://fresh.example/a", "target": "https://client.example/", "anchor": "x"}


def _save(client, cast, target: str = "", **posted):
    told = {"name": "Before the campaign", "note": "=SUM(1)", **posted}
    response = client.post(url_of(cast.project, f"benchmarks/save/{target}"), told)
    assert response.status_code == 302
    return Benchmark.objects.order_by("-pk").first(), response["Location"]


@pytest.fixture
def saved(profile, browse):
    """A benchmark of links that have not changed since, and where it is."""
    return _save(browse(profile.editor), profile)


@pytest.fixture
def changed(profile, browse):
    """A benchmark, then links gained, taken back and lost."""
    taken = add_links(workspace=profile.workspace.pk, links=[DEFAULTS | FRESH | {"source": "https://taken.example/a"}])
    add_run(scores={"client.example": 40.0})
    made, url = _save(browse(profile.editor), profile)
    index.remove(taken)
    fill(profile, [FRESH, {**FRESH, "source": "https://news.example/new"}], source="ahrefs")
    gone = {"lost_reason": "noindex", "lost_at": MARCH + 9, "last_seen": MARCH + 9}
    fill(profile, [{**FRESH, "source": "https://blog.example/post", "target": "https://client.example/shop/"} | gone])
    add_run(scores={"client.example": 43.5}, run=2)
    return made, url


def test_who_sees_named_projects_only_reads_the_projects_targets_once(profile, browse):
    editor, client, asked_times = browse(profile.editor), browse(profile.client), []
    for target in ("", "?target=rival.example", "?target=client.example/shop/", "?target=docs.client.example"):
        _save(editor, profile, target)
        with CaptureQueriesContext(connection) as asked:
            page = soup_of(client.get(url_of(profile.project, "benchmarks/")))
        asked_times.append(sum(Competitor._meta.db_table in one["sql"] for one in asked.captured_queries))
    assert len(rows_of(page)) == 4
    assert len(set(asked_times)) == 1


def test_differences_and_their_causes_add_up_and_lead_to_their_domains(profile, changed, browse):
    client = browse(profile.viewer)
    page = soup_of(client.get(changed[1]))
    lines = page.select("section[aria-labelledby=metrics] tbody tr")
    assert len(lines) > 12
    for line in lines[1:]:
        change, causes = line.select("td.num")[2].get_text(strip=True), line.select("a.cause strong")
        if change != "–" and line.th.get_text() not in ("IPs", "Subnets"):
            told = [_signed(one.get_text()) for one in causes]
            assert sum(told) == _signed(change), line.th.get_text()
    told = {one.th.a.get_text(" ", strip=True) for one in page.select("section[aria-labelledby=causes] tbody tr")}
    assert {"Taken back", "More links"} < told
    assert any(one.startswith("Lost since: ") for one in told)
    score = lines[0].select("td.num")
    assert [one.get_text(strip=True) for one in score] == ["40", "43.5", "+3.5"]
    points = [_signed(one.select("td.num")[0].get_text()) for one in page.select("[aria-labelledby=points] tbody tr")]
    assert round(sum(points), 2) == 3.5
    rows = page.select("section[aria-labelledby=causes] tbody tr")
    assert len(rows) >= 4
    for row in rows:
        cell = row.select_one("td.num a")
        assert all_rows(client, cell["href"]) == number_in(cell)
    listed = soup_of(client.get(url_of(profile.project, "benchmarks/")))
    for one in listed.select(".list-table td.num a"):
        if "links_0" in one["href"]:
            assert all_rows(client, one["href"]) > 0


def _signed(text: str) -> float:
    return float(text.replace("\N{MINUS SIGN}", "-").replace("+", "").replace(",", ""))


def test_against_another_benchmark(profile, changed, browse):
    second, _ = _save(browse(profile.editor), profile, name="After")
    fill(profile, [{**FRESH, "source": "https://later.example/a"}])
    page = soup_of(browse(profile.viewer).get(f"{changed[1]}?against={second.pk}"))
    assert "later" not in page.get_text()
    named = [one.th.get_text() for one in page.select("section[aria-labelledby=metrics] tbody tr")]
    line = page.select("section[aria-labelledby=metrics] tbody tr")[named.index("Backlinks")]
    assert [one.get_text(strip=True) for one in line.select("td.num")][:2] == ["8", "9"]
    other, _ = _save(browse(profile.editor), profile, "?target=news.example")
    assert browse(profile.viewer).get(f"{changed[1]}?against={other.pk}").status_code == 404


def test_an_editor_renames_and_deletes_and_others_do_not(profile, saved, browse):
    made, url = saved
    for user in (profile.viewer, profile.client):
        assert browse(user).post(f"{url}edit/", {"name": "x"}).status_code == 403
        assert browse(user).post(f"{url}delete/").status_code == 403
        assert not soup_of(browse(user).get(url)).select("form[action$='delete/']")
    editor = browse(profile.editor)
    editor.post(f"{url}edit/", {"name": "  New\nname ", "note": "why"})
    made.refresh_from_db()
    assert (made.name, made.note) == ("New name", "why")
    editor.post(f"{url}edit/", {"name": " "})
    assert Benchmark.objects.get().name == "New name"
    editor.post(f"{url}delete/")
    assert not Benchmark.objects.exists()
    assert _rows_in_index() == 0
    told = list(AuditEntry.objects.filter(action__startswith="benchmark").values_list("action", flat=True))
    assert sorted(told) == ["benchmark.changed", "benchmark.removed", "benchmark.saved"]


def _rows_in_index() -> int:
    return engine.read("SELECT count() AS n FROM benchmark_domains")[0]["n"]


def test_a_client_sees_benchmarks_of_its_own_targets(profile, saved, browse):
    _, url = _save(browse(profile.editor), profile, "?target=secret.example", name="Other client")
    client = browse(profile.client)
    assert client.get(url.partition("?")[0]).status_code == 404
    assert client.get(saved[1]).status_code == 200
    page = soup_of(client.get(url_of(profile.project, "benchmarks/")))
    assert [row.td.get_text() for row in rows_of(page)] == ["Before the campaign"]
    assert "Other client" not in client.get(url_of(profile.project, "benchmarks/?export=csv")).getvalue().decode()


def test_a_name_is_needed_and_there_is_a_limit(profile, browse, monkeypatch):
    client = browse(profile.editor)
    url = url_of(profile.project, "benchmarks/save/")
    assert "Give the benchmark a name" in client.post(url, {"name": " "}, follow=True).content.decode()
    monkeypatch.setattr(benchmarks, "MOST", 0)
    assert "at most 0" in client.post(url, {"name": "x"}, follow=True).content.decode()
    assert _rows_in_index() == 0


def test_benchmarks_go_with_their_project(profile, saved, browse):
    assert _rows_in_index() > 0
    run = removal.hide(profile.project, profile.owner)
    runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.state, run.error) == ("done", "")
    assert (Benchmark.objects.count(), _rows_in_index()) == (0, 0)


def test_nothing_saved_yet_says_what_to_do(cast, link_index, browse):
    page = soup_of(browse(cast.viewer).get(url_of(cast.project, "benchmarks/")))
    assert re.search("Save a profile", page.select_one(".empty-state").get_text())
