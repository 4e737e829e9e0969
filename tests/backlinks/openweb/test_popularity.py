"""Popularity lists: which list a file is, what of it counts, and what readers see."""

import gzip
import io
import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from backlinks import index
from backlinks.index import engine
from backlinks.openweb import popularity
from backlinks.openweb.models import OpenImport
from projects import runs
from projects.models import Run
from tests.conftest import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("link_index")]
MAJESTIC = (
    "GlobalRank,TldRank,Domain,TLD,RefSubNets,RefIPs,IDN_Domain,IDN_TLD,PrevGlobalRank,PrevTldRank,PrevRefSubNets,"
    "PrevRefIPs\n"
    "1,1,great.example,example,491249,2418262,great.example,example,1,1,489595,2408964\n"
    "2,2,xn--mnchen-3ya.example,example,400,900,münchen.example,example,2,2,410,910\n"
)


def command(*arguments: object) -> dict[str, Any]:
    out = io.StringIO()
    call_command("import_popularity", *map(str, arguments), "--json", stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


def written(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def zipped(folder: Path, name: str, members: dict[str, str]) -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, text in members.items():
            archive.writestr(member, text)
    return path


def standing(domain: str, workspace: int = 0) -> index.popularity.Standing:
    (found,) = index.popularity.popularity_of(workspace, [domain])[domain]
    return found


# --- Each list ----------------------------------------------------------------------------------------------------
def test_tranco_in_its_zip(tmp_path: Path) -> None:
    path = zipped(tmp_path, "tranco_2026-10-01.csv.zip", {"top-1m.csv": "1,great.example\r\n2,small.example\r\n"})
    answer = command(path)
    assert (answer["rows"], answer["accepted"], answer["rejected"], answer["domains"]) == (2, 2, 0, 2)
    assert (answer["list"], answer["day"]) == ("tranco", "2026-10-01")
    found = standing("small.example")
    assert (found.rank, found.tier, found.signal, found.visits, found.subnets) == (2, 0, "traffic", -1, -1)
    assert found.day == date(2026, 10, 1)


def test_umbrella_is_told_by_its_hosts_and_folds_them_to_the_best_place(tmp_path: Path) -> None:
    text = "1,cdn.great.example\n2,great.example\n3,a.b.other.co.uk\n4,com\n5,www.other.co.uk\n6,blog.github.io\n"
    answer = command(written(tmp_path, "top-1m.csv", text), "--day", "2026-10-02")
    assert (answer["list"], answer["rows"], answer["accepted"], answer["domains"]) == ("umbrella", 6, 5, 3)
    assert answer["problems"] == [{"row": 4, "column": "domain", "reason": "no domain name", "value": "com"}]
    assert standing("great.example").rank == 1
    assert standing("other.co.uk").rank == 3
    assert standing("blog.github.io").rank == 6


def test_crux_has_buckets_and_no_ranks(tmp_path: Path) -> None:
    text = (
        "origin,rank\nhttps://www.great.example,1000\nhttp://m.great.example,5000\nhttps://small.example:8443,1000000\n"
    )
    answer = command(written(tmp_path, "202609.csv.gz", gzip.compress(text.encode())))
    assert (answer["list"], answer["day"], answer["domains"]) == ("crux", "2026-09-30", 2)
    assert (standing("great.example").rank, standing("great.example").tier) == (0, 1000)
    assert standing("small.example").tier == 1_000_000


def test_lists_that_are_made_of_links_are_kept_apart(tmp_path: Path) -> None:
    assert command(written(tmp_path, "million.csv", MAJESTIC), "--day", "2026-10-01")["list"] == "majestic"
    pagerank = '"Rank","Domain","Open Page Rank"\n"1","great.example","10.00"\n"2","small.example","4.85"\n'
    path = zipped(tmp_path, "top10milliondomains.csv.zip", {"top10milliondomains.csv": pagerank})
    assert command(path, "--day", "2026-10-01")["list"] == "openpagerank"
    by_list = {one.list: one for one in index.popularity.popularity_of(0, ["great.example"])["great.example"]}
    assert {one.signal for one in by_list.values()} == {"links"}
    assert (by_list["majestic"].rank, by_list["majestic"].subnets) == (1, 491249)
    assert by_list["openpagerank"].score == 10
    assert standing("xn--mnchen-3ya.example").subnets == 400


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    swapped = "Domain,GlobalRank,RefSubNets\ngreat.example,7,12\n"
    command(written(tmp_path, "majestic.csv", swapped))
    assert (standing("great.example").rank, standing("great.example").subnets) == (7, 12)


# --- What is asked and refused --------------------------------------------------------------------------------------
def mixed(below: int) -> str:
    names = [f"www.site{at}.example" if at < below else f"site{at}.example" for at in range(100)]
    return "".join(f"{rank},{name}\n" for rank, name in enumerate(names, 1))


def test_a_list_that_cannot_be_told_is_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, "top-1m.csv", mixed(below=2))
    with pytest.raises(CommandError, match="--list tranco or --list umbrella"):
        command(path)
    assert not index.popularity.lists(0)
    assert command(path, "--list", "umbrella")["list"] == "umbrella"
    assert command(written(tmp_path, "tranco_X.csv", mixed(below=3)))["list"] == "tranco"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Source url,Target url\nhttps://a.example/,https://b.example/\n", "none of the lists that are known"),
        ("hello\n", "none of the lists"),
        ("Top pages,Clicks,Impressions,CTR,Position\nhttps://a.example/,5,10,50%,3.2\n", "--project"),
        ("domain,visits\na.example,500\n", "--project"),
        ("https://a.example,7\nhttps://b.example,8\n", "buckets"),
        ("", "empty"),
        ("%PDF-1.4 ...", "PDF"),
    ],
)
def test_a_wrong_file_in_the_slot_is_a_sentence(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        command(written(tmp_path, "list.csv", text))
    made = OpenImport.objects.get()
    assert made.state == OpenImport.State.FAILED and made.run.state == Run.State.FAILED
    assert engine.read("SELECT count() AS n FROM popularity")[0]["n"] == 0


def test_a_file_of_another_list_than_said_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="a file of Majestic Million, not of Tranco"):
        command(written(tmp_path, "list.csv", MAJESTIC), "--list", "tranco")
    with pytest.raises(CommandError, match="no list that is known"):
        command(written(tmp_path, "list.csv", MAJESTIC), "--list", "alexa")
    with pytest.raises(CommandError, match="No such file"):
        command(tmp_path / "none.csv")
    with pytest.raises(CommandError, match="YYYY-MM-DD"):
        command(tmp_path / "none.csv", "--day", "soon")


