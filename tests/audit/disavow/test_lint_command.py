"""`manage.py lint_disavow`: a contract for scripts. No database is needed, so none is given."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from audit.disavow.findings import KINDS, LEVELS
from audit.disavow.grammar import read
from audit.disavow.lint import lint

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "samples" / "disavow"
FILE = (
    b'# why\r\ndomain:www.a.test\r\nspam.test/x\r\n"domain:youtube.com"\r\nhttp://b.test/\xc3\xa9\r\ndomain:github.io'
)


def linted(path: Path) -> dict[str, Any]:
    out = StringIO()
    call_command("lint_disavow", str(path), "--json", stdout=out)
    return json.loads(out.getvalue())


def test_the_json_object(tmp_path: Path) -> None:
    path = tmp_path / "disavow.txt"
    path.write_bytes(FILE)
    answer = linted(path)
    assert (answer["lines"], answer["domains"], answer["urls"]) == (6, 3, 1)
    assert all(one["level"] in LEVELS and one["kind"] in KINDS for one in answer["problems"])
    assert {"line", "level", "kind", "text", "mend", "id", "explanation"} <= answer["problems"][0].keys()
    found = {(one["line"], one["kind"]): one["mend"] for one in answer["problems"]}
    assert found[2, "www"] == "domain:a.test"
    assert found[3, "no_scheme"] == "http://spam.test/x"
    assert found[4, "quoted"] == "domain:youtube.com"
    assert found[4, "protected_domain"] == found[6, "shared_host"] == found[1, "crlf"] == ""
    assert found[5, "non_ascii"] == "http://b.test/%C3%A9"
    assert (6, "no_final_newline") in found
    assert sum(answer["levels"].values()) == len(answer["problems"])


def test_lines_for_people(tmp_path: Path) -> None:
    path = tmp_path / "disavow.txt"
    path.write_text("domain:a.test\ndomain:a.test\nb.test\n")
    out = StringIO()
    call_command("lint_disavow", str(path), stdout=out)
    text = out.getvalue()
    assert "line 2  fix  DL08 Duplicate" in text and "drop the line, domain:a.test stands for it" in text
    assert "mend: domain:b.test | or http://b.test/" in text
    path.write_text("# why\ndomain:a.test\n")
    out = StringIO()
    call_command("lint_disavow", str(path), stdout=out)
    assert out.getvalue().strip().endswith("none")


@pytest.mark.parametrize("content", [None, b"PK\x03\x04\x00\x00"], ids=["missing", "no text"])
def test_what_cannot_be_read_is_one_sentence(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "disavow.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError) as error:
        linted(path)
    assert "\n" not in str(error.value) and str(error.value).endswith(".")
    with pytest.raises(CommandError, match="directory"):
        linted(tmp_path)


# --- Real files, where they are ---------------------------------------------------------------------------------------
REAL = {
    "maesitos_disavowed.txt": (1815, 1814, 1, {"www": 729, "www_and_bare": 14}),
    "growth-austen_disavow.txt": (3262, 798, 2405, {"no_scheme": 16, "quoted": 1, "space_around": 24, "duplicate": 66,
                                                    "covered_url": 622, "public_suffix": 1, "shared_host": 2}),
    "sparkshark.com.txt": (107, 83, 0, {"no_reason": 0}),
    "koolranch_flat-earth-equipment.txt": (26, 21, 0, {}),
    "gloex-org_level.casino.txt": (24, 17, 0, {"no_reason": 1}),
}  # fmt: skip


@pytest.mark.skipif(not SAMPLES.exists(), reason="the real disavow files are not here")
@pytest.mark.parametrize("name", REAL)
def test_counts_of_real_files(name: str) -> None:
    lines, domains, urls, kinds = REAL[name]
    file = read((SAMPLES / name).read_bytes())
    assert (len(file.lines), file.count("domain"), file.count("url")) == (lines, domains, urls)
    found = [one.defect.kind for one in lint(file)]
    assert {kind: found.count(kind) for kind in kinds} == kinds
