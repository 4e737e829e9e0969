"""`import_webgraph`: a release of domains, what is refused of it, and what it never touches."""

from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from backlinks import index
from backlinks.index import engine, graph
from backlinks.models import OpenImport
from backlinks.openweb import webgraph, webgraph_ids, webgraph_text
from projects import runs
from projects.models import Run
from tests.backlinks.openweb.released import EDGES, NAMES, SPRING, WINTER, edges, held, ranks, release, run, vertices
from tests.conftest import Cast
from tests.factories import add_links

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("link_index")]


def rows_in(table: str) -> int:
    return engine.read(f"SELECT count() AS n FROM {table}")[0]["n"]


# --- A whole release ----------------------------------------------------------------------------------------------
def test_a_release_is_read_whole(tmp_path: Path) -> None:
    told = run(release(tmp_path))
    assert {name: told[name] for name in ("rows", "accepted", "rejected", "release", "level", "part")} == {
        "rows": 10, "accepted": 10, "rejected": 0, "release": SPRING, "level": "domain", "part": "whole",
    }  # fmt: skip
    assert (told["domains"], told["edges"], told["problems"]) == (5, 5, [])
    found = graph.current()
    assert found is not None
    assert (found.release, found.first_day, found.last_day) == (SPRING, date(2026, 4, 1), date(2026, 6, 30))
    assert [row["id"] for row in held()["domains"].values()] == [0, 1, 2, 3, 4]
    assert held()["domains"]["com.delta"] == {
        "id": 3, "reversed": "com.delta", "hosts": 4, "harmonic": 0.0, "harmonic_at": 0.0, "pagerank": 0.0,
        "pagerank_at": 0.0,
    }  # fmt: skip
    assert held()["edges"] == [
        ("org.echo", "com.alpha"), ("com.alpha", "com.client"), ("com.beta", "com.client"), ("com.delta", "com.client"),
        ("com.beta", "com.delta"),
    ]  # fmt: skip
    assert graph.node_of(found, "client.com") == 2
    assert graph.node_of(found, "nowhere.com") is None


@pytest.mark.parametrize("at_once", [1, 3])
def test_tied_ranks_get_the_middle_of_their_positions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(webgraph_ids, "POSITIONS", at_once)
    told = run(release(tmp_path, of_ranks=ranks()))
    assert (told["rows"], told["rejected"]) == (15, 0)
    found = held()["domains"]
    shown = {name: (found[name]["harmonic_at"], found[name]["pagerank_at"]) for name in NAMES}
    assert shown == {
        "com.client": (1.0, 1.0), "com.alpha": (3.0, 3.5), "com.beta": (3.0, 2.0), "com.delta": (3.0, 3.5),
        "org.echo": (5.0, 5.0),
    }  # fmt: skip
    assert (found["com.client"]["harmonic"], found["org.echo"]["pagerank"]) == (29_799_486.0, 1e-9)
    scratch_is_gone_and_days_are_noted()


def scratch_is_gone_and_days_are_noted() -> None:
    assert (rows_in("graph_names"), rows_in("graph_ranks")) == (0, 0)
    days = engine.read("SELECT domain, source, first_seen, last_seen FROM domain_days WHERE domain = 'echo.org'")
    assert days == [
        {"domain": "echo.org", "source": "commoncrawl", "first_seen": date(2026, 4, 1), "last_seen": date(2026, 6, 30)}
    ]


@pytest.mark.parametrize("at_once", [2, 5, 16])
def test_ties_do_not_depend_on_how_many_positions_are_looked_at_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(webgraph_ids, "POSITIONS", at_once)
    values = [9, 9, 9, 5, 5, 4, 3, 3, 3, 3, 3, 3, 2, 1, 1]
    names = [f"com.site-{n:02}" for n in range(len(values))]
    rows = [(at + 1, f"{value}.0", at + 1, f"{value}.0", names[at]) for at, value in enumerate(values) if at != 9]
    run(release(tmp_path, of_vertices=vertices(names), of_ranks=ranks(rows)))
    shown = [row["harmonic_at"] for row in held()["domains"].values()]
    assert shown == [2.0] * 3 + [4.5] * 2 + [6.0] + [9.5] * 3 + [0.0] + [9.5] * 2 + [13.0] + [14.5] * 2


