"""The door to the index: migrations for one server or a cluster, and errors in words."""

import importlib
import re
import threading
from typing import Any

import pytest

from backlinks import index
from backlinks.index import engine, writer

settle = importlib.import_module("backlinks.index.settle")  # the package's own name for it is the function
MIGRATIONS = sorted(engine.MIGRATIONS.glob("*.sql"))


def _statements(cluster: str = "") -> list[str]:
    return [statement for path in MIGRATIONS for statement in engine.statements(path.read_text(), cluster)]


# --- Migrations ----------------------------------------------------------------------------------------------------
def test_on_one_server_tables_are_plain() -> None:
    made = _statements()
    assert all(re.match(r"CREATE TABLE IF NOT EXISTS |ALTER TABLE \w+ ADD COLUMN IF NOT EXISTS ", one) for one in made)
    assert not any(re.search("Replicated[A-Z]|Distributed|ON CLUSTER", one) for one in made)
    tables = {found.group(1) for one in made if (found := re.match(r"CREATE TABLE IF NOT EXISTS (\w+)", one))}
    assert tables >= {*writer.LOG_TABLES, "batches", *settle.DERIVED}


# Open data, scores, words and benchmarks are no target's: they lie together, by workspace.
OF_A_WORKSPACE = {
    "batches", "graph_releases", "graph_domains", "graph_edges", "graph_names", "graph_ranks", "popularity",
    "ip_ranges", "domain_days", "authority_runs", "authority", "authority_days", "benchmark_domains", "topic_words",
    "listed_hosts",
}  # fmt: skip
SHARDS = dict.fromkeys(OF_A_WORKSPACE, "workspace") | {"page_facts": "cityHash64(source_domain)"}


def test_in_a_cluster_tables_are_replicated_and_sharded_by_target() -> None:
    made = _statements("agency")
    local = {
        found.group(1): one
        for one in made
        if (found := re.match(r"CREATE TABLE IF NOT EXISTS (\w+)_local ON CLUSTER agency ", one))
    }
    shared = {
        found.group(1): one
        for one in made
        if "ENGINE = Distributed" in one
        and (found := re.match(r"CREATE TABLE IF NOT EXISTS (\w+) ON CLUSTER agency AS", one))
    }
    assert set(local) == set(shared)
    assert set(local) >= {*writer.LOG_TABLES, "batches", *settle.DERIVED}
    for name, statement in local.items():
        assert re.search(r"ENGINE = Replicated(Replacing|Aggregating)?MergeTree", statement), name
        assert "non_replicated" not in statement
        shard = SHARDS.get(name, "cityHash64(target_domain)")
        assert shared[name].endswith(f"Distributed(agency, currentDatabase(), {name}_local, {shard})")


def test_in_a_cluster_both_tables_get_a_new_column() -> None:
    text = "ALTER TABLE links ADD COLUMN IF NOT EXISTS colour String;\nALTER TABLE links ADD INDEX i batch TYPE set(9);"
    assert list(engine.statements(text, "agency")) == [
        "ALTER TABLE links_local ON CLUSTER agency ADD COLUMN IF NOT EXISTS colour String",
        "ALTER TABLE links ON CLUSTER agency ADD COLUMN IF NOT EXISTS colour String",
        "ALTER TABLE links_local ON CLUSTER agency ADD INDEX i batch TYPE set(9)",
    ]
    assert next(iter(engine.statements(text))) == "ALTER TABLE links ADD COLUMN IF NOT EXISTS colour String"


def test_the_list_of_migrations_is_one_for_all_shards() -> None:
    assert engine.migrations_table().endswith("ENGINE = MergeTree ORDER BY name")
    clustered = engine.migrations_table("agency")
    assert "migrations ON CLUSTER agency (" in clustered
    assert "ReplicatedMergeTree('/clickhouse/tables/{database}/migrations', '{shard}-{replica}')" in clustered


def test_deletes_go_to_the_local_tables_of_a_cluster() -> None:
    assert engine.deletion("links", "batch = 1") == "DELETE FROM links WHERE batch = 1"
    assert (
        engine.deletion("links", "batch = 1", "agency") == "DELETE FROM links_local ON CLUSTER agency WHERE batch = 1"
    )


class _Recorder:
    """Stands for the client: keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def command(self, sql: str, *, parameters: dict[str, Any], settings: dict[str, Any]) -> None:
        self.asked.append((sql, settings))


def test_in_a_cluster_every_statement_waits_for_all_shards(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    recorder = _Recorder()
    monkeypatch.setattr(engine._local, "client", recorder, raising=False)
    engine.write("INSERT INTO links SELECT 1")
    settings.LINK_INDEX_CLUSTER = "agency"
    engine.write("INSERT INTO links SELECT 1", optimize_aggregation_in_order=1)
    engine.delete("links", "1", {})
    (_, plain), (_, clustered), (deletion, waiting) = recorder.asked
    assert plain == {}
    assert clustered == engine.CLUSTER_SETTINGS | {"optimize_aggregation_in_order": 1}
    assert clustered["distributed_foreground_insert"] == 1
    assert deletion.startswith("DELETE FROM links_local ON CLUSTER agency")
    assert waiting["mutations_sync"] == 2


def test_migrating_twice_does_nothing(link_index: None) -> None:
    assert index.pending() == []
    assert index.migrate() == []


# --- Reading and writing -------------------------------------------------------------------------------------------
def test_reads_cannot_write(link_index: None) -> None:
    with pytest.raises(Exception, match=r"(?i)readonly"):
        engine.read("INSERT INTO generations (workspace) VALUES (1)")


def test_a_value_stays_a_value(link_index: None) -> None:
    text = "'; DROP TABLE links; -- {x:String} \\ \n \u2028 %s"
    assert engine.read("SELECT {text:String} AS text", {"text": text}) == [{"text": text}]


def test_a_stream_gives_all_rows_in_blocks(link_index: None) -> None:
    numbers = [row["number"] for row in engine.stream("SELECT number FROM numbers({n:UInt64})", {"n": 200_000})]
    assert numbers == list(range(200_000))


def test_each_thread_has_a_client_of_its_own(link_index: None) -> None:
    seen: list[int] = []

    def read() -> None:
        engine.read("SELECT 1")
        with engine.client() as held:
            seen.append(id(held))
        engine.forget()

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
        thread.join()
    with engine.client() as held:
        assert id(held) not in seen


def test_a_connection_that_ended_is_made_anew(link_index: None, monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone:
        def query(self, *_: Any, **__: Any) -> None:
            raise ConnectionResetError("gone")

        def close(self) -> None:
            pass

    engine.forget()
    monkeypatch.setattr(engine._local, "client", Gone(), raising=False)
    assert engine.read("SELECT 1 AS one") == [{"one": 1}]


def test_an_index_that_does_not_answer_is_said_in_a_sentence(settings: Any) -> None:
    engine.forget()
    settings.LINK_INDEX_URL = "http://default:@127.0.0.1:9/linkledger"
    with pytest.raises(index.IndexUnavailable, match="The link index does not answer"):
        engine.read("SELECT 1")
    engine.forget()
