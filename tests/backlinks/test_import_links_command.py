"""`import_links`: what it prints, and what it says when it cannot."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from backlinks.models import Import
from projects.models import AuditEntry
from tests.conftest import Cast

pytestmark = pytest.mark.usefixtures("link_index")
GOOD = "Source URL,Target URL,Anchor text\nhttps://a.example/x,https://client.example/,one\nnot a page,x,two\n"
ODD = "Where,Whither\nhttps://b.example/x,https://client.example/\n"


def run(cast: Cast, *paths: Path, **options: Any) -> dict[str, Any]:
    out = io.StringIO()
    options = {"project": str(cast.project.pk), "json": True, "stdout": out, "stderr": io.StringIO()} | options
    call_command("import_links", *map(str, paths), **options)
    return json.loads(out.getvalue())


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_one_file_gives_one_object(cast: Cast, tmp_path: Path) -> None:
    told = run(cast, written(tmp_path, "good.csv", GOOD))
    assert {name: told[name] for name in ("format", "rows", "accepted", "rejected", "duplicates", "links")} == {
        "format": "bing_pages", "rows": 2, "accepted": 1, "rejected": 1, "duplicates": 0, "links": 1,
    }  # fmt: skip
    assert told["referring_domains"] == 1
    assert [set(one) for one in told["problems"]] == [{"row", "column", "reason"}]
    assert AuditEntry.objects.get(action="import.started").who_text == "command line"


def test_the_same_file_again_is_all_duplicates(cast: Cast, tmp_path: Path) -> None:
    path = written(tmp_path, "good.csv", GOOD)
    run(cast, path)
    again = run(cast, path)
    assert (again["accepted"], again["duplicates"], again["rejected"], again["links"]) == (0, 1, 1, 1)
    assert "nothing changes" in again["notes"][0]


def test_of_several_files_the_good_ones_are_imported(cast: Cast, tmp_path: Path) -> None:
    good, other = (
        written(tmp_path, "good.csv", GOOD),
        written(tmp_path, "other.csv", GOOD.replace("a.example", "c.example")),
    )
    told = run(cast, good, tmp_path / "absent.csv", written(tmp_path, "x.pdf.csv", "%PDF-1.7"), other)
    assert (told["rows"], told["accepted"], told["rejected"], told["links"]) == (4, 2, 2, 2)
    errors = {one["file"]: one["error"] for one in told["files"] if "error" in one}
    assert errors == {
        "absent.csv": "absent.csv: No such file or directory",
        "x.pdf.csv": "x.pdf.csv: This is a PDF, not a table: export it again as CSV.",
    }


def test_an_archive_reports_each_table(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "both.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.csv", GOOD)
        archive.writestr("two.csv", GOOD)
    told = run(cast, path)
    assert [(one["file"], one["rows"]) for one in told["files"]] == [("one.csv", 2), ("two.csv", 2)]
    assert (told["rows"], told["links"]) == (4, 1)


def test_figures_are_of_the_target(cast: Cast, tmp_path: Path) -> None:
    path = written(tmp_path, "sites.csv", "Site,Linking pages,Target pages\nnews.example,4,2\n")
    assert run(cast, path, target="rival.example")["referring_domains"] == 1
    assert run(cast, written(tmp_path, "good.csv", GOOD))["referring_domains"] == 1


def test_a_mapping_can_be_told(cast: Cast, tmp_path: Path) -> None:
    path = written(tmp_path, "odd.csv", ODD)
    with pytest.raises(CommandError, match=r"its header is not known \(Where, Whither\): say which column is which"):
        run(cast, path)
    told = run(cast, path, map=["source_url=Where", "target_url=Whither"])
    assert (told["accepted"], told["links"]) == (1, 1)


def test_a_mapping_goes_before_what_the_header_suggests(cast: Cast, tmp_path: Path) -> None:
    text = "Source,Page,Target\nhttps://wrong.example/,https://right.example/,https://client.example/\n"
    told = run(cast, written(tmp_path, "two.csv", text), map=["source_url=Page", "target_url=Target"])
    assert told["accepted"] == 1
    assert Import.objects.get().mapping["columns"]["source_url"] == "Page"


def test_dates_that_can_be_read_both_ways_are_asked_about(cast: Cast, tmp_path: Path) -> None:
    path = written(
        tmp_path, "d.csv", "Source URL,Target URL,First seen\nhttps://a.example/,https://client.example/,03/04/2026\n"
    )
    with pytest.raises(CommandError, match="--map date_order=day_first or --map date_order=month_first"):
        run(cast, path)
    assert run(cast, path, map=["date_order=month_first"])["accepted"] == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"format": "nonsense"}, "'nonsense' is no format: leave it out, or use one of ask, ahrefs_"),
        ({"format": "semrush_backlinks"}, "cannot be read as Semrush backlinks: it lacks"),
        ({"target": "not a domain"}, "is no domain or URL"),
        ({"project": "nowhere.example"}, "There is no project 'nowhere.example'"),
        ({"map": ["source_url"]}, "--map takes FIELD=COLUMN"),
        ({"map": ["page=Where"]}, "'page' is no field: use one of source_url"),
        (
            {"map": ["source_url=Somewhere"]},
            "There is no column 'Somewhere' for source_url: the columns are Where, Whither",
        ),
    ],
)
def test_what_cannot_be_done_is_one_sentence(cast: Cast, tmp_path: Path, options: dict[str, Any], said: str) -> None:
    with pytest.raises(CommandError) as failure:
        run(cast, written(tmp_path, "odd.csv", ODD), **options)
    assert said in str(failure.value)
    assert "\n" not in str(failure.value)
