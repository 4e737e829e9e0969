"""Long lists become files: asked for by a button, made by a run, seen by who asked, gone after some days."""

import io
import json
import signal
from datetime import timedelta
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from backlinks import index, leftovers
from backlinks.models import ExportFile, Mark
from backlinks.workbench import exports as desk
from projects import audit, removal, runs
from projects.models import AuditEntry, Membership, Run
from seoapp.lib import export_answer
from seoapp.lib import stored as files
from tests import killed
from tests.backlinks.pages import csv_of, fill, soup_of, url_of
from tests.conftest import Cast, Hold

ROWS = 120
LINKS = [{"source": f"https://s{n:03}.example/", "target": "https://client.example/"} for n in range(ROWS)]
BACKLINKS = "backlinks/?sort=source_url&cols=source_url.anchor.first_seen.nofollow"


@pytest.fixture(autouse=True)
def short(settings: Any) -> None:
    settings.EXPORT_DIRECT_ROWS = 50


@pytest.fixture
def long_list(cast: Cast, held_index: Hold) -> Cast:
    held_index(("long", cast.workspace.pk), lambda: fill(cast, LINKS))
    return cast


def ask(client: Client, cast: Cast, format: str = "csv", page: str = BACKLINKS) -> ExportFile:
    """Press the button of the page that a long export answers with."""
    joined = "&" if "?" in page else "?"
    offered = soup_of(client.get(url_of(cast.project, f"{page}{joined}export={format}")))
    form = offered.select_one("main form[method=post]")
    sent = {
        one["name"]: one["value"] for one in form.select("input[type=hidden]") if one["name"] != "csrfmiddlewaretoken"
    }
    answer = client.post(form["action"], sent)
    assert answer.status_code == 302
    return ExportFile.objects.select_related("run").get(pk=int(answer["Location"].rstrip("/").rpartition("/")[2]))


def made_of(client: Client, cast: Cast, format: str = "csv", page: str = BACKLINKS) -> ExportFile:
    asked = ask(client, cast, format, page)
    runs.execute(asked.run_id)
    return ExportFile.objects.select_related("run").get(pk=asked.pk)


def at(cast: Cast, made: ExportFile, page: str = "") -> str:
    return url_of(cast.project, f"exports/{made.pk}/{page}")


def content_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def stored() -> list[str]:
    return sorted(files.stored("exports"))


# --- From the list to the file ----------------------------------------------------------------------------------------
def test_a_list_within_the_limit_streams_and_a_longer_one_is_offered(long_list, browse, settings):
    client = browse(long_list.client)
    url = url_of(long_list.project, f"{BACKLINKS}&export=csv")
    for limit, is_direct in ((ROWS, True), (ROWS - 1, False), (ROWS + 1, True)):
        settings.EXPORT_DIRECT_ROWS = limit
        answer = client.get(url, {})
        assert answer.streaming is is_direct, limit
    settings.EXPORT_DIRECT_ROWS = 50
    page = soup_of(client.get(url))
    assert "more than 50 rows" in page.main.get_text()
    assert not Run.objects.filter(kind="export").exists(), "a link starts nothing"


def test_the_file_is_the_list(long_list, browse, settings):
    client = browse(long_list.client)
    settings.EXPORT_DIRECT_ROWS = ROWS
    direct = csv_of(client.get(url_of(long_list.project, f"{BACKLINKS}&export=csv")))
    settings.EXPORT_DIRECT_ROWS = 50
    made = made_of(client, long_list)
    assert (made.state, made.rows, made.run.state, made.run.done) == ("done", ROWS, "done", ROWS)
    answer = client.get(at(long_list, made, "file/"))
    assert csv_of(answer) == direct
    assert answer["Content-Disposition"] == f'attachment; filename="{made.name}"'
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert int(answer["Content-Length"]) == made.bytes


@pytest.mark.parametrize("format", ["xlsx", "json", "parquet"])
def test_every_format_has_all_rows(long_list, browse, format):
    client = browse(long_list.viewer)
    content = content_of(client.get(at(long_list, made_of(client, long_list, format), "file/")))
    if format == "xlsx":
        urls = [row[0] for row in openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(2, values_only=True)]
    elif format == "json":
        urls = [row["source_url"] for row in json.loads(content)]
    else:
        urls = pq.read_table(io.BytesIO(content))["source_url"].to_pylist()
    assert urls == [one["source"] for one in LINKS]


def test_filters_target_and_group_travel_with_it(long_list, browse):
    client = browse(long_list.viewer)
    page = "backlinks/?target=client.example&scope=host&source_url=s0&group=domain&cols=source_url.in_group"
    made = made_of(client, long_list, "json", page)
    rows = json.loads(content_of(client.get(at(long_list, made, "file/"))))
    assert len(rows) == 100
    assert rows[0].keys() == {"source_url", "in_group"}
    shown = soup_of(client.get(at(long_list, made))).select_one(".facts a")["href"]
    assert len(soup_of(client.get(shown)).select(".chip")) == 1


