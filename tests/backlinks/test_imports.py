"""The import pipeline: from a stored file to a settled batch, whatever happens in between."""

import csv
import gzip
import io
import signal
import tracemalloc
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from publicsuffixlist import PublicSuffixList

from backlinks import imports, index, leftovers, loading
from backlinks.index import engine
from backlinks.models import Import, OpenImport, RememberedMapping
from projects import removal, runs
from projects.models import Run
from tests import killed
from tests.backlinks.unsettled import Later
from tests.conftest import Cast
from tests.factories import profile_of
from tests.forked import Ended

SAMPLES = settings.BASE_DIR.parent / "shared/samples/exports"
HEADER = "Source URL,Target URL,Anchor text,Nofollow,First seen,Last seen"
ROW = "https://site{0}.example/post,https://client.example/page{0},word {0},{1},2026-01-0{2},2026-03-0{2}"


def table(*numbers: int, bad: int = 0, nofollow: str = "false") -> bytes:
    rows = [ROW.format(number, nofollow, number % 9 + 1) for number in numbers]
    rows += ["javascript:alert(1),https://client.example/,x,false,2026-01-01,2026-03-01"] * bad
    return "\n".join([HEADER, *rows]).encode() + b"\n"


def bring(cast: Cast, content: bytes, name: str = "links.csv", **options: Any) -> Import:
    """Receive and read a file; the import as it stands then."""
    file = ContentFile(content, name=name)
    received = imports.receive(project=cast.project, user=cast.editor, file=file, name=name, **options)
    if received.queued:
        runs.execute(received.made.run_id)
    return Import.objects.select_related("run").get(pk=received.made.pk)


def links_of(cast: Cast) -> int:
    return profile_of(workspace=cast.workspace.pk, target="client.example").links


def state_of_index() -> list[tuple[object, ...]]:
    """What is shown of every target, without what names a batch or a generation."""
    rows = engine.read(
        """SELECT target_domain, source_url, target_url, anchor, nofollow, first_seen, last_seen, state, sources,
            occurrences
        FROM links WHERE (workspace, target_domain, generation) IN (
            SELECT workspace, target_domain, max(generation) FROM generations GROUP BY workspace, target_domain)
        ORDER BY ALL"""
    )
    return [tuple(row.values()) for row in rows]


def test_every_row_is_accounted_for_and_the_same_bytes_change_nothing(cast: Cast, link_index: None) -> None:
    made = bring(cast, table(1, 2, 3, 3, bad=2))
    assert (made.state, made.rows, made.accepted, made.rejected, made.duplicates) == ("done", 6, 3, 2, 1)
    assert links_of(cast) == 3
    assert [(one["row"], one["column"]) for one in made.problems] == [(6, "Source URL"), (7, "Source URL")]
    lines = list(csv.reader(io.StringIO("".join(imports.problem_lines(made)))))
    assert [line[0] for line in lines[1:]] == ["6", "7"]
    before, same = state_of_index(), ContentFile(table(1, 2, 3, 3, bad=2), name="b.csv")
    again = imports.receive(project=cast.project, user=None, file=same, name="b.csv")
    assert (again.made.pk, again.queued) == (made.pk, False)
    assert state_of_index() == before


def test_a_newer_export_moves_last_seen_to_its_own_dates(cast: Cast, link_index: None) -> None:
    bring(cast, table(1))
    bring(cast, table(1).replace(b"2026-03-02", b"2026-05-09"), name="newer.csv")
    head = profile_of(workspace=cast.workspace.pk, target="client.example")
    assert (head.links, head.first_seen, head.last_seen) == (1, date(2026, 1, 2), date(2026, 5, 9))


def test_undated_rows_take_the_export_date_and_never_the_clock(cast: Cast, link_index: None) -> None:
    undated = b"Source URL,Target URL\nhttps://a.example/,https://client.example/\n"
    bring(cast, undated, name="export-2026-02-03.csv")
    bring(cast, undated.replace(b"a.example", b"b.example"), name="undated.csv")
    rows = index.fetch(index.LinkQuery.parse(
        workspace=cast.workspace.pk, target=cast.project.target, report="links", params={"sort": "source_url"}
    )).rows  # fmt: skip
    assert [row["last_seen"] for row in rows] == [date(2026, 2, 3), None]


