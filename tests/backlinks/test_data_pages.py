"""Data: what the index holds, who may see what of it, coverage, advice, and visits that are uploaded."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from backlinks import index
from backlinks.models import OpenImport
from backlinks.views import data_advice
from projects import runs
from projects.models import AuditEntry, Run
from tests.backlinks.authority.scored import RELEASE, open_graph
from tests.backlinks.pages import all_rows, fill, number_in, soup_of
from tests.backlinks.scored import add_run
from tests.conftest import Cast
from tests.factories import make_member

TODAY = date(2026, 11, 27)


def _url(cast: Cast, page: str = "") -> str:
    return f"/w/{cast.workspace.slug}/data/{page}"


def _page(browse, cast, role="viewer"):
    answer = browse(getattr(cast, role)).get(_url(cast))
    assert answer.status_code == 200
    return soup_of(answer)


def _opened(*, kind: str, **fields: Any) -> OpenImport:
    named = {"name": "file.csv", "state": "done", "batch": index.new_batch_id()} | fields
    return OpenImport.objects.create(kind=kind, **named)


def _shelves(page) -> dict[str, list[list[str]]]:
    made = {}
    for body in page.select("#data-sources tbody"):
        rows = [[cell.get_text(" ", strip=True) for cell in row.select("td")] for row in body.select("tr:not(.shelf)")]
        made[body.select_one(".shelf th").get_text()] = rows
    return made


# --- What it holds ------------------------------------------------------------------------------------------------
def test_an_empty_index_says_what_is_not_there(cast, link_index, browse):
    found = _shelves(_page(browse, cast))
    assert found["Domain graph"] == [["No release of the open graph."]]
    assert found["Authority scores"] == [["No scores have been computed."]]
    assert found["Malware or block list"] == [["No list of malware or blocked sites."]]
    assert len(found) == 7


def test_each_kind_stands_with_its_rows_dates_and_state(profile, browse):
    open_graph([("a.example", "client.example"), ("b.example", "client.example")])
    release = index.graph.current()
    _opened(
        kind="webgraph", label=f"{RELEASE} (domain)", batch=release.batch, day=date(2026, 6, 30), rows=5, accepted=5
    )
    _opened(kind="popularity", label="Tranco", day=date(2026, 11, 1), rows=12, accepted=10, rejected=2)
    for number in range(3):
        _opened(kind="wat", name=f"{number}.wat.gz", rows=100, accepted=90, rejected=10)
    add_run(scores={"client.example": 40.0})
    found = _shelves(_page(browse, profile))
    (graph,) = found["Domain graph"]
    assert f"{RELEASE} (domain) 3 domains, 2 links, whole release" == graph[0]
    assert graph[1:6] == ["Done", "2026-06-30", "5", "5", "0"]
    assert found["Popularity list"][0][2:6] == ["2026-11-01", "12", "10", "2"]
    assert [row[0] for row in found["Crawled pages (WAT, WARC)"]] == ["3 files"]
    assert found["Crawled pages (WAT, WARC)"][0][3:6] == ["300", "270", "30"]
    assert found["Authority scores"][0][0].startswith("A1, of open data alone 1 domain, 100 votes")


def test_what_is_at_work_shows_progress_and_is_asked_for_again(cast, link_index, browse):
    run = Run.objects.create(kind="wat", state="running", done=30, total=120)
    _opened(kind="wat", name="big.wat.gz", state="running", run=run)
    page = _page(browse, cast)
    cut = page.select_one("#data-sources")
    assert cut["hx-get"] == _url(cast)
    assert cut.progress["value"] == "25"
    fragment = browse(cast.viewer).get(_url(cast), headers={"HX-Request": "true"}).content.decode()
    assert fragment.lstrip().startswith("<section") and "<h1>" not in fragment
    Run.objects.filter(pk=run.pk).update(state="failed", error="The index was away.")
    page = _page(browse, cast)
    assert not page.select_one("#data-sources").has_attr("hx-get")
    assert _shelves(page)["Crawled pages (WAT, WARC)"][0][1] == "Failed The index was away."


def test_a_failure_is_said_and_what_was_refused_can_be_downloaded(cast, link_index, browse):
    made = _opened(kind="popularity", label="Tranco", state="failed", error="Half a file.", rejected=1, place="/srv/x")
    made.problems_file.save("x.csv", ContentFile(b"file,row\nlist,3\n"))
    page = _page(browse, cast)
    assert "Failed Half a file." in _shelves(page)["Popularity list"][0][1]
    assert "/srv/x" not in page.get_text(), "where it lies is the operator's business"
    link = page.select_one("#data-sources td.num a")["href"]
    answer = browse(cast.viewer).get(link)
    assert b"".join(answer.streaming_content) == b"file,row\nlist,3\n"
    assert 'filename="Tranco-refused.csv"' in answer["Content-Disposition"]
    assert browse(cast.viewer).get(_url(cast, "999999/refused.csv")).status_code == 404


def test_a_workspace_sees_open_data_and_its_own_visits_only(cast, link_index, browse):
    _opened(kind="visits", label="LEAK-B visits", workspace=cast.other_workspace, project=cast.other_project)
    _opened(kind="visits", label="Ours", workspace=cast.workspace, project=cast.project)
    _opened(kind="visits", label="Second", workspace=cast.workspace, project=cast.second_project)
    _opened(kind="popularity", label="Gone", state="removed")
    rows = [row[0] for row in _shelves(_page(browse, cast))["Visits of a site"]]
    assert sorted(rows) == ["Ours · client.example", "Second · second.example"]
    narrow = make_member(
        workspace=cast.workspace, role="viewer", email="narrow@agency.example", projects=(cast.project,)
    )
    page = soup_of(browse(narrow).get(_url(cast)))
    assert [row[0] for row in _shelves(page)["Visits of a site"]] == ["Ours · client.example"]
    assert "second.example" not in page.get_text() and "Gone" not in page.get_text()
    assert not page.select("#rows"), "rows of the whole workspace are not theirs to know"


def test_rows_are_those_of_open_data_and_of_this_workspace_and_disk_is_for_admins(profile, browse):
    other = Cast(**{name: getattr(profile, name) for name in Cast.__slots__} | {"workspace": profile.other_workspace})
    fill(other)
    for role, columns in (("viewer", 3), ("admin", 4)):
        page = _page(browse, profile, role)
        rows = [[cell.get_text() for cell in row.select("td")] for row in page.select(".card:has(#rows) tbody tr")]
        assert all(len(row) == columns for row in rows)
        log = next(row for row in rows if row[0].startswith("What sources"))
        assert log[1:3] == ["0", "7"], "the other workspace's seven rows are not counted"
    assert any("KB" in row[3] or "bytes" in row[3] or "MB" in row[3] for row in rows)
    assert {one.group for one in index.holdings.disk()} <= {*index.holdings.GROUPS, "other"}


def test_clients_have_no_page_data_and_no_link_to_it(cast, link_index, browse):
    assert browse(cast.client).get(_url(cast)).status_code == 403
    home = soup_of(browse(cast.client).get(f"/w/{cast.workspace.slug}/"))
    assert not [one for one in home.select(".sidebar a") if "/data/" in one["href"]]
    shown = soup_of(browse(cast.viewer).get(f"/w/{cast.workspace.slug}/"))
    labels = [one.get_text(strip=True) for one in shown.select(".sidebar a")]
    assert labels[labels.index("Runs") + 1 :][:2] == ["Sources", "Data"]


def test_what_the_workspace_brought_is_summed_up_by_source(linked, browse):
    from_file = SimpleUploadedFile(
        "links.csv", b"Source URL,Target URL\nhttps://a.example/,https://client.example/\n,x\n"
    )
    browse(linked.editor).post(
        f"/w/{linked.workspace.slug}/p/{linked.project.pk}/imports/upload/", {"files": from_file}
    )
    for run in Run.objects.filter(state="queued"):
        runs.execute(run.pk)
    rows = [
        [cell.get_text(strip=True) for cell in row.select("td")]
        for row in _page(browse, linked).select(".card:has(#brought) tbody tr")
    ]
    assert rows[0][:5] == ["Own CSV files", "1 file", "2", "1", "1"]


# --- Coverage -----------------------------------------------------------------------------------------------------
def test_coverage_is_the_overlap_of_each_profile_and_leads_to_its_domains(profile, browse):
    fill(profile, [{"source": "https://only.example/", "target": "https://client.example/"}], source="ahrefs")
    client = browse(profile.viewer)
    page = _page(browse, profile)
    heads = [one.get_text() for one in page.select(".coverage thead th")][2:]
    assert heads == ["Semrush", "Ahrefs"]
    row = next(one for one in page.select(".coverage tbody tr") if "client.example" in one.th.get_text())
    cells = row.select("td.num")
    assert number_in(cells[0]) == all_rows(client, cells[0].a["href"]) == 6
    assert [one.a.get_text() for one in cells[1:]] == ["83.3 %", "16.7 %"]
    assert [all_rows(client, one.a["href"]) for one in cells[1:]] == [5, 1]
    other = next(one for one in page.select(".coverage tbody tr") if "second.example" in one.th.get_text())
    assert [one.get_text(strip=True) for one in other.select("td.num")] == ["0", "–", "–"]


# --- Advice -------------------------------------------------------------------------------------------------------
def _titles(page) -> dict[str, str]:
    return {one.strong.get_text(): one.get_text(" ", strip=True) for one in page.select(".advice li")}


def test_an_empty_index_is_told_everything_that_is_missing(cast, link_index, browse):
    found = _titles(_page(browse, cast, "editor"))
    commands = ("import_webgraph", "import_popularity", "refresh_addresses", "compute_authority")
    for command, told in zip(commands, found.values(), strict=False):
        assert f"manage.py {command}" in told
    assert "Import an export for client.example" in found
    page = _page(browse, cast, "editor")
    assert f"/w/{cast.workspace.slug}/p/{cast.project.pk}/imports/" in [one["href"] for one in page.select(".advice a")]
    assert not _page(browse, cast).select(".advice a"), "a viewer imports nothing"


def _facts(**changed: Any) -> data_advice.Facts:
    release = index.graph.Release(1, RELEASE, "domain", "whole", 9, 9, TODAY - timedelta(90), TODAY - timedelta(60))
    listed = [index.popularity.ListFacts(0, "tranco", TODAY - timedelta(5), 1_000_000)]
    moment = datetime(2026, 11, 26, tzinfo=UTC)
    facts = {"today": TODAY, "release": release, "lists": listed, "has_addresses": True, "scored_at": moment}
    return data_advice.Facts(**{**facts, "profiles": (), **changed})


def test_a_list_that_is_too_short_to_say_who_is_in_none_is_told():
    short = [index.popularity.ListFacts(0, "tranco", TODAY - timedelta(5), 99_999)]
    (told,) = data_advice.advice(_facts(lists=short))
    assert told.title == "Load a whole popularity list" and "100,000 domains" in told.why


def test_nothing_is_advised_where_nothing_is_missing():
    assert data_advice.advice(_facts()) == []


@pytest.mark.parametrize(
    ("changed", "title"),
    [
        ({"release": None}, "Load a release of Common Crawl's graph"),
        ({"today": TODAY + timedelta(70)}, "Load a newer release of Common Crawl's graph"),
        ({"lists": []}, "Load a popularity list"),
        ({"lists": [index.popularity.ListFacts(0, "majestic", TODAY, 9)]}, "Load a popularity list"),
        ({"lists": [index.popularity.ListFacts(1, "gsc", TODAY, 9)]}, "Load a popularity list"),
        (
            {"lists": [index.popularity.ListFacts(0, "crux", TODAY - timedelta(61), 1_000_000)]},
            "Load a newer popularity list",
        ),
        ({"has_addresses": False}, "Load the tables of countries and networks"),
        ({"scored_at": None}, "Compute authority scores"),
        ({"scored_at": datetime(2026, 11, 18, tzinfo=UTC)}, "Compute authority scores again"),
    ],
)
def test_each_rule(changed, title):
    assert title in [one.title for one in data_advice.advice(_facts(**changed))]


def test_a_profile_with_one_source_is_told_which_to_add(profile, browse):
    told = _titles(_page(browse, profile, "editor"))["Add another source to client.example"]
    assert "5 referring domains are known, and only Semrush has brought links. Next: Search Console" in told
    fill(profile, source="ahrefs")
    assert "Add another source to client.example" not in _titles(_page(browse, profile, "editor"))


# --- Visits -------------------------------------------------------------------------------------------------------
CSV = b"date,visits\n2026-10-01,10\n2026-10-02,20\n2026-10-03,nonsense\n"


def _upload(browse, cast, role="editor", *, content=CSV, name="visits.csv", **fields):
    client = browse(getattr(cast, role))
    data = {"project": cast.project.pk, "file": SimpleUploadedFile(name, content)} | fields
    answer = client.post(_url(cast, "visits/"), {key: value for key, value in data.items() if value is not None})
    if answer.status_code != 302:
        return answer.status_code, ""
    return answer.status_code, soup_of(client.get(answer["Location"])).select_one(".messages").get_text(" ", strip=True)


def test_visits_are_uploaded_read_and_shown(cast, link_index, browse):
    assert _upload(browse, cast) == (302, "visits.csv is being read.")
    made = OpenImport.objects.get()
    assert (made.workspace, made.project) == (cast.workspace, cast.project)
    assert AuditEntry.objects.filter(action="import.started", what="visits.csv").exists()
    runs.execute(made.run_id)
    row = _shelves(_page(browse, cast))["Visits of a site"][0]
    assert row[1:6] == ["Done", "2026-10-02", "3", "2", "1"]
    standing = index.popularity.popularity_of(cast.workspace.pk, ["client.example"])["client.example"][0]
    assert standing.visits == 450
    assert (
        "450 visits in 30 days"
        in soup_of(browse(cast.viewer).get(f"/w/{cast.workspace.slug}/p/{cast.project.pk}/why/"))
        .select_one(".card:has(#popularity)")
        .get_text()
    )
    assert _upload(browse, cast) == (302, "visits.csv was read before: nothing changes.")


@pytest.mark.parametrize(
    "fields", [{"project": ""}, {"project": "999999"}, {"project": "²"}, {"file": None}, {"days": "99999"}]
)
def test_a_form_that_cannot_be_read_is_a_sentence(cast, link_index, browse, fields):
    status, said = _upload(browse, cast, **fields)
    assert (status, said) == (302, "Choose a project and a file; it covers 3,660 days at most.")
    assert not OpenImport.objects.exists()


def test_visits_of_a_foreign_project_are_refused(cast, link_index, browse):
    assert _upload(browse, cast, project=cast.other_project.pk)[1].startswith("Choose a project")
    assert not OpenImport.objects.exists()


@pytest.mark.parametrize("role", ["viewer", "client"])
def test_visits_want_an_editor(cast, link_index, browse, role):
    assert _upload(browse, cast, role)[0] == 403
    assert not OpenImport.objects.exists()
    if role == "viewer":
        assert not _page(browse, cast).select("form[enctype]")


def test_a_wrong_file_ends_as_a_failure_that_says_what_to_do(cast, link_index, browse):
    _upload(browse, cast, content=b"colour,shape\nred,round\n", name="<b>x</b>.csv")
    runs.execute(OpenImport.objects.get().run_id)
    answer = browse(cast.viewer).get(_url(cast)).content.decode()
    assert "it needs a column of dates, pages or domains" in answer
    assert "<b>x</b>" not in answer


def test_visits_can_be_taken_back_and_brought_again(cast, link_index, browse):
    _upload(browse, cast)
    made = OpenImport.objects.get()
    assert not _page(browse, cast, "editor").select("#data-sources form"), "not while it waits to be read"
    runs.execute(made.run_id)
    assert not _page(browse, cast).select("#data-sources form"), "a viewer removes nothing"
    form = _page(browse, cast, "editor").select_one("#data-sources form")
    answer = browse(cast.editor).post(form["action"], follow=True)
    assert "visits.csv was removed" in answer.content.decode()
    assert _shelves(soup_of(answer))["Visits of a site"] == [["No visits of your own sites."]]
    assert not index.popularity.popularity_of(cast.workspace.pk, ["client.example"])
    assert AuditEntry.objects.filter(action="import.removed", what="visits.csv").exists()
    assert _upload(browse, cast) == (302, "visits.csv is being read.")


def test_open_data_is_not_removed_by_members(cast, link_index, browse):
    made = _opened(kind="popularity", label="Tranco")
    assert browse(cast.owner).post(_url(cast, f"{made.pk}/remove/")).status_code == 404
    assert not _page(browse, cast, "owner").select("#data-sources form")


# --- When the index is away ---------------------------------------------------------------------------------------
def test_index_away_is_a_page_with_status_503(cast, link_index, browse, monkeypatch):
    def away() -> None:
        raise index.IndexUnavailable("The link index does not answer: gone")

    monkeypatch.setattr("backlinks.index.graph.releases", away)
    answer = browse(cast.viewer).get(_url(cast))
    assert answer.status_code == 503
    assert "Nothing is lost" in answer.content.decode()
