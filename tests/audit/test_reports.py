"""Reports of an audit: what stands in them, who makes and fetches them, and what hostile text does to them: nothing."""

import io
import re
import socket
import sys
import threading
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from bs4 import BeautifulSoup
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit import review
from audit.columns import SOURCES
from audit.models import Audit, Decision, DisavowVersion, Removal, ReportFile
from audit.report import contents, document, making, printing, telling
from audit.report.contents import Domain, Network, Table, Told, Wanted
from audit.score import DOUBTFUL
from audit.since import run_since
from backlinks import index
from projects import runs
from projects.models import AuditEntry, Run
from seoapp.lib.stored import stored
from seoapp.management.commands import doctor
from tests.audit.audited import FARM, audited
from tests.conftest import Cast, Hold

TODAY = date(2026, 3, 11)
HOSTILE = (
    "{{ settings.SECRET_KEY }}", "{% load static %}{% debug %}", "{{ audit.project.delete }}", "{0.__class__}",
    "%(name)s %s", "${7*7}", "{{ 'x'|ljust:100000000 }}", "<script>alert(1)</script>", "</style><script>x</script>",
    "</td></tr></table><h1>x", "<img src=http://127.0.0.1:{port}/img>", "<link rel=attachment href=file:///etc/hostname>",
    "<a rel=attachment href=file:///etc/passwd>x</a>", "<link rel=stylesheet href=http://127.0.0.1:{port}/css>",
    "<style>@import url(http://127.0.0.1:{port}/import)</style>", "<p style='background:url(http://127.0.0.1:{port}/b)'>",
    "<svg><image xlink:href='http://127.0.0.1:{port}/svg'/></svg>", "<object data=file:///etc/passwd></object>",
    "<embed src=http://127.0.0.1:{port}/embed>", "<iframe src=file:///etc/passwd></iframe>",
    "<base href=http://127.0.0.1:{port}/>", "<meta http-equiv=refresh content='0;url=http://127.0.0.1:{port}/m'>",
    "javascript:alert(1)", "url(http://127.0.0.1:{port}/css2)", "\" onload=alert(1) x=\"", "&lt;b&gt; &amp;amp;",
    "a" * 3_000, "<div>" * 400,
)  # fmt: skip


@pytest.fixture
def audit(cast: Cast, held_index: Hold) -> Audit:
    return audited(cast, held_index)


@pytest.fixture
def listener() -> Iterator[tuple[int, list[Any]]]:
    """A port of ours, and who connected to it."""
    met: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    held, who = server.accept()
                except OSError:
                    return
                met.append(who)
                held.close()

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1], met
        server.shutdown(socket.SHUT_RDWR)


def inside(pdf: bytes) -> bytes:
    """Everything that a PDF holds, its streams unpacked."""
    parts = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            parts.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(parts)


def assert_harmless(pdf: bytes) -> None:
    held = inside(pdf)
    for word in (b"/EmbeddedFile", b"/Filespec", b"/Launch", b"/URI", b"/JavaScript", b"/JS", b"root:x:0"):
        assert word not in held, word


# --- Printing ---------------------------------------------------------------------------------------------------------
def test_hostile_text_is_text_and_nothing_is_asked_for(audit: Audit, listener: tuple[int, list[Any]]) -> None:
    port, met = listener
    texts = [one.replace("{port}", str(port)) for one in HOSTILE]
    assert len(texts) == 28
    rows = tuple(Domain(one[:200], 90, 50, "Look at it", "warn", 1, "Keep", (one,), 0) for one in texts)
    told = replace(
        contents.gather(audit, Wanted(heading=texts[7], note="\n".join(texts[:12]))),
        domains=Table(rows),
        networks=Table(tuple(Network((one,), 2, ("a.example",), 0) for one in texts)),
        decisions=Table(tuple(Told("a.example", "Disavow", one, "Olive", TODAY) for one in texts)),
    )
    audit.project.workspace.name = texts[13][:80]
    html = document.html_of(told, who=texts[8], today=TODAY)
    soup = BeautifulSoup(html, "html5lib")
    shown = [item.get_text() for item in soup.select("#domains .evidence li")]
    whole = [one if len(one) <= 240 else f"{one[:239]}…" for one in texts]
    assert shown == whole, "each text stands there as it is"
    assert soup.select_one(".own-note").get_text() == "\n".join(texts[:12])
    assert not soup.select("script, link, iframe, object, embed, base, meta[http-equiv], [onload], [style], img")
    assert {one["href"][0] for one in soup.select("[href]")} == {"#"}
    made = printing.printed(html)
    assert_harmless(made)
    assert not met