def test_a_lost_row_without_a_last_sight_was_seen_until_it_was_lost(cast: Cast, link_index: None) -> None:
    lost = b"Source URL,Target URL,Lost\nhttps://a.example/,https://client.example/,2025-06-07\n"
    for name, content in (("lost-2026-02-03.csv", lost), ("lost.csv", lost.replace(b"a.example", b"b.example"))):
        assert bring(cast, content, name=name).state == Import.State.DONE
    head = profile_of(workspace=cast.workspace.pk, target="client.example")
    assert (head.lost, head.last_seen) == (2, date(2025, 6, 7))


def test_removing_takes_back_what_only_this_file_knew(cast: Cast, link_index: None) -> None:
    bring(cast, table(1, 2))
    before = state_of_index()
    extra = bring(cast, table(2, 3), name="extra.csv")
    assert (links_of(cast), imports.only_here(extra)) == (3, 1)
    runs.execute(imports.ask_removal(extra, cast.editor).pk)
    extra.refresh_from_db()
    assert extra.state == Import.State.REMOVED
    assert state_of_index() == before
    assert bring(cast, table(2, 3), name="extra.csv").pk != extra.pk, "the file may come again"
    assert links_of(cast) == 3


def test_an_archive_counts_whole_or_not_at_all_and_is_removed_whole(cast: Cast, link_index: None) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("one.csv", table(1, 2))
        archive.writestr("two.csv", table(2, 3))
    made = bring(cast, packed.getvalue(), name="both.zip")
    parts = [made, *made.members.all()]
    assert [(one.member, one.state, one.rows) for one in parts] == [("one.csv", "done", 2), ("two.csv", "done", 2)]
    assert links_of(cast) == 3
    broken = bring(cast, gzip.compress(table(*range(1, 9)) * 40)[:-20], name="cut.csv.gz")
    assert broken.state == Import.State.FAILED
    assert "damaged or cut off" in broken.error
    assert links_of(cast) == 3
    assert (imports.only_here(made), imports.only_here(made.members.get())) == (3, 1)
    stored = made.file.name
    runs.execute(imports.ask_removal(made, cast.editor).pk)
    assert {one.state for one in Import.objects.exclude(pk=broken.pk)} == {Import.State.REMOVED}
    assert links_of(cast) == 0
    assert not default_storage.exists(stored)


