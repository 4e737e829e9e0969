"""Which files make up a release, and their text in blocks."""

import gzip
from datetime import date
from pathlib import Path

import pytest

from backlinks.openweb import webgraph, webgraph_text
from backlinks.openweb.holdings import Refused
from backlinks.openweb.webgraph_files import days_of, find
from backlinks.openweb.webgraph_rows import EDGE, VERTEX, name_domains, name_hosts, parse
from backlinks.openweb.webgraph_text import CutShort, Unreadable, blocks, first_lines
from tests.backlinks.openweb.released import SPRING, WINTER, edges, release, vertices, write


# --- Days ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("cc-main-2026-apr-may-jun", date(2026, 4, 1), date(2026, 6, 30)),
        ("cc-main-2025-26-nov-dec-jan", date(2025, 11, 1), date(2026, 1, 31)),
        ("cc-main-2025-26-dec-jan-feb", date(2025, 12, 1), date(2026, 2, 28)),
        ("cc-main-2018-feb-mar-apr", date(2018, 2, 1), date(2018, 4, 30)),
        ("cc-main-2017-may-jun-jul-hostgraph", date(2017, 5, 1), date(2017, 7, 31)),
    ],
)
def test_months_of_the_name_are_days(name: str, first: date, last: date) -> None:
    assert days_of(name) == (first, last)


@pytest.mark.parametrize("name", ["mine", "cc-main-2026", "cc-main-2026-xyz", "cc-main-26-apr"])
def test_other_names_have_no_days(name: str) -> None:
    assert days_of(name) is None


# --- Files --------------------------------------------------------------------------------------------------------
def test_files_by_their_names(tmp_path: Path) -> None:
    found = find(release(tmp_path, of_ranks=[]))
    assert (found.release, found.level) == (SPRING, "domain")
    assert [one.kind for one in found.files] == ["vertices", "edges", "ranks"]


def test_other_files_do_no_harm(tmp_path: Path) -> None:
    for ending in ("domain.graph", "domain.stats", "domain-t.properties", "domain-edges.txt.gz.part"):
        (tmp_path / f"{SPRING}-{ending}").write_text("x")
    assert len(find(release(tmp_path)).files) == 2


def test_split_files_by_their_list(tmp_path: Path) -> None:
    base = f"projects/hyperlinkgraph/{SPRING}/host"
    for kind in ("vertices", "edges"):
        parts = [f"{base}/{kind}/part-0000{n}.txt.gz" for n in (1, 0)]
        write(tmp_path / f"{SPRING}-host-{kind}.paths.gz", parts)
        for part in parts:
            write(tmp_path / "/".join(part.split("/")[-2:]), ["0\tcom.a"])
    found = find(tmp_path)
    assert (found.level, [one.key for one in found.of("vertices")]) == (
        "host", ["vertices/part-00001.txt.gz", "vertices/part-00000.txt.gz"],
    )  # fmt: skip
    (tmp_path / "edges/part-00000.txt.gz").unlink()
    with pytest.raises(Refused, match=r"edges.paths.gz names .*/edges/part-00000.txt.gz, which is not in the folder"):
        find(tmp_path)


def test_split_files_without_a_list(tmp_path: Path) -> None:
    for kind in ("vertices", "edges"):
        write(tmp_path / kind / "part-00001.gz", ["0\tcom.a"])
        write(tmp_path / kind / "part-00000.gz", ["0\tcom.a"])
    assert [one.path.name for one in find(tmp_path).of("edges")] == ["part-00000.gz", "part-00001.gz"]


@pytest.mark.parametrize("missing", ["vertices", "edges"])
def test_a_missing_file_is_named(tmp_path: Path, missing: str) -> None:
    release(tmp_path)
    (tmp_path / f"{SPRING}-domain-{missing}.txt.gz").unlink()
    with pytest.raises(Refused, match=f"has no {missing}: put the file whose name ends in -domain-{missing}.txt.gz"):
        find(tmp_path)


def test_mixed_releases_are_refused(tmp_path: Path) -> None:
    release(tmp_path)
    release(tmp_path, name=WINTER)
    with pytest.raises(Refused, match=f"mixes releases .{WINTER}-domain-.*, {SPRING}-domain-"):
        webgraph.receive(tmp_path)


def test_mixed_levels_are_refused(tmp_path: Path) -> None:
    release(tmp_path)
    write(tmp_path / f"{SPRING}-host-edges.txt.gz", edges())
    with pytest.raises(Refused, match=f"mixes levels .{SPRING}-domain-edges.txt.gz, {SPRING}-host-edges.txt.gz"):
        find(tmp_path)


def test_packed_and_unpacked_beside_each_other_are_refused(tmp_path: Path) -> None:
    write(release(tmp_path) / f"{SPRING}-domain-edges.txt", edges())
    with pytest.raises(Refused, match="several files of edges"):
        find(tmp_path)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is no folder: name the folder that holds the vertices and edges"):
        find(write(tmp_path / "edges.txt.gz", edges()))


