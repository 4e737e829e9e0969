"""Imports in the browser: bring, watch, explain, see what was refused, take back."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from backlinks.models import Import, RememberedMapping
from projects import runs
from projects.models import AuditEntry, Run
from tests.backlinks.unsettled import Later
from tests.conftest import Cast
from tests.factories import profile_of

GOOD = b"Source URL,Target URL\nhttps://a.example/x,https://client.example/\n=cmd,nope\n"
ODD = b"Where,Whither,Weight\nhttps://a.example/x,https://client.example/,7\n"
HOSTILE = settings.BASE_DIR.parent / "shared/hostile/csv"


def url(cast: Cast, name: str, **ids: int) -> str:
    kwargs = {"slug": cast.workspace.slug, "project_id": cast.project.pk, **ids}
    return reverse(f"backlinks:{name}", kwargs=kwargs)


@pytest.fixture
def editor(cast: Cast, browse: Callable) -> Client:
    return browse(cast.editor)


def send(client: Client, cast: Cast, *files: tuple[str, bytes], **fields: str) -> list[dict[str, str]]:
    """Upload as the page's script does; what each file was told."""
    uploads = [SimpleUploadedFile(name, content) for name, content in files]
    data = {"files": uploads, **fields}
    response = client.post(url(cast, "upload"), data, headers={"Accept": "application/json"})
    return json.loads(response.content)["files"]


def work() -> None:
    """Carry out every waiting run, as the workers would."""
    for run in Run.objects.filter(state=Run.State.QUEUED):
        runs.execute(run.pk)


def page(client: Client, address: str) -> BeautifulSoup:
    response = client.get(address)
    assert response.status_code == 200, response.status_code
    return BeautifulSoup(response.content, "html.parser")


@pytest.mark.usefixtures("unsettled")
def test_several_files_are_each_told_and_each_read(cast: Cast, link_index: None, editor: Client) -> None:
    told = send(editor, cast, ("one.csv", GOOD), ("two.csv", GOOD), ("three.pdf", b"%PDF-1.7"))
    assert [one["level"] for one in told] == ["success", "info", "success"]
    assert "is the same file as one.csv, which is being read already" in told[1]["message"]
    waiting = page(editor, url(cast, "imports"))
    assert waiting.select_one("#imports")["hx-trigger"] == "every 2s"
    work()
    shown = page(editor, url(cast, "imports"))
    assert not shown.select_one("#imports").get("hx-trigger"), "nothing moves any more"
    assert [one.text for one in shown.select("#imports .state")] == ["Failed", "Done"]
    assert "This is a PDF, not a table" in shown.text
    assert AuditEntry.objects.filter(action="import.started").count() == 2
    told = send(editor, cast, ("later.csv", GOOD))
    assert "was imported before as one.csv: nothing changes" in told[0]["message"]


def test_a_plain_form_works_without_a_script(cast: Cast, link_index: None, editor: Client) -> None:
    response = editor.post(url(cast, "upload"), {"files": SimpleUploadedFile("a.csv", GOOD)}, follow=True)
    assert response.redirect_chain == [(url(cast, "imports"), 302)]
    assert "a.csv is being read." in response.content.decode()
    nothing = editor.post(url(cast, "upload"), {}, follow=True)
    assert "Choose at least one file." in nothing.content.decode()


@pytest.mark.usefixtures("unsettled")
def test_the_page_of_an_import_adds_up_and_lists_what_was_refused(cast: Cast, link_index: None, editor: Client) -> None:
    send(editor, cast, ("one.csv", GOOD))
    work()
    made = Import.objects.get()
    shown = page(editor, url(cast, "import", import_id=made.pk))
    figures = {one.dt.text: one.dd.text for one in shown.select(".run-figures div")}
    assert figures | {"Rows": "2", "Accepted": "1", "Rejected": "1", "Duplicates": "0"} == figures
    assert [cell.text for cell in shown.select("#problems ~ .table-card tbody td")][:2] == ["3", "Source URL"]
    lines = b"".join(editor.get(url(cast, "import_problems", import_id=made.pk)).streaming_content).decode("utf-8-sig")
    assert lines.splitlines()[1].startswith('3,"Source URL"')
    assert "'=cmd" in lines, "a formula is only text"
    original = editor.get(url(cast, "import_file", import_id=made.pk))
    assert (b"".join(original.streaming_content), original.headers["X-Content-Type-Options"]) == (GOOD, "nosniff")
    run_page = reverse("backlinks:import_of_run", kwargs={"slug": cast.workspace.slug, "run_id": made.run_id})
    assert editor.get(run_page).headers["Location"] == url(cast, "import", import_id=made.pk)


def test_a_header_that_is_not_known_is_explained_once(cast: Cast, link_index: None, editor: Client) -> None:
    send(editor, cast, ("odd.csv", ODD))
    work()
    made = Import.objects.get()
    address = url(cast, "import_mapping", import_id=made.pk)
    shown = page(editor, address)
    assert [one.text for one in shown.select("th label")] == ["Where", "Whither", "Weight"]
    assert "https://a.example/x" in shown.select_one("tbody").text
    for wrong, said in (
        ({}, "without it no row can be read"),
        ({"column_0": "source_url", "column_1": "source_url"}, "choose one of them"),
    ):
        refused = editor.post(address, wrong)
        assert refused.status_code == 422
        assert said in refused.content.decode()
    answer = {"column_0": "source_url", "column_1": "target_url", "column_2": "metric"}
    assert editor.post(address, answer).headers["Location"] == url(cast, "import", import_id=made.pk)
    work()
    assert Import.objects.get().state == Import.State.DONE
    assert RememberedMapping.objects.get().mapping["metric:csv_weight"] == "Weight"
    send(editor, cast, ("next.csv", ODD.replace(b"a.example", b"b.example")))
    work()
    assert profile_of(workspace=cast.workspace.pk, target="client.example").links == 2


