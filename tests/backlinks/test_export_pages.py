"""The CSV export is the list: same filters, order, group and columns, all rows, safe to open."""

import json
from pathlib import Path

import pytest

from projects.models import AuditEntry
from seoapp.lib.export import TRIGGERS
from tests.backlinks.pages import csv_of, fill, soup_of, url_of

HOSTILE = Path(__file__).resolve().parents[3] / "shared" / "hostile"


def test_export_is_exactly_what_is_shown(profile, browse):
    client = browse(profile.viewer)
    page = soup_of(
        client.get(
            url_of(profile.project, "backlinks/"),
            {"kind": "text", "sort": "source_url", "cols": "source_url.anchor.nofollow.sources", "per_page": "50"},
        )
    )
    rows = csv_of(client.get(page.select_one("[data-export] a")["href"]))
    heads = [one.get_text(strip=True) for one in page.select(".list-table thead th")][:-1]
    assert rows[0] == heads
    for address in page.select("td.url a"):
        address.string = address["href"]  # a page shortens it, a file never does
    for title in page.select(".cell-lead"):
        title.decompose()
    shown = [[cell.get_text(" ", strip=True) for cell in row.select("td")][:-1] for row in page.select("tbody tr")]
    words = {"true": "yes", "false": "no", "": "–"}
    assert [[words.get(cell, cell) for cell in row] for row in rows[1:]] == shown
    assert len(shown) == 6


def test_export_of_groups_and_other_reports(profile, browse):
    client = browse(profile.viewer)
    grouped = csv_of(client.get(url_of(profile.project, "backlinks/"), {"group": "domain", "export": "csv"}))
    assert grouped[0][1] == "Stands for"
    assert sorted(row[1] for row in grouped[1:]) == ["1", "1", "1", "1", "3"]
    pages = csv_of(client.get(url_of(profile.project, "pages/"), {"export": "csv", "target": "docs.client.example"}))
    assert [row[0] for row in pages[1:]] == ["http://docs.client.example/guide/"]


def test_export_holds_all_rows_whatever_the_page(cast, link_index, browse):
    links = [{"source": f"https://s{number:03}.example/", "target": "https://client.example/"} for number in range(300)]
    fill(cast, links)
    rows = csv_of(browse(cast.viewer).get(url_of(cast.project, "backlinks/"), {"page": "3", "export": "csv"}))
    assert len({row[0] for row in rows[1:]}) == 300


def test_export_is_a_named_attachment_and_is_written_down(profile, browse):
    answer = browse(profile.viewer).get(url_of(profile.project, "anchors/"), {"export": "csv", "links_min": "2"})
    csv_of(answer)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="client.example-anchors-')
    entry = AuditEntry.objects.get(action="export")
    assert (entry.who, entry.what) == (profile.viewer, "anchors of client.example")
    assert entry.detail["parameters"] == {"links_min": "2"}


def test_no_cell_is_a_formula(cast, link_index, browse):
    texts = ["=1+1", "+1", "-1", "@a", "\t=1", " =1", "\u200b=1", "\uff1d1", "plain", 'quoted "x"', "a\nb"]
    found = sorted((HOSTILE / "export").glob("*.json")) if HOSTILE.exists() else []
    for path in found:
        texts += [one for one in _texts(json.loads(path.read_text())) if len(one) < 1000]
    texts = [one.encode("utf-8", "ignore").decode().replace("\0", "") for one in texts]
    links = [
        {"source": f"https://s{number}.example/", "target": "https://client.example/", "anchor": text, "title": text}
        for number, text in enumerate(texts)
    ]
    fill(cast, links)
    client = browse(cast.viewer)
    rows = csv_of(client.get(url_of(cast.project, "backlinks/"), {"cols": "anchor.title.source_url", "export": "csv"}))
    rows += csv_of(client.get(url_of(cast.project, "anchors/"), {"cols": "anchor", "export": "csv"}))
    assert len(rows) > len(texts)
    assert not [cell for row in rows for cell in row if cell[:1] in TRIGGERS]


def _texts(value):
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [text for one in value for text in _texts(one)] if isinstance(value, list) else []


@pytest.mark.parametrize("actor", ["stranger", None])
def test_nobody_else_gets_the_file(profile, browse, actor):
    user = getattr(profile, actor) if actor else None
    answer = browse(user).get(url_of(profile.project, "backlinks/"), {"export": "csv"})
    assert answer.status_code == (404 if actor else 302)
    assert not AuditEntry.objects.filter(action="export").exists()
