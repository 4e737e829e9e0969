"""Releases of hosts folded to domains, neighbourhoods, and runs that were killed."""

import signal
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db import connection

from backlinks.index import engine, graph
from backlinks.models import OpenImport
from backlinks.openweb import webgraph_ids, webgraph_text
from projects.models import Run
from tests import killed
from tests.backlinks.openweb.released import SPRING, WINTER, edges, held, hosts, ranks, release, run, vertices, write
from tests.conftest import Cast
from tests.factories import add_links

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("link_index")]
# In the order of reversed hosts, in which a hyphen stands before a dot: the hosts of com.one are not in one place.
WITHOUT_WWW = ["com.one", "com.one-two", "com.one.blog", "com.three", "io.github.me", "io.github.you", "org.four.a"]
WITH_WWW = [
    "com.one", "com.one-two.www", "com.one.blog", "com.one.www", "com.three.www", "io.github.me", "io.github.you",
    "org.four.a.www",
]  # fmt: skip


def by_name(names: list[str], pairs: list[tuple[str, str]]) -> list[str]:
    at = {name: number for number, name in enumerate(names)}
    return edges(sorted((at[source], at[target]) for source, target in pairs))


# --- Hosts --------------------------------------------------------------------------------------------------------
def test_hosts_become_domains(tmp_path: Path) -> None:
    pairs = [
        ("com.one", "com.three"), ("com.one.blog", "com.three"), ("com.one.blog", "com.one"),
        ("com.three", "com.one.blog"), ("io.github.me", "io.github.you"), ("org.four.a", "com.one-two"),
    ]  # fmt: skip
    told = run(release(tmp_path, level="host", of_vertices=hosts(WITHOUT_WWW), of_edges=by_name(WITHOUT_WWW, pairs)))
    assert (told["level"], told["rows"], told["accepted"], told["rejected"]) == ("host", 13, 12, 0)
    assert (told["domains"], told["edges"], told["left_out"]["inside"]) == (6, 4, 1)
    found = held()
    assert [(row["id"], name, row["hosts"]) for name, row in found["domains"].items()] == [
        (0, "com.one", 2), (1, "com.one-two", 1), (2, "com.three", 1), (3, "io.github.me", 1), (4, "io.github.you", 1),
        (5, "org.four", 1),
    ]  # fmt: skip
    assert found["edges"] == [
        ("com.three", "com.one"), ("org.four", "com.one-two"), ("com.one", "com.three"),
        ("io.github.me", "io.github.you"),
    ]  # fmt: skip


def test_on_both_sides_of_the_www_border_the_domains_are_the_same(tmp_path: Path) -> None:
    old = [("com.one", "com.three"), ("com.one-two", "com.one"), ("org.four.a", "com.three")]
    new = [("com.one.www", "com.three.www"), ("com.one-two.www", "com.one"), ("com.one", "com.one.www"),
           ("org.four.a.www", "com.three.www")]  # fmt: skip
    run(release(tmp_path / "old", name=WINTER, level="host", of_vertices=hosts(WITHOUT_WWW),
                of_edges=by_name(WITHOUT_WWW, old)))  # fmt: skip
    before = held()
    run(release(tmp_path / "new", level="host", of_vertices=hosts(WITH_WWW), of_edges=by_name(WITH_WWW, new)))
    assert held() == before


def test_a_domain_has_the_best_rank_of_its_hosts(tmp_path: Path) -> None:
    names = ["com.one", "com.one.blog", "com.two"]
    rows = [(1, "9.0", 3, "0.1", "com.two"), (2, "7.0", 1, "0.5", "com.one.blog"), (3, "7.0", 2, "0.3", "com.one")]
    run(release(tmp_path, level="host", of_vertices=hosts(names), of_edges=edges([(0, 2)]), of_ranks=ranks(rows)))
    one = held()["domains"]["com.one"]
    assert (one["harmonic"], one["harmonic_at"], one["pagerank"], one["pagerank_at"]) == (7.0, 2.5, 0.5, 1.0)


def test_split_files_are_one_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webgraph_ids, "SLICE_LINES", 2)
    pairs = [("com.one", "com.three"), ("com.one.blog", "com.three"), ("io.github.me", "org.four.a")]
    lines, links = hosts(WITHOUT_WWW), by_name(WITHOUT_WWW, pairs)
    for number, part in enumerate((lines[:3], lines[3:])):
        write(tmp_path / "vertices" / f"part-{number}.txt.gz", part)
    for number, part in enumerate((links[:1], links[1:])):
        write(tmp_path / "edges" / f"part-{number}.txt.gz", part)
    for kind in ("vertices", "edges"):
        write(tmp_path / f"{SPRING}-host-{kind}.paths.gz", [f"x/host/{kind}/part-{number}.txt.gz" for number in (0, 1)])
    told = run(tmp_path)
    assert (told["domains"], told["edges"]) == (6, 2), "an edge that two files say counts once"
    assert held()["edges"] == [("com.one", "com.three"), ("io.github.me", "org.four")]


def test_a_bad_host_goes_with_its_edges(tmp_path: Path) -> None:
    names = ["com.one", "com.one.a/b", "com.two"]
    told = run(release(tmp_path, level="host", of_vertices=hosts(names), of_edges=edges([(0, 2), (1, 2)])))
    assert (told["rejected"], told["domains"], told["edges"], told["left_out"]["nameless"]) == (1, 2, 1, 1)