# --- Text ---------------------------------------------------------------------------------------------------------
LINES = [f"{n}\t{n * n}" for n in range(500)]


@pytest.mark.parametrize("name", ["edges.txt", "edges.txt.gz"])
@pytest.mark.parametrize("size", [1, 7, 100, 4096, 1 << 20])
def test_blocks_are_whole_lines_and_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, size: int
) -> None:
    monkeypatch.setattr(webgraph_text, "BLOCK_BYTES", max(size, 20))
    monkeypatch.setattr(webgraph_text, "PIECE_BYTES", size)
    path = write(tmp_path / name, LINES)
    found = list(blocks(path))
    assert b"".join(one.data for one in found).decode() == "".join(f"{line}\n" for line in LINES)
    assert all(one.data.endswith(b"\n") or one.is_last for one in found)
    assert [one.number for one in found] == list(range(len(found)))
    assert [one.is_last for one in found] == [False] * (len(found) - 1) + [True]
    assert found[-1].read == path.stat().st_size


def test_several_members_and_zeros_behind_them(tmp_path: Path) -> None:
    path = tmp_path / "edges.txt.gz"
    path.write_bytes(gzip.compress(b"0\t1\n") + gzip.compress(b"1\t2\n") + b"\0" * 100)
    assert next(blocks(path)).data == b"0\t1\n1\t2\n"


def test_the_first_member_of_two_is_not_the_file(tmp_path: Path) -> None:
    path = tmp_path / "edges.txt.gz"
    path.write_bytes(gzip.compress(b"0\t1\n") + gzip.compress(b"1\t2\n")[:12])
    with pytest.raises(CutShort, match=r"edges.txt.gz ends in the middle: its \d+ bytes"):
        list(blocks(path))


def test_what_is_packed_is_told_by_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "edges.txt").write_bytes(gzip.compress(b"0\t1\n"))
    assert first_lines(tmp_path / "edges.txt") == ["0\t1"]
    (tmp_path / "edges.txt.gz").write_bytes(b"0\t1\n")
    with pytest.raises(Unreadable, match="is damaged near byte"):
        first_lines(tmp_path / "edges.txt.gz")


def test_no_end_of_a_line_is_no_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webgraph_text, "BLOCK_BYTES", 100)
    (tmp_path / "edges.txt").write_bytes(b"x" * 1000)
    with pytest.raises(Unreadable, match="is no text of lines"):
        list(blocks(tmp_path / "edges.txt"))


# --- Lines --------------------------------------------------------------------------------------------------------
def test_a_block_with_a_bad_line_gives_what_the_others_say() -> None:
    text = "\n".join([*vertices(["com.a", "com.b"]), "x\tcom.c\t1", '3\tcom."d\t1', ""])
    found = parse(text.encode(), VERTEX)
    assert (found.rows, found.columns["row"].to_pylist()) == (4, [0, 1, 3])
    assert found.columns["name"].to_pylist() == ["com.a", "com.b", 'com."d']
    assert [(one.row, one.column, one.value) for one in found.refused] == [(2, "id", "x")]


def test_a_block_of_nothing() -> None:
    assert parse(b"", EDGE).columns.num_rows == 0


def test_bytes_that_are_no_text_are_refused() -> None:
    found = parse(b"0\tcom.a\t1\n1\tcom.\xff\t1\n", VERTEX)
    name_domains(found)
    assert found.columns["reversed"].to_pylist() == ["com.a"]
    assert [one.row for one in found.refused] == [1]


@pytest.mark.parametrize(
    ("host", "domain", "bare"),
    [
        ("com.facebook", "com.facebook", "com.facebook"),
        ("com.facebook.www", "com.facebook", "com.facebook"),
        ("com.example.blog", "com.example", "com.example.blog"),
        ("com.example.blog.www", "com.example", "com.example.blog"),
        ("uk.co.bbc.news", "uk.co.bbc", "uk.co.bbc.news"),
        ("io.github.somebody", "io.github.somebody", "io.github.somebody"),
        ("io.github.www", "io.github", "io.github"),
        ("com.www", "com.www", "com.www"),
        ("de.xn--mnchen-3ya.rathaus", "de.xn--mnchen-3ya", "de.xn--mnchen-3ya.rathaus"),
        ("de.MÜNCHEN", "de.xn--mnchen-3ya", "de.xn--mnchen-3ya"),
    ],
)
def test_hosts_fold_to_domains(host: str, domain: str, bare: str) -> None:
    found = parse(f"0\t{host}\n".encode(), VERTEX[:2])
    name_hosts(found)
    assert found.columns.select(["reversed", "host"]).to_pylist() == [{"reversed": domain, "host": bare}]


@pytest.mark.parametrize(
    "name", ["", "com", "localhost", "1.2.3.4", "com.a/b", "com.a:80", "com.a b", "com..a", "com." + "a" * 260]
)
def test_what_is_no_domain(name: str) -> None:
    found = parse(f"0\t{name}\t1\n".encode(), VERTEX)
    name_domains(found)
    assert (found.columns.num_rows, len(found.refused)) == (0, 1)