def test_a_failed_file_is_read_again_when_it_is_brought_again(
    cast: Cast, link_index: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patch:
        patch.setattr(loading, "_publish", fail)
        made = bring(cast, table(1, 2))
    assert made.has_failed
    assert "a bug" in made.shown_error
    assert links_of(cast) == 0, "a half import counts nowhere"
    again = bring(cast, table(1, 2))
    assert (again.pk, again.state, links_of(cast)) == (made.pk, "done", 2)


def test_an_index_that_is_away_postpones_the_run(cast: Cast, link_index: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise index.IndexUnavailable("The link index does not answer.")

    with monkeypatch.context() as patch:
        patch.setattr(index, "begin", away)
        made = bring(cast, table(1))
    assert made.run.state == Run.State.QUEUED
    assert made.is_active
    Run.objects.filter(pk=made.run_id).update(lease_until=None)
    runs.execute(made.run_id)
    assert links_of(cast) == 1


def test_a_cancelled_run_keeps_nothing(cast: Cast, link_index: None, monkeypatch: pytest.MonkeyPatch) -> None:
    file = ContentFile(table(1, 2), name="c.csv")
    made = imports.receive(project=cast.project, user=cast.editor, file=file, name="c.csv").made
    real = loading.index.add

    def ask_to_cancel(*args: object, **options: object) -> None:
        real(*args, **options)  # type: ignore[arg-type]
        Run.objects.filter(pk=made.run_id).update(cancel_asked=True)

    with monkeypatch.context() as patch:
        patch.setattr(loading, "ThreadPoolExecutor", _Inline)
        patch.setattr(loading.index, "add", ask_to_cancel)
        patch.setattr(runs, "STEP_SECONDS", -1)
        runs.execute(made.run_id)
    made.refresh_from_db()
    assert (made.run.state, made.state) == (Run.State.CANCELLED, Import.State.FAILED)
    assert engine.read("SELECT count() AS n FROM observations")[0]["n"] == 0


class _Inline:
    """An executor that works at once, on this thread."""

    def __init__(self, *_: object) -> None: ...
    def __enter__(self) -> "_Inline":
        return self

    def __exit__(self, *_: object) -> None: ...
    def submit(self, call: object, *args: object, **options: object) -> "_Inline":
        call(*args, **options)  # type: ignore[operator]
        return self

    def result(self) -> None: ...


def test_an_unknown_header_waits_for_a_mapping_and_remembers_it(cast: Cast, link_index: None) -> None:
    odd = b"Where,Whither\nhttps://a.example/x,https://client.example/\n"
    made = bring(cast, odd)
    assert (made.state, made.mapping["header"]) == (Import.State.MAPPING, ["Where", "Whither"])
    runs.execute(imports.confirm_mapping(made, {"source_url": "Where", "target_url": "Whither"}, cast.editor).pk)
    made.refresh_from_db()
    assert (made.state, links_of(cast)) == ("done", 1)
    again = bring(cast, odd.replace(b"a.example", b"b.example"), name="next.csv")
    assert (again.state, links_of(cast)) == ("done", 2)


def test_refusals_say_what_to_do(cast: Cast, settings: object) -> None:
    with pytest.raises(imports.ImportRefused, match="is no format: leave it out, or use one of"):
        bring(cast, table(1), format="semrush_nonsense")
    with pytest.raises(imports.ImportRefused, match="is no domain or URL"):
        bring(cast, table(1), target="not a domain")
    settings.IMPORT_MAX_BYTES = 10  # type: ignore[attr-defined]
    with pytest.raises(imports.ImportRefused, match="split it, or raise IMPORT_MAX_MB"):
        bring(cast, table(1))


# --- Killed in the middle -----------------------------------------------------------------------------------------
POINTS = ("import chunk", "import loaded", "batch complete", "import published")


@pytest.mark.django_db(transaction=True)
def test_killed_at_every_point_a_further_pass_gives_the_undisturbed_state(
    cast: Cast, link_index: None, tmp_path: Path
) -> None:
    """Each pass goes on where the last one was killed, and is killed at the next point."""
    bring(cast, table(1, 2, 3, bad=1), name="undisturbed.csv")
    wanted = state_of_index()
    for name in ("links", "observations", "generations", "edges", "batches", "profiles"):
        engine.write(f"TRUNCATE TABLE {name}")
    Import.objects.all().delete()
    connection.close()
    path = tmp_path / "killed.csv"
    path.write_bytes(table(1, 2, 3, bad=1))
    for point in POINTS:
        killed = _command(path, cast, kill_at=point)
        assert killed.returncode == -signal.SIGKILL, (point, killed.stderr)
        assert state_of_index() in ([], wanted), "never half"
        Run.objects.update(lease_until=None, state=Run.State.QUEUED, attempts=1)
    resumed = _command(path, cast)
    assert resumed.returncode == 0, resumed.stderr
    assert state_of_index() == wanted


def _command(path: Path, cast: Cast, kill_at: str = "") -> Ended:
    arguments = ("manage.py", "import_links", str(path), "--project", str(cast.project.pk), "--json")
    return killed.python(*arguments, kill_at=kill_at)


def test_what_is_left_of_an_earlier_reading_goes_first(
    cast: Cast, link_index: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reading that broke off in mid-load, then the file read otherwise: no block of the first stays."""
    with monkeypatch.context() as patch:
        patch.setattr(loading, "_publish", _broken)
        made = bring(cast, table(1, 2), mapping={"source_url": "Target URL", "target_url": "Source URL"}, format="ask")
    assert made.has_failed
    assert engine.read("SELECT count() AS n FROM observations")[0]["n"] == 2
    again = bring(cast, table(1, 2))
    assert (again.pk, again.state, links_of(cast)) == (made.pk, "done", 2)
    assert engine.read("SELECT count() AS n FROM observations")[0]["n"] == 2


def _broken(*_: object) -> None:
    raise RuntimeError("a bug")


def test_cancelled_after_it_counted_it_no_longer_does(cast: Cast, link_index: None) -> None:
    made = bring(cast, table(1, 2))
    Import.objects.filter(pk=made.pk).update(state=Import.State.RUNNING)  # killed before it was marked as done
    Run.objects.filter(pk=made.run_id).update(state=Run.State.QUEUED, cancel_asked=True)
    runs.execute(made.run_id)
    made.refresh_from_db()
    assert (made.state, made.error) == (Import.State.FAILED, loading.CANCELLED)
    assert links_of(cast) == 0


# --- Two at once, and what is left behind -------------------------------------------------------------------------
@pytest.mark.usefixtures("unsettled")
def test_the_same_file_twice_at_once_is_one_import(
    cast: Cast, link_index: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = imports.receive(project=cast.project, user=None, file=ContentFile(table(7, 77)), name="a.csv").made
    real, asked = imports._known, []

    def too_early(made: Import) -> Import | None:
        """Whoever looks before the other has written sees nothing."""
        asked.append(made)
        return None if len(asked) == 1 else real(made)

    monkeypatch.setattr(imports, "_known", too_early)
    second = imports.receive(project=cast.project, user=None, file=ContentFile(table(7, 77)), name="b.csv")
    assert (second.made.pk, second.queued, Import.objects.count()) == (first.pk, False, 1)
    folder = Path(first.file.path).parent
    assert [path.name for path in folder.glob(f"{first.sha256[:32]}*")] == [Path(first.file.name).name]


def test_a_dead_reading_is_ended_and_its_rows_go(cast: Cast, link_index: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(loading, "_publish", _broken)
        made = bring(cast, table(1, 2))
    assert made.state == Import.State.RUNNING, "only its run knows"
    assert leftovers.end_dead_readings() == 1
    made.refresh_from_db()
    assert (made.state, made.error) == (Import.State.FAILED, "RuntimeError: a bug")
    assert engine.read("SELECT count() AS n FROM observations")[0]["n"] == 0
    assert leftovers.end_dead_readings() == 0


@pytest.mark.usefixtures("unsettled")
def test_files_that_no_import_names_are_swept(cast: Cast, link_index: None, tmp_path: Path, settings: object) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path  # type: ignore[attr-defined]
    made = bring(cast, table(1, bad=1))
    orphan = default_storage.save("imports/2026/01/orphan.bin", ContentFile(b"x"))
    opened = OpenImport.objects.create(kind="popularity", name="list", batch=1)
    opened.problems_file.save("open.csv", ContentFile(b"row"))
    visits = default_storage.save("visits/waiting.bin", ContentFile(b"y"))
    OpenImport.objects.create(kind="visits", name="visits", batch=2, place=visits)
    cast.workspace.logo.save("kept.png", ContentFile(b"z"))
    replaced = default_storage.save("logos/replaced.png", ContentFile(b"z"))
    (tmp_path / "tmp1.upload.csv").write_bytes(b"half")
    assert leftovers.sweep_files() == 0, "they may belong to an upload that goes on"
    leftovers.sweep_files(timedelta(seconds=-60))
    assert not default_storage.exists(orphan) and not default_storage.exists(replaced)
    assert default_storage.exists(cast.workspace.logo.name)
    assert not list(tmp_path.iterdir())
    assert default_storage.exists(made.file.name)
    assert default_storage.exists(made.problems_file.name)
    assert default_storage.exists(opened.problems_file.name) and default_storage.exists(visits)


@pytest.mark.usefixtures("unsettled")
def test_a_removed_project_takes_its_imports_and_files(cast: Cast, link_index: None) -> None:
    made, waiting = bring(cast, table(1, 2)), ContentFile(table(3), name="w.csv")
    queued = imports.receive(project=cast.project, user=cast.editor, file=waiting, name="w.csv").made
    removal.hide(cast.project, cast.owner)
    runs.execute(queued.run_id)
    for run in Run.objects.filter(kind="remove_project"):
        runs.execute(run.pk)
    assert not Import.objects.exists()
    assert not default_storage.exists(made.file.name)
    assert engine.read("SELECT count() AS n FROM observations")[0]["n"] == 0


def test_a_removal_that_failed_can_be_asked_for_again(
    cast: Cast, link_index: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = bring(cast, table(1))
    with monkeypatch.context() as patch:
        patch.setattr(index, "remove", _broken)
        runs.execute(imports.ask_removal(made, cast.editor).pk)
    made = Import.objects.select_related("run").get(pk=made.pk)
    assert (made.removal_failed, made.is_active, made.shown_state[1]) == (True, False, "Not removed")
    assert "a bug" in made.shown_error
    runs.execute(imports.ask_removal(made, cast.editor).pk)
    assert links_of(cast) == 0


# --- Columns, dates, size -----------------------------------------------------------------------------------------
def test_two_tables_with_unknown_headers_are_asked_about_one_after_the_other(cast: Cast, link_index: None) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("one.csv", b"Where,Whither\nhttps://a.example/x,https://client.example/\n")
        archive.writestr("two.csv", b"Hither,Thither\nhttps://client.example/,https://b.example/x\n")
    made = bring(cast, packed.getvalue(), name="both.zip", format="ask")
    for header, mapping in (
        (["Where", "Whither"], {"source_url": "Where", "target_url": "Whither"}),
        (["Hither", "Thither"], {"source_url": "Thither", "target_url": "Hither"}),
    ):
        assert (made.state, made.mapping["header"]) == (Import.State.MAPPING, header)
        runs.execute(imports.confirm_mapping(made, mapping, cast.editor).pk)
        made.refresh_from_db()
    assert (made.state, links_of(cast)) == ("done", 2)


def test_a_mapping_of_a_table_without_header_is_not_remembered(cast: Cast, link_index: None) -> None:
    """Its columns have numbers only: another such file means something else."""
    content = b"5,https://client.example/,https://a.example/x\n6,https://client.example/,https://b.example/x\n"
    made = bring(cast, content)
    assert made.state == Import.State.MAPPING
    mapping = {"source_url": "column 3", "target_url": "column 2"}
    runs.execute(imports.confirm_mapping(made, mapping, cast.editor).pk)
    assert links_of(cast) == 2
    assert not RememberedMapping.objects.exists()


@pytest.mark.usefixtures("unsettled")
def test_a_row_of_a_comparison_counts_once_whatever_it_links_to(cast: Cast, link_index: None) -> None:
    header = "Domain,Domain rating,Domain traffic,Intersect,client.example,rival.example,third.example"
    rows = ["news.example,70,100,3,1,2,3", "news.example,70,100,3,1,2,3", "blog.example,20,10,1,0,5,0"]
    made = bring(cast, "\n".join([header, *rows]).encode(), name="intersect.csv")
    assert (made.source, made.rows, made.accepted, made.rejected, made.duplicates) == ("ahrefs_intersect", 3, 2, 0, 1)


def test_a_date_in_the_future_is_no_export_date(cast: Cast, link_index: None) -> None:
    made = bring(cast, b"Source URL,Target URL\nhttps://a.example/,https://client.example/\n", name="x-2099-01-01.csv")
    assert made.export_date is None
    assert any("is in the future" in note for note in made.notes)
    assert any("1 rows have no date" in note for note in made.notes)
    head = profile_of(workspace=cast.workspace.pk, target="client.example")
    assert (head.last_seen, head.unknown) == (None, 1)


@pytest.mark.usefixtures("unsettled")
def test_a_row_count_that_vendors_cut_at_is_warned_of(cast: Cast, link_index: None) -> None:
    made = bring(cast, table(*range(1000)))
    assert any("exactly 1,000 rows" in note for note in made.notes)


@pytest.mark.usefixtures("unsettled")
def test_memory_does_not_grow_with_the_file(cast: Cast, link_index: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks are let go: four times the rows take (nearly) the same peak."""
    monkeypatch.setattr(loading, "CHUNK_ROWS", 1_000)
    monkeypatch.setattr(loading.index, "add", lambda *_, **__: None)
    peaks = []
    for rows in (5_000, 20_000):
        content = table(*(number % 50 for number in range(rows)))
        made = imports.receive(project=cast.project, user=None, file=ContentFile(content), name=f"{rows}.csv").made
        tracemalloc.start()
        runs.execute(made.run_id)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        made.refresh_from_db()
        assert made.rows == rows
    assert peaks[1] < 1.5 * peaks[0]


# --- Real exports -------------------------------------------------------------------------------------------------
def samples() -> list[Path]:
    return sorted(SAMPLES.rglob("*.csv")) if SAMPLES.is_dir() else []


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not here")
def test_real_exports_are_accounted_for_to_the_row(cast: Cast, link_index: None, later: Later) -> None:
    """Each file alone, and then one settling of them all."""
    for path in samples():
        made = bring(cast, path.read_bytes(), name=path.name)
        assert made.state == Import.State.DONE, (path, made.error)
        assert made.rows == made.accepted + made.rejected + made.duplicates, path
        skip = 7 if "moz" in str(path) else 1
        with path.open(newline="", encoding="utf-8") as file:
            rows = sum(1 for row in csv.reader(file) if row)
        assert made.rows == rows - skip + (1 if "moz" in str(path) else 0), path
    assert later.settle() > 1
    referring_domains_equal_an_independent_count(cast, SAMPLES / "semrush_coinlineup/coinlineup.com-backlinks.csv")


def referring_domains_equal_an_independent_count(cast: Cast, path: Path) -> None:
    suffixes = PublicSuffixList(accept_unknown=True)
    with path.open(newline="", encoding="utf-8") as file:
        hosts = {row["Source url"].split("/")[2].split(":")[0].lower().rstrip(".") for row in csv.DictReader(file)}
    domains = {suffixes.privatesuffix(host.encode("idna").decode()) or host for host in hosts} - {"coinlineup.com"}
    head = profile_of(workspace=cast.workspace.pk, target="coinlineup.com")
    assert head.referring_domains == len(domains)