def test_names_are_as_browsers_know_them(tmp_path: Path) -> None:
    names = ["com.Alpha", "com.foo_bar", "de.münchen", "de.xn--bcher-kva", "uk.co"]
    run(release(tmp_path, of_vertices=vertices(names), of_edges=edges([(0, 2), (4, 3)])))
    assert set(held()["domains"]) == {"com.alpha", "com.foo_bar", "de.xn--mnchen-3ya", "de.xn--bcher-kva", "uk.co"}
    found = graph.current()
    assert found
    assert graph.node_of(found, "xn--mnchen-3ya.de") == 2


def test_a_bad_name_goes_with_its_edges(tmp_path: Path) -> None:
    names = [*NAMES, "org.a/b", "10.0.0.1", "localhost"]
    told = run(release(tmp_path, of_vertices=vertices(names), of_edges=edges([(0, 2), (5, 2), (2, 6), (7, 6)])))
    assert (told["rows"], told["accepted"], told["rejected"], told["domains"], told["edges"]) == (12, 6, 3, 5, 1)
    assert told["left_out"] == {"inside": 0, "nameless": 3, "outside": 0}
    assert [(one["row"], one["column"], one["value"]) for one in told["problems"]] == [
        (6, "name", "org.a/b"), (7, "name", "10.0.0.1"), (8, "name", "localhost"),
    ]  # fmt: skip
    assert "not a host name" in told["problems"][0]["reason"]
    made = OpenImport.objects.get()
    assert made.problems_file.read().decode().count("\n") == 4
    assert any("3 edges of a vertex whose name was refused" in note for note in told["notes"])


def test_two_lines_of_one_name_are_one_domain(tmp_path: Path) -> None:
    names = [*NAMES, "COM.client"]
    told = run(release(tmp_path, of_vertices=vertices(names), of_edges=edges([(0, 2), (0, 5), (5, 1), (5, 2)])))
    assert (told["domains"], told["edges"]) == (5, 2)
    assert held()["edges"] == [("com.client", "com.beta"), ("com.alpha", "com.client")]
    assert told["left_out"]["inside"] == 1


def test_an_edge_counts_once_and_a_domain_does_not_link_to_itself(tmp_path: Path) -> None:
    told = run(release(tmp_path, of_edges=edges([(0, 2), (0, 2), (2, 2), (0, 2), (1, 0)])))
    assert (told["edges"], held()["edges"]) == (2, [("com.beta", "com.alpha"), ("com.alpha", "com.client")])
    assert told["left_out"]["inside"] == 1


def test_a_few_lines_that_cannot_be_read_are_results(tmp_path: Path) -> None:
    told = run(release(tmp_path, of_edges=[*edges(), "", "1\tx", "1\t2\t3", "-1\t2", "99999999999\t1"]))
    assert (told["rejected"], told["edges"]) == (5, 5)
    assert [(one["row"], one["column"]) for one in told["problems"]] == [
        (6, ""), (7, "target"), (8, ""), (9, "source"), (10, "source"),
    ]  # fmt: skip


def test_a_first_line_that_is_wrong_is_one_of_them(tmp_path: Path) -> None:
    told = run(release(tmp_path, of_vertices=["junk", *vertices()[1:]], of_edges=["from", *edges()]))
    assert (told["rejected"], told["domains"], told["edges"], told["left_out"]["nameless"]) == (2, 4, 3, 2)


def test_a_few_ids_beyond_the_vertices_are_results_in_a_long_file(tmp_path: Path) -> None:
    told = run(release(tmp_path, of_edges=[*edges((n % 5, (n + 1) % 5) for n in range(400)), "3\t5"]))
    assert (told["rejected"], told["edges"]) == (1, 5)
    assert told["problems"][0] | {"file": ""} == {
        "file": "", "row": 401, "column": "target", "reason": "no such vertex: ids run from 0 to 4", "value": "5",
    }  # fmt: skip