def test_columns_are_asked_about_on_demand(cast: Cast, link_index: None, editor: Client) -> None:
    """A header that suggests itself wrongly can be explained all the same; every run of the file leads to its page."""
    wrong = b"Source,Page,Page,Date\nhttps://x.example/,https://a.example/,y,03/04/2026\n"
    send(editor, cast, ("odd.csv", wrong), format="ask", target="client.example")
    work()
    made = Import.objects.get()
    first_run, address = made.run_id, url(cast, "import_mapping", import_id=made.pk)
    assert "rename it in the file" in page(editor, address).select("thead th")[2].text
    assert "Two columns are named" in editor.post(address, {"column_2": "source_url"}).content.decode()
    assert "is no field" in editor.post(address, {"column_0": "batch"}).content.decode()
    answer = {"column_1": "source_url", "column_3": "last_seen"}
    editor.post(address, answer)
    work()
    asked = page(editor, address)
    assert "03/04/2026" in asked.select_one("fieldset").text
    assert "start with the day or with the month" in editor.post(address, answer).content.decode()
    editor.post(address, answer | {"date_order": "month_first"})
    work()
    made.refresh_from_db()
    assert made.state == Import.State.DONE, made.error
    head = profile_of(workspace=cast.workspace.pk, target="client.example")
    assert (head.referring_domains, f"{head.last_seen}") == (1, "2026-03-04")
    run_page = reverse("backlinks:import_of_run", kwargs={"slug": cast.workspace.slug, "run_id": first_run})
    assert editor.get(run_page).headers["Location"] == url(cast, "import", import_id=made.pk)


def test_removing_asks_says_what_goes_and_is_done_by_a_run(cast: Cast, link_index: None, editor: Client) -> None:
    send(editor, cast, ("one.csv", GOOD))
    work()
    made = Import.objects.get()
    address = url(cast, "import_remove", import_id=made.pk)
    assert "1 link is known to this file only" in " ".join(page(editor, address).text.split())
    assert editor.post(address).headers["Location"] == url(cast, "imports")
    work()
    made.refresh_from_db()
    assert made.state == Import.State.REMOVED
    assert profile_of(workspace=cast.workspace.pk, target="client.example").links == 0
    assert AuditEntry.objects.filter(action="import.removed").count() == 1
    assert editor.get(url(cast, "import_file", import_id=made.pk)).status_code == 404, "its file is gone"
    assert editor.get(url(cast, "import", import_id=made.pk)).status_code == 200


def test_a_file_about_a_competitor_goes_to_its_own_profile(cast: Cast, link_index: None, editor: Client) -> None:
    send(editor, cast, ("sites.csv", b"Site,Linking pages,Target pages\nnews.example,4,2\n"), target="rival.example")
    refused = send(editor, cast, ("x.csv", GOOD), target="no domain at all")
    assert refused[0]["level"] == "error"
    work()
    assert profile_of(workspace=cast.workspace.pk, target="rival.example").referring_domains == 1
    assert profile_of(workspace=cast.workspace.pk, target="client.example").referring_domains == 0


def test_a_too_large_upload_is_refused_with_a_sentence(cast: Cast, editor: Client, settings: object) -> None:
    settings.IMPORT_MAX_BYTES = 10  # type: ignore[attr-defined]
    told = send(editor, cast, ("big.csv", GOOD))
    assert told[0]["level"] == "error"
    assert "MB" in told[0]["message"]
    assert not Import.objects.exists()


@pytest.mark.usefixtures("unsettled")
def test_the_name_of_a_file_is_a_label_only(cast: Cast, link_index: None, editor: Client) -> None:
    names = ("../../etc/passwd", "<img src=x onerror=alert(1)>.csv", "a" * 500 + ".csv", "x\r\ny.csv")
    for number, name in enumerate(names):
        send(editor, cast, (name, GOOD.replace(b"/x", b"/x%d" % number)))
    work()
    found = list(Import.objects.all())
    assert len(found) == len(names)
    for made in found:
        assert made.state == Import.State.DONE
        assert Path(made.file.path).is_relative_to(settings.MEDIA_ROOT)
    shown = page(editor, url(cast, "imports"))
    assert not shown.select("#imports img")


def test_every_hostile_file_ends_with_a_word_and_never_with_an_error_page(
    cast: Cast, link_index: None, editor: Client, later: Later
) -> None:
    """Each file is read alone; what they brought is settled at once."""
    if not HOSTILE.is_dir():
        pytest.skip("the shared hostile files are not here")
    files = [(path.name, path.read_bytes()) for path in sorted(HOSTILE.glob("*.*sv"))]
    for start in range(0, len(files), 25):
        told = send(editor, cast, *files[start : start + 25])
        assert all(one["level"] in ("success", "info", "error") for one in told)
    work()
    ended = Import.objects.select_related("run")
    assert ended.count() > 40
    for made in ended:
        assert made.state in (Import.State.DONE, Import.State.FAILED, Import.State.MAPPING), (made.name, made.run.error)
        assert made.state != Import.State.FAILED or made.error.endswith("."), (made.name, made.error)
        assert made.run.state == Run.State.DONE, (made.name, made.run.error)
        assert made.rows == made.accepted + made.rejected + made.duplicates
        assert editor.get(url(cast, "import", import_id=made.pk)).status_code == 200
    assert later.settle() > 0
    assert editor.get(url(cast, "imports")).status_code == 200