def test_lists_of_the_database_too(long_list, browse, settings):
    client = browse(long_list.owner)
    settings.EXPORT_DIRECT_ROWS = 1
    first = [ask(client, long_list) for _ in range(3)]
    made = made_of(client, long_list, "json", "exports/?sort=created_at")
    rows = json.loads(content_of(client.get(at(long_list, made, "file/"))))
    assert [row["name"] for row in rows] == [one.name for one in (*first, made)]
    assert rows[0]["bytes"] is None


# --- Pages ------------------------------------------------------------------------------------------------------------
def test_its_page_shows_progress_then_the_file(long_list, browse):
    client = browse(long_list.client)
    made = ask(client, long_list)
    page = soup_of(client.get(at(long_list, made)))
    assert page.select_one("#export")["hx-trigger"] == "every 1s"
    assert page.select_one("progress") and page.select_one(".state").get_text() == "Waiting"
    runs.execute(made.run_id)
    page = soup_of(client.get(at(long_list, made)))
    assert not page.select("progress, #export[hx-trigger]")
    assert page.select_one("a.btn-primary")["href"] == at(long_list, made, "file/")
    run_page = soup_of(client.get(f"/w/{long_list.workspace.slug}/runs/{made.run_id}/"))
    led = client.get(run_page.select_one("#run a.btn-primary")["href"])
    assert led["Location"] == at(long_list, made)


def test_the_list_of_files_is_ones_own_and_all_for_an_admin(long_list, browse):
    made = {who: ask(browse(getattr(long_list, who)), long_list) for who in ("client", "viewer")}
    for who, seen in (
        ("client", {"client"}),
        ("viewer", {"viewer"}),
        ("editor", set()),
        ("admin", {"client", "viewer"}),
    ):
        client = browse(getattr(long_list, who))
        rows = json.loads(content_of(client.get(url_of(long_list.project, "exports/?export=json"))))
        assert len(rows) == len(seen), who
        for owner, one in made.items():
            expected = 200 if owner in seen else 404
            assert client.get(at(long_list, one)).status_code == expected, (who, owner)
            assert client.get(f"/w/{long_list.workspace.slug}/runs/{one.run_id}/export/").status_code == (
                302 if owner in seen else 404
            )
            for page in ("again/", "remove/"):
                if owner not in seen:
                    assert client.post(at(long_list, one, page)).status_code == 404, (who, owner, page)
    assert ExportFile.objects.count() == 2


def test_asking_is_a_post_of_a_list_of_this_project(long_list, browse):
    client, url = browse(long_list.editor), url_of(long_list.project, "exports/start/")
    home = url_of(long_list.project)
    other = url_of(long_list.other_project, "backlinks/")
    bad = [
        {"address": other}, {"address": "/"}, {"address": f"{home}nothing-here/"}, {"address": ""}, {"format": "exe"},
        {"address": f"{home}../../../{long_list.other_workspace.slug}/p/{long_list.other_project.pk}/backlinks/"},
        {"parameters": "x" * 9000},
    ]  # fmt: skip
    good = {"address": f"{home}backlinks/", "parameters": "", "format": "csv"}
    for change in bad:
        assert client.post(url, good | change).status_code == 404, change
    for no_list in (home, f"{home}imports/upload/", f"{home}crawls/"):
        assert client.post(url, good | {"address": no_list})["Location"] == url_of(long_list.project, "exports/")
    assert client.get(url).status_code == 405
    assert not ExportFile.objects.exists()
    assert client.post(url, good).status_code == 302
    assert ExportFile.objects.count() == 1


def test_so_many_wait_at_once(long_list, browse):
    client = browse(long_list.client)
    for _ in range(desk.MOST_WAITING):
        ask(client, long_list)
    url = url_of(long_list.project, "exports/start/")
    sent = {"address": url_of(long_list.project, "backlinks/"), "parameters": "", "format": "csv"}
    refused = client.post(url, sent, follow=True)
    assert "5 files are waiting to be made" in refused.content.decode()
    assert ExportFile.objects.count() == desk.MOST_WAITING


def test_each_step_is_written_down(long_list, browse):
    client = browse(long_list.viewer)
    made = made_of(client, long_list)
    content_of(client.get(at(long_list, made, "file/")))
    client.head(at(long_list, made, "file/"))
    client.post(at(long_list, made, "remove/"))
    entries = AuditEntry.objects.filter(action__startswith="export").order_by("pk")
    assert [one.action for one in entries] == ["export.started", "export.downloaded", "export.removed"]
    assert {one.action for one in entries} <= set(audit.ACTIONS)
    assert all(one.who == long_list.viewer and one.detail["project"] == long_list.project.pk for one in entries)
    assert "sort=source_url" in entries[0].detail["parameters"]