def test_ranks_of_positions_that_cannot_be_are_refused(tmp_path: Path) -> None:
    rows = [(1, "2.0", 1, "0.5", "com.client"), (900, "1.0", 2, "0.4", "com.alpha"), (2, "nan", 3, "0.1", "com.beta")]
    told = run(release(tmp_path, of_ranks=ranks(rows)))
    assert (told["rejected"], [one["row"] for one in told["problems"]]) == (2, [3, 4])
    assert held()["domains"]["com.alpha"]["harmonic_at"] == 0.0


def test_edges_need_no_order_and_lines_may_end_as_windows_writes_them(tmp_path: Path) -> None:
    unordered = edges([(4, 0), (0, 2), (3, 2), (1, 3), (1, 2)])
    files = {"of_vertices": vertices(), "of_edges": unordered, "of_ranks": ranks()}
    told = run(release(tmp_path, **{name: [f"{line}\r" for line in lines] for name, lines in files.items()}))
    assert (told["rejected"], told["domains"], told["edges"]) == (0, 5, 5)
    assert held()["edges"][0] == ("org.echo", "com.alpha")


def test_files_that_are_not_packed_and_have_no_release_in_their_names(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    release(folder)
    for kind in ("vertices", "edges"):
        (folder / f"{SPRING}-domain-{kind}.txt.gz").rename(folder / f"{kind}.txt.gz")
    told = run(folder)
    assert (told["release"], told["level"], told["edges"]) == ("mine", "domain", 5)
    assert rows_in("domain_days") == 0
    assert "no months" in told["notes"][0]


# --- What ends a run ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"of_edges": edges([(0, 2), (1, 5)])}, r"edges.txt.gz: 1 of 2 lines .* name a vertex .*ids run from 0 to 4"),
        ({"of_edges": ranks()}, "does not hold edges .* it looks like ranks"),
        ({"of_edges": vertices()}, "does not hold edges .* it looks like vertices"),
        ({"of_ranks": vertices()}, "does not hold ranks .* it looks like vertices"),
        ({"of_vertices": edges()}, "does not hold vertices .* it looks like edges"),
        ({"of_vertices": ["<html>", "<body>"]}, "it looks like none of a release's files"),
        ({"of_edges": []}, "edges.txt.gz is empty"),
        ({"of_vertices": [*vertices()[:2], *vertices()[3:]]}, "line 3: the id is 3 where 2 is expected"),
        ({"of_vertices": [f"{at}\torg.a b{at}\t1" for at in range(30)]}, "30 of 30 lines .*Is it the right file"),
    ],
)
def test_a_wrong_file_ends_the_run_with_a_sentence(tmp_path: Path, files: dict[str, list[str]], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(release(tmp_path, **files))
    made = OpenImport.objects.get()
    assert (made.state, made.run.state) == (OpenImport.State.FAILED, Run.State.FAILED)
    assert made.run.error == made.error
    assert graph.current() is None
    assert rows_in("domain_days") == 0


def test_the_releases_own_numbers_are_kept_to(tmp_path: Path) -> None:
    (release(tmp_path) / f"{SPRING}-domain.properties").write_text("#BVGraph\nnodes=5\narcs=6\n")
    with pytest.raises(CommandError, match=r"The edges have 5 lines, and the .properties of .* say 6"):
        run(tmp_path)
    assert graph.current() is None
    assert run(release(tmp_path, of_edges=edges([(0, 1), *EDGES])))["edges"] == 6


def test_once_it_is_mended_the_run_goes_on(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="name a vertex"):
        run(release(tmp_path, of_edges=edges([(0, 9)])))
    told = run(release(tmp_path))
    assert (told["edges"], OpenImport.objects.count()) == (5, 1)


def test_half_a_file_ends_the_run_and_is_completed_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webgraph_text, "BLOCK_BYTES", 2048)
    monkeypatch.setattr(webgraph_text, "PIECE_BYTES", 512)
    names, pairs = _many()
    release(tmp_path, of_vertices=vertices(names), of_edges=edges(pairs))
    path = tmp_path / f"{SPRING}-domain-edges.txt.gz"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CommandError, match=r"ends in the middle: its [\d,]+ bytes .* read [1-9][\d,]* lines"):
        run(tmp_path)
    made = OpenImport.objects.get()
    done = made.progress["files"][path.name]["blocks"]
    assert done > 1
    assert graph.current() is None
    batch = made.batch
    path.write_bytes(whole)
    told = run(tmp_path)
    made.refresh_from_db()
    assert (made.batch, made.progress["files"][path.name]["blocks"] > done) == (batch, True)
    assert told["edges"] == len({(a, b) for a, b in pairs if a != b})
    assert told["rows"] == 200 + 3000
    assert rows_in("graph_edges") == sum(a != b for a, b in pairs), "no block is there twice"