def test_half_a_file_leaves_nothing_and_goes_on_when_it_is_whole(tmp_path: Path) -> None:
    whole = gzip.compress("".join(f"{rank},site{rank}.example\n" for rank in range(1, 5000)).encode())
    path = written(tmp_path, "tranco.csv.gz", whole[: len(whole) // 2])
    with pytest.raises(CommandError, match="damaged or cut off"):
        command(path)
    assert index.popularity.lists(0) == []
    path.write_bytes(whole)
    assert command(path)["domains"] == 4999


def test_bad_rows_are_refused_and_listed(tmp_path: Path) -> None:
    text = (
        "1,good.example\n0,zero.example\nx,letters.example\n4,not a domain\n5\n6,a.example,b\n,\n"
        "9999999999,late.example\n"
    )
    answer = command(written(tmp_path, "tranco.csv", text))
    assert (answer["rows"], answer["accepted"], answer["rejected"]) == (7, 1, 6)
    found = {one["row"]: (one["column"], one["reason"]) for one in answer["problems"]}
    assert found[2] == ("rank", "no rank: a whole number from 1")
    assert found[4] == ("domain", "no domain name")
    assert found[5] == ("", "1 cells where the header has 2")
    assert set(found) == {2, 3, 4, 5, 6, 8}
    assert b"letters.example" not in OpenImport.objects.get().problems_file.read()  # the cell that was refused


def test_an_archive_of_two_lists_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path, "tranco.zip", {"a.csv": "1,a.example\n", "b.csv": "1,b.example\n"})
    with pytest.raises(CommandError, match="more than one file"):
        command(path)


# --- Newer and older, again and again ---------------------------------------------------------------------------------
def test_a_newer_file_replaces_the_older_one_for_readers(tmp_path: Path) -> None:
    command(written(tmp_path, "tranco_2026-10-01.csv", "1,old.example\n2,both.example\n"))
    command(written(tmp_path, "crux.csv", "origin,rank\nhttps://old.example,1000\n"))
    command(written(tmp_path, "tranco_2026-11-01.csv", "1,both.example\n"))
    assert [one.list for one in index.popularity.popularity_of(0, ["old.example"])["old.example"]] == ["crux"]
    assert (standing("both.example").rank, standing("both.example").day) == (1, date(2026, 11, 1))
    facts = {one.list: (one.day, one.rows, one.workspace) for one in index.popularity.lists(0)}
    assert facts["tranco"] == (date(2026, 11, 1), 1, 0)
    assert engine.read("SELECT count() AS n FROM popularity WHERE list = 'tranco'")[0]["n"] == 1
    states = OpenImport.objects.filter(options__list="tranco").order_by("pk").values_list("state", flat=True)
    assert list(states) == ["removed", "done"]


def test_an_older_list_that_is_chosen_counts_and_says_so(tmp_path: Path) -> None:
    older = written(tmp_path, "tranco_2026-10-01.csv", "1,old.example\n")
    command(older)
    command(written(tmp_path, "tranco_2026-11-01.csv", "1,new.example\n"))
    answer = command(older)
    assert "older than the one that it replaces, of 2026-11-01" in " ".join(answer["notes"])
    assert list(index.popularity.popularity_of(0, ["old.example", "new.example"])) == ["old.example"]


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, "tranco.csv", "1,great.example\n")
    first = command(path)
    assert "was changed last on" in first["notes"][0]
    again = command(path)
    assert again["notes"] == ["This file was imported before: nothing changes."]
    assert (again["rows"], again["accepted"]) == (1, 1)
    assert Run.objects.count() == OpenImport.objects.count() == 1