# --- A client sees only the project and its competitors ---------------------------------------------------------------
def test_a_clients_export_holds_only_what_the_client_may_see(long_list, browse):
    client = browse(long_list.client)
    sent = {"address": url_of(long_list.project, "backlinks/"), "parameters": "target=second.example", "format": "csv"}
    client.post(url_of(long_list.project, "exports/start/"), sent)
    assert not ExportFile.objects.exists()


def test_what_somebody_may_no_longer_read_is_neither_made_nor_fetched(long_list, browse):
    foreign = "backlinks/?target=client.example&scope=root"
    client = browse(long_list.viewer)
    waiting, made = ask(client, long_list, page=foreign), made_of(client, long_list, page=foreign)
    other = ExportFile.objects.filter(pk=made.pk)
    other.update(parameters="target=second.example&scope=root")
    membership = Membership.objects.get(user=long_list.viewer)
    membership.all_projects = False
    membership.save()
    membership.projects.set([long_list.project])
    assert client.get(at(long_list, made, "file/")).status_code == 403, "another client's target"
    other.update(parameters="")
    assert client.get(at(long_list, made, "file/")).status_code == 200
    membership.projects.set([long_list.second_project])
    assert client.get(at(long_list, made, "file/")).status_code == 404
    runs.execute(waiting.run_id)
    waiting = ExportFile.objects.select_related("run").get(pk=waiting.pk)
    assert (waiting.state, bool(waiting.file)) == ("failed", False)
    assert waiting.run.error == f"{long_list.viewer} cannot open this list any more."
    membership.delete()
    assert client.get(at(long_list, made, "file/")).status_code == 404


def test_a_run_asks_as_the_user_who_asked(long_list, browse):
    state = export_answer.take(long_list.client, url_of(long_list.project, "backlinks/"), "sort=source_url")
    assert len(list(state.listing.stream(state.query))) == ROWS
    with pytest.raises(export_answer.NotTaken) as refused:
        export_answer.take(long_list.client, url_of(long_list.project, "backlinks/"), "target=second.example")
    assert refused.value.status == 403


# --- Cancelled, killed, failed ----------------------------------------------------------------------------------------
def test_cancelled_in_the_middle_leaves_nothing(long_list, browse, monkeypatch):
    client = browse(long_list.client)
    made = ask(client, long_list)
    monkeypatch.setattr(desk, "STEP_ROWS", 10)
    monkeypatch.setattr(runs, "STEP_SECONDS", 0)
    real = desk.checkpoint

    def press(name: str) -> None:
        Run.objects.filter(pk=made.run_id, done__gte=30).update(cancel_asked=True)
        real(name)

    monkeypatch.setattr(desk, "checkpoint", press)
    before = stored()
    runs.execute(made.run_id)
    made = ExportFile.objects.select_related("run").get(pk=made.pk)
    assert (made.state, bool(made.file), stored()) == ("cancelled", False, before)
    assert 30 <= made.run.done < ROWS
    monkeypatch.setattr(desk, "checkpoint", real)
    page = soup_of(client.get(at(long_list, made)))
    client.post(page.select_one("form[action$='again/']")["action"])
    runs.execute(made.run_id)
    assert ExportFile.objects.get(pk=made.pk).rows == ROWS, "begun anew, by a client"


def test_cancel_on_its_page_takes_it_off_the_queue(long_list, browse):
    client = browse(long_list.client)
    made = ask(client, long_list)
    client.post(at(long_list, made, "remove/"))
    assert not ExportFile.objects.exists()
    assert Run.objects.get(pk=made.run_id).state == "cancelled"


def test_removed_while_it_is_made_leaves_nothing(long_list, browse, monkeypatch):
    made = ask(browse(long_list.client), long_list)
    before = stored()
    monkeypatch.setattr(desk, "checkpoint", lambda name: name == "export stored" and ExportFile.objects.all().delete())
    runs.execute(made.run_id)
    assert (ExportFile.objects.count(), stored()) == (0, before)


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_point_no_half_file_is_seen(long_list, browse):
    client = browse(long_list.client)
    for point in ("export row", "export written", "export stored", "export kept"):
        asked = ask(client, long_list)
        connection.close()
        code = f"import django; django.setup(); from projects import runs; runs.execute({asked.run_id})"
        ended = killed.python("-c", code, kill_at=point)
        assert ended.returncode == -signal.SIGKILL, ended.stderr
        seen = ExportFile.objects.get(pk=asked.pk)
        assert bool(seen.file) is (point == "export kept")
        assert client.get(at(long_list, seen, "file/")).status_code == (200 if seen.file else 404)
        Run.objects.filter(pk=asked.run_id).update(lease_until=timezone.now() - timedelta(seconds=1))
        runs.execute(asked.run_id)
        again = ExportFile.objects.select_related("run").get(pk=asked.pk)
        assert (again.state, again.run.state, again.rows) == ("done", "done", ROWS)
        assert len(csv_of(client.get(at(long_list, again, "file/")))) == ROWS + 1
        leftovers.sweep_files(timedelta(0))
        assert stored() == [again.file.name], "what the killed attempt stored is swept, the file stays"
        again.file.delete(save=False)
        again.delete()