# --- Neighbourhood ------------------------------------------------------------------------------------------------
def test_the_neighbourhood_is_what_touches_the_workspaces_domains(cast: Cast, tmp_path: Path) -> None:
    add_links(
        workspace=cast.workspace.pk,
        links=[{"source": "https://news.example/story", "target": "https://client.example/", "anchor": "Client"}],
    )
    names = ["example.client", "example.far", "example.news", "example.paper", "example.rival", "example.wide"]
    pairs = [(1, 5), (2, 0), (3, 2), (4, 5), (5, 1)]
    release(
        tmp_path, of_vertices=vertices(names), of_edges=edges(pairs), of_ranks=ranks([(1, "1.0", 1, "0.1", names[3])])
    )
    told = run(tmp_path, neighbourhood=True)
    assert (told["part"], told["domains"], told["edges"], told["left_out"]["outside"]) == ("neighbourhood", 5, 3, 2)
    found = held()
    assert found["edges"] == [
        ("example.news", "example.client"), ("example.paper", "example.news"), ("example.rival", "example.wide"),
    ]  # fmt: skip
    assert {name: row["id"] for name, row in found["domains"].items()} == {
        "example.client": 0, "example.news": 2, "example.paper": 3, "example.rival": 4, "example.wide": 5,
    }  # fmt: skip
    assert found["domains"]["example.paper"]["harmonic_at"] == 1.0
    options = OpenImport.objects.get().options
    assert (options["targets"], options["near"]) == (3, 4)
    assert run(tmp_path)["edges"] == 5, "the whole takes its place"
    assert [one.part for one in graph.releases()] == ["whole"]


def test_another_neighbourhood_is_read_anew(cast: Cast, tmp_path: Path) -> None:
    names = ["example.client", "example.far", "example.second"]
    release(tmp_path, of_vertices=vertices(names), of_edges=edges([(0, 1), (1, 2)]))
    assert run(tmp_path, neighbourhood=True)["edges"] == 2
    cast.second_project.delete()
    assert run(tmp_path, neighbourhood=True)["edges"] == 1
    assert len(graph.releases()) == 1


def test_a_neighbourhood_of_hosts(cast: Cast, tmp_path: Path) -> None:
    names = ["example.client.www", "example.far", "example.news.a", "example.news.b"]
    release(tmp_path, level="host", of_vertices=hosts(names), of_edges=edges([(1, 2), (2, 0), (3, 0)]))
    told = run(tmp_path, neighbourhood=True)
    assert (told["domains"], told["edges"], held()["edges"]) == (2, 1, [("example.news", "example.client")])


def test_a_neighbourhood_of_nobody_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No project has a domain yet, so nothing is near"):
        run(release(tmp_path), neighbourhood=True)


# --- Killed in the middle -----------------------------------------------------------------------------------------
NAMES = [f"com.site-{n:03}" for n in range(60)]
PAIRS = sorted({(n * 7 % 60, n * n * 13 % 60) for n in range(300)})
SMALL = """import os, sys
sys.path.insert(0, os.getcwd())
import django
django.setup()
from backlinks.openweb import webgraph_ids, webgraph_text
webgraph_text.BLOCK_BYTES, webgraph_ids.SLICE_LINES = 400, 7
from django.core.management import call_command
call_command("import_webgraph", sys.argv[1], json=True)
"""
POINTS = [
    "webgraph vertices sent", "webgraph vertices block", "webgraph ranks block", "webgraph edges sent",
    "webgraph edges block", "webgraph domains", "webgraph published", "webgraph concluded",
]  # fmt: skip


def state_of_tables() -> list[object]:
    """All of the tables of the graph, whatever the batch is called."""
    columns = {
        "graph_domains": "id, reversed, hosts, harmonic, harmonic_at, pagerank, pagerank_at",
        "graph_edges": "target, source",
        "graph_names": "id",
        "graph_ranks": "reversed",
        "domain_days": "domain, source, min(first_seen), max(last_seen)",
    }
    found: list[object] = [(one.release, one.nodes, one.edges) for one in graph.releases()]
    for table, names in columns.items():
        group = " GROUP BY domain, source" if table == "domain_days" else ""
        found.append([tuple(row.values()) for row in engine.read(f"SELECT {names} FROM {table}{group} ORDER BY ALL")])
    return found


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("level", "points"), [("domain", POINTS), ("host", POINTS[4:6])])
def test_killed_at_every_point_a_further_run_gives_the_undisturbed_tables(
    tmp_path: Path, level: str, points: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run goes on where the last one was killed, and is killed at the next point."""
    rows = [(n + 1, f"{60 - n // 4}.0", 60 - n, f"{n // 3}.0", NAMES[n]) for n in range(60)]
    lines = vertices(NAMES) if level == "domain" else hosts(NAMES)
    folder = release(tmp_path, level=level, of_vertices=lines, of_edges=edges(PAIRS), of_ranks=ranks(rows))
    with monkeypatch.context() as patch:
        patch.setattr(webgraph_text, "BLOCK_BYTES", 400)
        patch.setattr(webgraph_ids, "SLICE_LINES", 7)
        undisturbed = run(folder)
    wanted = state_of_tables()
    run("--remove", SPRING)
    for table in ("domain_days", "batches", "graph_releases"):
        engine.write(f"TRUNCATE TABLE {table}")
    OpenImport.objects.all().delete()
    connection.close()
    for point in points:
        ended = killed.python("-c", SMALL, str(folder), kill_at=point)
        assert ended.returncode == -signal.SIGKILL, (point, ended.stderr)
        assert graph.releases() == [] or point in ("webgraph published", "webgraph concluded"), "never half"
        Run.objects.update(lease_until=None, state=Run.State.QUEUED, attempts=1)
    resumed = killed.python("-c", SMALL, str(folder))
    assert resumed.returncode == 0, resumed.stderr
    assert state_of_tables() == wanted
    made = OpenImport.objects.get()
    assert (made.rows, made.accepted, made.rejected) == tuple(
        undisturbed[name] for name in ("rows", "accepted", "rejected")
    )