def test_several_files_give_totals_and_one_bad_one_is_reported(tmp_path: Path) -> None:
    good = written(tmp_path, "tranco.csv", "1,great.example\n")
    answer = command(good, written(tmp_path, "bad.csv", "nothing\n"), written(tmp_path, "majestic.csv", MAJESTIC))
    assert (answer["rows"], answer["accepted"], answer["rejected"]) == (3, 3, 0)
    assert [one["list"] for one in answer["files"]] == ["tranco", "", "majestic"]
    assert "none of the lists" in answer["files"][1]["error"]


def test_a_second_attempt_goes_on_and_adds_nothing_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(popularity, "BLOCK_ROWS", 3)
    made = popularity.receive(written(tmp_path, "tranco.csv", "".join(f"{n},s{n}.example\n" for n in range(1, 11))))
    sent = []

    def add(*arguments: Any, **options: Any) -> None:
        if len(sent) == 2:
            raise index.IndexUnavailable("The link index does not answer.")
        sent.append(options["block"])
        index_add(*arguments, **options)

    index_add = index.popularity.add
    monkeypatch.setattr(index.popularity, "add", add)
    runs.execute(made.run_id)
    made.run.refresh_from_db()
    assert made.run.state == Run.State.QUEUED and index.popularity.lists(0) == []
    monkeypatch.setattr(index.popularity, "add", index_add)
    Run.objects.filter(pk=made.run_id).update(lease_until=None)
    runs.execute(made.run_id)
    made.refresh_from_db()
    assert (made.state, made.rows, made.options["domains"]) == ("done", 10, 10)
    assert engine.read("SELECT count() AS n FROM popularity")[0]["n"] == 10