def _many() -> tuple[list[str], list[tuple[int, int]]]:
    """Names and edges that gzip cannot make much smaller."""
    pairs = [(n * n * 7919 % 10_007 % 200, n * n * n * 104_729 % 10_009 % 200) for n in range(3000)]
    return [f"com.site-{n:03}" for n in range(200)], pairs


def test_other_files_under_the_same_name_start_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webgraph_text, "BLOCK_BYTES", 16)
    with pytest.raises(CommandError):
        run(release(tmp_path, of_edges=[*edges(), "0\t9"]))
    batch = OpenImport.objects.get().batch
    assert rows_in("graph_names") == 5
    told = run(release(tmp_path, of_vertices=vertices(["com.one", "com.two"]), of_edges=edges([(0, 1)])))
    assert (told["domains"], told["edges"], told["rows"]) == (2, 1, 3)
    assert OpenImport.objects.get().batch != batch
    assert engine.read(f"SELECT count() AS n FROM graph_edges WHERE batch = {batch}")[0]["n"] == 0


def test_a_damaged_file_says_where(tmp_path: Path) -> None:
    names, pairs = _many()
    release(tmp_path, of_vertices=vertices(names), of_edges=edges(pairs))
    path = tmp_path / f"{SPRING}-domain-edges.txt.gz"
    data = bytearray(path.read_bytes())
    data[-8:-4] = b"\0" * 4  # the checksum
    path.write_bytes(data)
    with pytest.raises(CommandError, match=r"is damaged near byte [\d,]+ of"):
        run(tmp_path)


def test_a_full_disk_is_said_and_the_run_goes_on_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise RuntimeError("Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space. (NOT_ENOUGH_SPACE)")

    with monkeypatch.context() as patch:
        patch.setattr(engine, "insert_packed", full)
        with pytest.raises(CommandError, match=r"The disk of the link index is full: make room .* goes on"):
            run(release(tmp_path))
    assert graph.current() is None
    assert run(tmp_path)["edges"] == 5


@pytest.mark.parametrize("lost", ["add", "add_edges"])
def test_a_block_that_the_index_takes_and_does_not_keep_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(graph, lost, lambda *_, **__: None)
        with pytest.raises(CommandError, match="The link index did not keep all rows of graph_"):
            run(release(tmp_path))
    assert graph.current() is None
    assert run(tmp_path)["edges"] == 5
    assert len(held()["domains"]) == 5


def test_a_disk_that_is_too_small_is_refused_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "free_bytes", lambda: 100)
    with pytest.raises(CommandError, match=r"needs about 0.0 GB .* --neighbourhood, or try nevertheless with --force"):
        run(release(tmp_path))
    assert rows_in("graph_names") == 0
    assert run(tmp_path, force=True)["edges"] == 5


def test_an_index_that_is_away_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise index.IndexUnavailable("The link index does not answer: refused")

    made = webgraph.receive(release(tmp_path))
    with monkeypatch.context() as patch:
        patch.setattr(graph, "add_edges", away)
        runs.execute(made.run_id)
    waiting = Run.objects.get()
    assert (waiting.state, "does not answer" in waiting.error) == (Run.State.QUEUED, True)
    Run.objects.update(lease_until=None)
    runs.execute(made.run_id)
    made.refresh_from_db()
    assert (made.state, made.error, held()["count"]) == (OpenImport.State.DONE, "", 5)