def test_an_index_that_is_away_is_asked_again_later(long_list, browse, monkeypatch):
    made = ask(browse(long_list.client), long_list)

    def away(query: object) -> None:
        raise index.IndexUnavailable("away")

    monkeypatch.setattr(index, "stream", away)
    runs.execute(made.run_id)
    run = Run.objects.get(pk=made.run_id)
    assert (run.state, run.attempts) == ("queued", 1)


@pytest.mark.parametrize("page", ["backlinks/?cols=source_url.note", "backlinks/?cols=source_url&note=secret"])
def test_a_file_with_marks_is_none_for_whoever_became_a_client(long_list, browse, page):
    said = {"link_id": "", "note": "secret words"}
    Mark.objects.bulk_create(
        Mark(project=long_list.project, domain=f"s{number:03}.example", **said) for number in range(ROWS)
    )
    client = browse(long_list.viewer)
    plain, made, waiting = (
        made_of(client, long_list),
        made_of(client, long_list, "csv", page),
        ask(client, long_list, "csv", page),
    )
    assert client.get(at(long_list, made, "file/")).status_code == 200
    membership = Membership.objects.get(user=long_list.viewer, workspace=long_list.workspace)
    membership.role = "client"
    membership.save()
    membership.projects.add(long_list.project)
    assert client.get(at(long_list, made, "file/")).status_code == 403
    assert client.get(at(long_list, plain, "file/")).status_code == 200, "it never held any"
    runs.execute(waiting.run_id)
    assert "ask for it anew" in Run.objects.get(pk=waiting.run_id).error
    assert not ExportFile.objects.get(pk=waiting.pk).file


# --- Gone -------------------------------------------------------------------------------------------------------------
def test_files_go_after_their_days(long_list, browse, settings):
    client = browse(long_list.client)
    old, young, failed = (made_of(client, long_list) for _ in range(3))
    days = timedelta(days=settings.EXPORT_KEEP_DAYS)
    ExportFile.objects.filter(pk=old.pk).update(finished_at=timezone.now() - days - timedelta(hours=1))
    ExportFile.objects.filter(pk=failed.pk).update(finished_at=None, created_at=timezone.now() - days * 2)
    kept = [name for name in stored() if name not in (old.file.name, failed.file.name)]
    assert desk.forget_old() == 2
    assert list(ExportFile.objects.all()) == [young]
    assert stored() == kept
    assert desk.forget_old() == 0


def test_a_project_goes_with_its_files(long_list, browse):
    made = made_of(browse(long_list.client), long_list)
    runs.execute(removal.hide(long_list.project, long_list.owner).pk)
    assert not ExportFile.objects.exists()
    assert made.file.name not in stored()


# --- HEAD -------------------------------------------------------------------------------------------------------------
def test_head_says_what_get_would_and_reads_nothing(long_list, browse, monkeypatch):
    client = browse(long_list.client)
    made = made_of(client, long_list)
    answer = client.head(at(long_list, made, "file/"))
    assert (answer.status_code, int(answer["Content-Length"]), answer["Accept-Ranges"]) == (200, made.bytes, "bytes")
    monkeypatch.setattr(index, "stream", None)
    listed = client.head(url_of(long_list.project, "backlinks/?export=parquet"))
    assert listed["Content-Type"] == "application/vnd.apache.parquet"
    assert listed["Content-Disposition"].endswith('.parquet"') and listed["Accept-Ranges"] == "none"
    assert [one.action for one in AuditEntry.objects.filter(action__startswith="export")] == ["export.started"]


def test_a_download_that_broke_off_goes_on(long_list, browse):
    client = browse(long_list.client)
    made = made_of(client, long_list)
    whole = content_of(client.get(at(long_list, made, "file/")))
    rest = client.get(at(long_list, made, "file/"), headers={"Range": "bytes=1000-"})
    assert (rest.status_code, content_of(rest)) == (206, whole[1000:])
    assert AuditEntry.objects.latest("pk").detail["range"] == "bytes=1000-"