def test_a_file_that_changed_since_it_was_named_is_not_read(tmp_path: Path) -> None:
    path = written(tmp_path, "tranco.csv", "1,great.example\n")
    made = popularity.receive(path)
    path.write_text("1,great.example\n2,more.example\n")
    runs.execute(made.run_id)
    made.refresh_from_db()
    assert made.state == OpenImport.State.FAILED and "has changed" in made.error
    assert command(path)["domains"] == 2


def test_a_removed_list_is_seen_by_nobody(tmp_path: Path) -> None:
    command(written(tmp_path, "tranco.csv", "1,great.example\n"))
    popularity.remove(OpenImport.objects.get())
    assert index.popularity.popularity_of(0, ["great.example"]) == {}
    assert command(tmp_path / "tranco.csv")["domains"] == 1
    assert standing("great.example").rank == 1


# --- Readers --------------------------------------------------------------------------------------------------------
def test_standings_are_columns_of_everything_that_counts(tmp_path: Path, cast: Cast) -> None:
    empty = index.popularity.standings(0)
    assert empty.num_rows == 0 and "rank" in empty.column_names
    command(written(tmp_path, "tranco.csv", "1,b.example\n2,a.example\n"), "--day", "2026-10-01")
    command(written(tmp_path, "umbrella.csv", "1,x.b.example\n2,b.example\n"))
    found = index.popularity.standings(cast.workspace.pk)
    assert found.column_names == ["domain", "list", "signal", "rank", "tier", "visits", "subnets", "score", "day"]
    rows = {(row["list"], row["domain"]): row for row in found.to_pylist()}
    assert len(rows) == found.num_rows == 3
    assert rows["tranco", "a.example"]["rank"] == 2 and rows["tranco", "a.example"]["day"] == date(2026, 10, 1)
    assert rows["umbrella", "b.example"]["rank"] == 1


def test_many_domains_are_read_in_portions_and_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.popularity, "SLICE_ROWS", 700)
    names = [f"site-with-a-long-name-{number:05}.example" for number in range(3000)]
    command(written(tmp_path, "tranco.csv", "".join(f"{at},{name}\n" for at, name in enumerate(names, 1))))
    found = index.popularity.popularity_of(0, [*names, "unknown.example", "o'brien\\.example"])
    assert len(found) == 3000 and found[names[-1]][0].rank == 3000
    assert index.popularity.standings(0)["domain"].to_pylist() == names


def test_a_list_makes_its_domains_as_old_as_its_day(tmp_path: Path) -> None:
    command(written(tmp_path, "tranco_2026-10-01.csv", "1,great.example\n"))
    command(written(tmp_path, "tranco_2026-11-01.csv", "2,great.example\n"))
    age = index.days.first_seen_of(0, ["great.example"])["great.example"]
    assert (age.first_seen, age.last_seen) == (date(2026, 10, 1), date(2026, 11, 1))
    assert set(age.by_source) == {"tranco"}


def test_a_list_can_be_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "tranco_1.csv"
    path.write_text("1,one.example\n2,two.example\n")
    command(path, "--list", "tranco")
    assert [one.list for one in index.popularity.lists(0)] == ["tranco"]
    assert command("--remove", "tranco") == {"list": "tranco", "removed": ["tranco_1.csv"]}
    assert not index.popularity.lists(0)
    with pytest.raises(CommandError, match="No list tranco is loaded"):
        command("--remove", "tranco")
    command(path, "--list", "tranco")
    assert index.popularity.popularity_of(0, ["two.example"])