def test_a_cancelled_run_shows_nothing_and_goes_on_when_asked(tmp_path: Path) -> None:
    made = webgraph.receive(release(tmp_path))
    Run.objects.update(cancel_asked=True)
    runs.execute(made.run_id)
    made.refresh_from_db()
    assert (made.state, made.error.partition(":")[0]) == (OpenImport.State.FAILED, "Cancelled")
    assert graph.current() is None
    assert run(tmp_path)["edges"] == 5


# --- Older ones, and taking out -----------------------------------------------------------------------------------
def test_an_older_release_goes_unless_it_is_kept(tmp_path: Path) -> None:
    run(release(tmp_path / "old", name=WINTER))
    kept = run(release(tmp_path / "new"), keep_old=True)
    assert [one.release for one in graph.releases()] == [SPRING, WINTER]
    run("--remove", WINTER)
    run(tmp_path / "old")
    assert [one.release for one in graph.releases()] == [SPRING, WINTER], "the one that is read later is the older one"
    run("--remove", SPRING)
    assert [one.release for one in graph.releases()] == [WINTER]
    assert run(tmp_path / "new")["edges"] == kept["edges"]
    assert [one.release for one in graph.releases()] == [SPRING]
    states = dict(OpenImport.objects.filter(options__release=WINTER).values_list("state", "identity"))
    assert states == {OpenImport.State.REMOVED: None}
    assert {row["batch"] for row in engine.read("SELECT DISTINCT batch FROM graph_edges")} == {graph.current().batch}


def test_the_same_release_again_changes_nothing_and_removing_is_for_good(tmp_path: Path) -> None:
    first = run(release(tmp_path))
    again = run(tmp_path)
    assert (again["accepted"], again["edges"]) == (first["accepted"], first["edges"])
    assert "read before" in again["notes"][0]
    assert OpenImport.objects.count() == 1
    assert run("--remove", SPRING) == {"release": SPRING, "removed": [f"{SPRING} (domain)"]}
    assert graph.current() is None
    assert (rows_in("graph_domains"), rows_in("graph_edges"), rows_in("graph_releases")) == (0, 0, 0)
    with pytest.raises(CommandError, match=f"no release '{SPRING}' here: there is none"):
        run("--remove", SPRING)
    Run.objects.update(state=Run.State.QUEUED)
    runs.execute(Run.objects.get().pk)
    assert graph.current() is None, "a run that is tried again brings nothing back"
    assert OpenImport.objects.get().state == OpenImport.State.REMOVED


def test_what_is_being_read_is_not_removed(tmp_path: Path) -> None:
    webgraph.receive(release(tmp_path))
    with pytest.raises(CommandError, match="is being read: cancel its run first"):
        run("--remove", SPRING)


def test_a_folder_or_a_release_must_be_named() -> None:
    with pytest.raises(CommandError, match="Name a folder with a release, or a release to --remove"):
        call_command("import_webgraph")


# --- Edges are no links -------------------------------------------------------------------------------------------
def test_links_of_a_profile_stay_as_they_are(cast: Cast, tmp_path: Path) -> None:
    add_links(
        workspace=cast.workspace.pk,
        links=[{"source": "https://news.example/story", "target": "https://client.example/", "anchor": "Client"}],
    )
    before = _links(cast)
    names = ["example.client", "example.news", "example.other"]
    run(release(tmp_path / "new", of_vertices=vertices(names), of_edges=edges([(1, 0), (2, 0)])))
    assert _links(cast) == before
    run(
        release(
            tmp_path / "newer", name="cc-main-2026-jul-aug-sep", of_vertices=vertices(names), of_edges=edges([(0, 1)])
        )
    )
    assert _links(cast) == before, "what a newer release lacks is not lost"
    assert (rows_in("observations"), rows_in("domain_links")) == (1, 0)


def _links(cast: Cast) -> dict[str, int]:
    query = index.LinkQuery.parse(workspace=cast.workspace.pk, target=cast.project.target, report="links", params={})
    head = index.headline(query)
    return {name: getattr(head, name) for name in ("links", "live", "lost", "unknown", "follow", "nofollow")}