def test_the_process_that_prints_fetches_nothing_even_if_asked(listener: tuple[int, list[Any]]) -> None:
    port, met = listener
    raw = "".join(one.replace("{port}", str(port)) for one in HOSTILE[10:24])
    held = inside(printing.printed(f"<html><head>{raw}</head><body>{raw}<p>end"))
    assert b"/EmbeddedFile" not in held and b"root:x:0" not in held and not met


def child(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", f"import sys\n{code}\nfrom audit.report import press\n")


def test_too_much_ends_in_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(printing.NotPrinted, match="fewer domains"):
        printing.printed("<div>" * 2_000 + "x")
    rows = "<tr><td>a<td>b" * 20_000
    little = "press.CPU_SECONDS = 1\nsys.exit(press.main())"
    monkeypatch.setattr(printing, "COMMAND", (*child("")[:2], child("")[2] + little))
    with pytest.raises(printing.NotPrinted, match="20 seconds of computing"):
        printing.printed(f"<table>{rows}</table>")
    narrow = "press.MEMORY = 120 * 2**20\nsys.exit(press.main())"
    monkeypatch.setattr(printing, "COMMAND", (*child("")[:2], child("")[2] + narrow))
    with pytest.raises(printing.NotPrinted, match="too much memory"):
        printing.printed(f"<table>{rows}</table>")


def without_pango(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """As on a machine where WeasyPrint does not find its library."""
    (folder / "weasyprint.py").write_text("raise OSError('cannot load library libpango-1.0-0')")
    code = child(f"sys.path.insert(0, {str(folder)!r})")
    monkeypatch.setattr(printing, "COMMAND", (*code[:2], f"{code[2]}sys.exit(press.main())"))
    monkeypatch.setattr(printing, "_able", [])


def test_a_machine_without_pango_says_so_and_offers_excel(
    audit: Audit, cast: Cast, browse: Callable, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert printing.why_not() == "" and doctor._reports().level == "ok"
    without_pango(monkeypatch, tmp_path)
    viewer = browse(cast.viewer)
    page = viewer.get(at(cast, "reports")).content.decode()
    assert "apt-get install libpangoft2-1.0-0" in page and "Excel works without it" in page
    assert BeautifulSoup(page, "html5lib").select_one("input[name=format][checked]")["value"] == "xlsx"
    finding = doctor._reports()
    assert finding.level == "note" and "brew install pango" in finding.mend
    made = ask(viewer, cast)
    assert made.run.state == Run.State.FAILED and made.run.error == printing.NO_PANGO
    assert ask(viewer, cast, format="xlsx").file


# --- What it says -----------------------------------------------------------------------------------------------------
def test_figures_are_those_of_the_audit(audit: Audit, cast: Cast) -> None:
    review.decide(cast.project, [FARM[0]], Decision.Verdict.REMOVE, "bought in 2019", cast.editor, run_since(audit))
    review.decide(cast.project, [FARM[1]], Decision.Verdict.DISAVOW, "link farm", cast.editor, run_since(audit))
    earlier = Audit.objects.create(project=cast.project, number=1, as_of=date(2026, 2, 1), risk=7, is_kept=False)
    Audit.objects.filter(pk=earlier.pk).update(finished_at=audit.finished_at - timedelta(days=30))
    DisavowVersion.objects.create(project=cast.project, number=3, digest="x", domains=2, urls=1, text="", note="")
    told = contents.gather(audit, Wanted(most_domains=2))
    rows = list(index.audits.domains("client.example", cast.workspace.pk, audit.number))
    risky = [row["source_domain"] for row in rows if row["risk"] >= DOUBTFUL]
    assert [one.name for one in told.domains.rows] == risky[:2] and told.domains.left == len(risky) - 2
    assert sum(one.count for one in told.bands) == audit.domains == len(rows)
    assert told.open_toxic == sum(row["band"] == "toxic" and row["source_domain"] not in FARM[:2] for row in rows)
    assert {one.label: one.count for one in told.verdicts} == {"Keep": 0, "Ask for removal": 1, "Disavow": 1}
    assert [one.risk for one in told.audits] == [7, audit.risk] and told.trend is not None
    assert told.rows <= contents.MOST_ROWS
    html = document.html_of(told, who="Olive", today=TODAY)
    assert "bought in 2019" in html and "number 3" in html and "No version is marked as uploaded" in html
    assert any("cheap shoes" in fact for one in told.domains.rows for fact in one.facts)
    assert contents._usual([["all", f"own {one}"] for one in range(20)]) == ("all",)
    assert contents._usual([["all"]] * 10) == (), "ten domains are read one by one"
    steps = " ".join(telling.steps(told))
    assert "Send 1 request" in steps and "Version 3 of the disavow file" in steps


def test_tables_together_keep_to_the_most_rows() -> None:
    most = contents
    parts = (most.MOST_DOMAINS, most.MOST_DECISIONS, most.MOST_REMOVALS, most.MOST_NETWORKS, most.MOST_MARKERS)
    assert sum(parts) + most.MOST_AUDITS + len(SOURCES) <= most.MOST_ROWS


def test_sections_that_nobody_chose_are_not_there(audit: Audit) -> None:
    for chosen in ((), ("method",), tuple(contents.SECTIONS)):
        html = document.html_of(contents.gather(audit, Wanted(frozenset(chosen))), who="", today=TODAY)
        soup = BeautifulSoup(html, "html5lib")
        found = {one["id"] for one in soup.select("[id]")}
        assert found == {"summary", *chosen}
        assert {one["href"][1:] for one in soup.select(".contents a")} == found


def test_a_long_note_has_a_page_of_its_own(audit: Audit) -> None:
    for note, on_cover in (("Dear client,\nall is well.", True), ("a word " * 200, False), ("\n" * 20, False)):
        told = contents.gather(audit, Wanted(frozenset(), note=note))
        soup = BeautifulSoup(document.html_of(told, who="", today=TODAY), "html5lib")
        assert bool(soup.select(".cover .own-note")) is on_cover and len(soup.select(".own-note")) == 1


def test_nothing_found_is_told_as_such(audit: Audit) -> None:
    audit.bands = {"none": audit.domains}
    quiet = replace(contents.gather(audit, Wanted(frozenset())), open_toxic=0, missing=())
    assert telling.verdict(quiet) == "Nothing here calls for action."
    assert telling.steps(quiet) == ["Nothing about the links: the audit keeps watching what is new."]
    assert "neither clean nor bad" not in " ".join(telling.meaning(quiet))


# --- The workbook -----------------------------------------------------------------------------------------------------
def test_the_workbook_holds_all_rows_and_no_formula(audit: Audit, cast: Cast, browse: Callable) -> None:
    formula = '=HYPERLINK("http://evil.example";"x")'
    review.decide(cast.project, [FARM[0]], Decision.Verdict.REMOVE, formula, cast.editor, run_since(audit))
    Removal.objects.filter(project=cast.project).update(note=formula, contact="@owner")
    made = ask(browse(cast.viewer), cast, format="xlsx", note=formula)
    with made.file.open("rb") as stored:
        book = openpyxl.load_workbook(io.BytesIO(stored.read()))
    assert book.sheetnames == [
        "Summary", "Domains", "Links", "Evidence", "Markers", "Networks", "Decisions", "Removals",
    ]  # fmt: skip
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    quoted = [cell for cell in cells if cell.value == formula]
    assert len(quoted) == 4 and all(cell.quotePrefix for cell in quoted)
    rows = {name: list(book[name].iter_rows(min_row=2, values_only=True)) for name in book.sheetnames}
    domains = list(index.audits.domains("client.example", cast.workspace.pk, audit.number))
    assert [(row[0], row[1]) for row in rows["Domains"]] == [(one["source_domain"], one["risk"]) for one in domains]
    assert Counter(row[3] for row in rows["Domains"])["Evidence of manipulation"] == audit.bands["toxic"]
    run = run_since(audit)
    links = [one for row in domains for one in index.auditlists.links_of(run, row["source_domain"])]
    fired = [one for one in links if any(not marker.startswith("TRU") for marker in one["fired"])]
    assert sorted(row[1] for row in rows["Links"]) == sorted(one["source_url"] for one in fired)
    found = {(row[0], row[1]) for row in rows["Evidence"]}
    assert Counter(marker for _, marker in found) == Counter(index.auditlists.fired(run))
    assert {row[0]: row[4] for row in rows["Markers"] if row[4]} == index.auditlists.fired(run)
    assert len(rows["Networks"]) == sum(one["size"] for one in index.auditlists.networks(run, 100))
    assert (len(rows["Decisions"]), len(rows["Removals"])) == (1, 1)


# --- Asking for it ----------------------------------------------------------------------------------------------------
def at(cast: Cast, name: str, **ids: int) -> str:
    return reverse(f"audit:{name}", kwargs={"slug": cast.workspace.slug, "project_id": cast.project.pk, **ids})


def ask(client: Client, cast: Cast, **fields: Any) -> ReportFile:
    """Ask on the page, and let the run make it."""
    sent = {"format": "pdf", "sections": ["method"], "most_domains": 25, "for_clients": "on", **fields}
    answer = client.post(at(cast, "report_start"), sent)
    assert answer.status_code == 302, answer.content.decode()
    made = ReportFile.objects.first()
    runs.execute(made.run_id)
    return ReportFile.objects.select_related("run").get(pk=made.pk)


def test_made_by_a_viewer_fetched_by_a_client(audit: Audit, cast: Cast, browse: Callable) -> None:
    viewer, client = browse(cast.viewer), browse(cast.client)
    made = ask(viewer, cast, heading="For you")
    own = ask(viewer, cast, for_clients="")
    assert (
        made.run.state == Run.State.DONE and made.bytes > 1_000 and made.name == "client.example-audit-2026-03-10.pdf"
    )
    fetched = client.get(at(cast, "report_file", report_id=made.pk))
    body = b"".join(fetched.streaming_content)
    assert body.startswith(b"%PDF-") and fetched["Content-Type"] == "application/pdf"
    assert_harmless(body)
    page = client.get(at(cast, "reports")).content.decode()
    assert at(cast, "report_file", report_id=made.pk) in page and at(cast, "report_file", report_id=own.pk) not in page
    assert 'action="' + at(cast, "report_start") not in page
    for user, ids, status in (
        (cast.client, own.pk, 404), (cast.stranger, made.pk, 404), (cast.editor, own.pk, 200),
    ):  # fmt: skip
        assert browse(user).get(at(cast, "report_file", report_id=ids)).status_code == status
    assert client.post(at(cast, "report_start"), {"format": "pdf"}).status_code == 403
    assert browse(cast.editor).post(at(cast, "report_remove", report_id=made.pk)).status_code == 403
    viewer.post(at(cast, "report_remove", report_id=made.pk))
    assert not default_storage.exists(made.file.name) and not ReportFile.objects.filter(pk=made.pk).exists()
    said = Counter(AuditEntry.objects.filter(action__startswith="report.").values_list("action", flat=True))
    assert said == {"report.started": 2, "report.downloaded": 2, "report.removed": 1}


def test_what_cannot_be_made_says_why(audit: Audit, cast: Cast, browse: Callable) -> None:
    viewer = browse(cast.viewer)
    refused = viewer.post(at(cast, "report_start"), {"format": "exe", "sections": ["nothing"], "most_domains": 9})
    assert refused.status_code == 422 and not ReportFile.objects.exists()
    for _ in range(making.MOST_WAITING):
        viewer.post(at(cast, "report_start"), {"format": "xlsx", "most_domains": 25})
    full = viewer.post(at(cast, "report_start"), {"format": "xlsx", "most_domains": 25}, follow=True)
    assert "wait for one" in full.content.decode() and ReportFile.objects.count() == making.MOST_WAITING
    first = ReportFile.objects.last()
    cast.workspace.memberships.filter(user=cast.viewer).update(role="client")
    runs.execute(first.run_id)
    first.run.refresh_from_db()
    assert first.run.state == Run.State.FAILED and "cannot make reports of this project any more" in first.run.error


def test_old_reports_and_orphans_go(cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(making, "ORPHANED", timedelta(0))
        making.forget_old()  # files of other tests, whose rows are gone
    kept, old = (
        ReportFile.objects.create(project=cast.project, format="pdf", name="a.pdf", made_by=cast.editor) for _ in "ab"
    )
    for one, days in ((kept, 1), (old, settings.EXPORT_KEEP_DAYS + 1)):
        one.file.save("a.pdf", ContentFile(b"x"), save=False)
        one.finished_at = timezone.now() - timedelta(days=days)
        one.save()
    default_storage.save("reports/2026/01/lost.pdf", ContentFile(b"x"))
    assert making.forget_old() == 1, "a file that is fresh may still be named"
    monkeypatch.setattr(making, "ORPHANED", timedelta(0))
    assert making.forget_old() == 1
    assert list(stored("reports")) == [kept.file.name]


def test_only_the_press_knows_weasyprint() -> None:
    """It needs Pango, and lets Pillow read pictures that are cut off."""
    root = printing.ROOT
    importing = [
        path.relative_to(root).as_posix()
        for name in ("seoapp", "projects", "backlinks", "audit", "outreach")
        for path in (root / name).rglob("*.py")
        if "import weasyprint" in path.read_text() or "report.press import" in path.read_text()
    ]
    assert importing == ["audit/report/press.py"] and "weasyprint" not in sys.modules
