"""The one door to the link index: the only module that knows clickhouse-connect.

Decided: always HTTP to `LINK_INDEX_URL`; where that is empty, to the embedded server of the data folder, which is
started when nobody else has. One client per thread, because a client is not thread-safe. Values travel as server-side
parameters only. Refused: an ORM over ClickHouse, because every query here is an aggregate that we want to read.
"""

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import clickhouse_connect
import pyarrow as pa
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from django.conf import settings

from seoapp.lib.expression import TooSlow

from .launch import IndexUnavailable, ensure_running

MIGRATIONS = Path(__file__).parent / "migrations"
# A column of the table wins over an alias of the same name: `countIf(nofollow = 1) AS nofollow` means what it says.
READ_SETTINGS = {"readonly": 1, "max_execution_time": 60, "prefer_column_name_to_alias": 1}
# An export may take as long as its reader does, and sorts on disk what does not fit.
EXPORT_SETTINGS = {"max_execution_time": 3600, "max_bytes_before_external_sort": 1_000_000_000}
ARROW_SETTINGS = {"output_format_arrow_low_cardinality_as_dictionary": 0}
# In a cluster an insert returns when every shard has it, and a subquery is sent to the shards once, whole.
CLUSTER_SETTINGS = {
    "distributed_foreground_insert": 1,
    "distributed_product_mode": "global",
    "load_balancing": "in_order",
}
SYNCHRONOUS = {"lightweight_deletes_sync": 2, "mutations_sync": 2}
SHARD_KEY = "cityHash64(target_domain)"
LOW_CARDINALITY = re.compile(r"LowCardinality\((\w+)\)")
_local = threading.local()
_types: dict[str, dict[str, str]] = {}  # by table


@dataclass(slots=True)
class Written:
    """How often this process has written to the index: what it read before may be older than that."""

    times: int = 0


written = Written()


class TooLong(Exception):
    """A query ran out of the time that it was given."""


class TooMuch(TooSlow):
    """A query and its values are larger than the index takes."""


FAILURES = (ClickHouseError, TooLong, TooMuch)  # a statement failed; the index itself answers


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int
    user: str
    password: str
    database: str
    secure: bool = False


def address() -> Address:
    """Where the index answers; starts the embedded one when nobody has."""
    if not settings.LINK_INDEX_URL:
        found = ensure_running(Path(settings.SEOAPP_DATA) / "index")
        return Address(found.host, found.port, found.user, found.password, "linkledger")
    url = urlsplit(settings.LINK_INDEX_URL)
    secure = url.scheme in {"https", "clickhouses"}
    return Address(
        url.hostname or "localhost",
        url.port or (8443 if secure else 8123),
        unquote(url.username or "default"),
        unquote(url.password or ""),
        url.path.strip("/") or "linkledger",
        secure,
    )


def _connect(*, database: str | None = None) -> Client:
    place = address()
    try:
        return clickhouse_connect.get_client(
            host=place.host,
            port=place.port,
            username=place.user,
            password=place.password,
            database=database or place.database,
            secure=place.secure,
            autogenerate_session_id=False,
            send_receive_timeout=900,
        )
    except (ClickHouseError, OSError) as error:
        raise IndexUnavailable(f"The link index does not answer: {_sentence(error)}") from error


def _sentence(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__


@contextmanager
def client() -> Iterator[Client]:
    """This thread's client; a broken connection is forgotten, so that the next call connects anew."""
    try:
        if not hasattr(_local, "client"):
            _local.client = _connect()
        yield _local.client
    except (ClickHouseError, OSError) as error:
        forget()
        if isinstance(error, OSError) or "Connection" in str(error) or "connect" in str(error).lower():
            raise IndexUnavailable(f"The link index does not answer: {_sentence(error)}") from error
        raise


def forget() -> None:
    """Drop this thread's connection (after a fork, a restart, or between tests)."""
    if hasattr(_local, "client"):
        held = _local.client
        del _local.client
        held.close()


def _settings(options: Mapping[str, Any]) -> dict[str, Any]:
    return {**options, **(CLUSTER_SETTINGS if settings.LINK_INDEX_CLUSTER else {})}


def read(sql: str, parameters: Mapping[str, Any] | None = None, **options: Any) -> list[dict[str, Any]]:
    """Rows of a read-only query as dictionaries. A held connection may have ended: then a new one is tried.

    `options` are settings of this query, such as `max_execution_time`; who runs out of it gets `TooLong`, and who sends
    more values than a statement may have, `TooMuch`.
    """
    held_before = hasattr(_local, "client")
    try:
        return _read(sql, parameters, options)
    except IndexUnavailable:
        if not held_before:
            raise
        return _read(sql, parameters, options)


def _read(sql: str, parameters: Mapping[str, Any] | None, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    with client() as held:
        with _in_words():
            result = held.query(sql, parameters=dict(parameters or {}), settings=_settings(READ_SETTINGS | options))
        return list(result.named_results())


@contextmanager
def _in_words() -> Iterator[None]:
    """What whoever asked can do something about has an error of its own."""
    try:
        yield
    except ClickHouseError as error:
        if "TIMEOUT_EXCEEDED" in str(error):
            raise TooLong("The index did not answer in time") from error
        if "TOO_MANY_BYTES" in str(error):
            raise TooMuch("This filter is larger than the index takes: ask for fewer values at once.") from error
        raise


def stream(sql: str, parameters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Rows of a read-only query, block by block: memory stays flat for exports of any length."""
    options = _settings(READ_SETTINGS | EXPORT_SETTINGS)
    with (
        _in_words(),
        client() as held,
        held.query_row_block_stream(sql, parameters=dict(parameters), settings=options) as blocks,
    ):
        names = blocks.source.column_names
        for block in blocks:
            for row in block:
                yield dict(zip(names, row, strict=True))


def arrow(sql: str, parameters: Mapping[str, Any]) -> pa.Table:
    """The columns of a read-only query without a Python object a cell. The answer is held whole: ask in slices."""
    with client() as held:
        return held.query_arrow(
            sql,
            parameters=dict(parameters),
            settings=_settings(READ_SETTINGS | EXPORT_SETTINGS | ARROW_SETTINGS),
            use_strings=True,
        )


def insert_packed(table: str, columns: Sequence[str], rows: bytes, *, token: str = "") -> None:
    """One block of rows packed as RowBinary (little-endian numbers, one after another); the same `token` adds nothing.

    For tables of numbers with billions of rows: nothing is done a cell.
    """
    written.times += 1
    with client() as held:
        held.raw_insert(
            table,
            column_names=list(columns),
            insert_block=rows,
            fmt="RowBinary",
            settings=_settings({"insert_deduplication_token": token} if token else {}),
        )


def insert_arrow(table: str, columns: pa.Table, *, token: str) -> None:
    """One block of Arrow columns, lists and texts among them; the same `token` twice adds nothing."""
    written.times += 1
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, columns.schema) as file:
        file.write_table(columns)
    with client() as held:
        held.raw_insert(
            table,
            column_names=columns.column_names,
            insert_block=sink.getvalue().to_pybytes(),
            fmt="Arrow",
            settings=_settings({"insert_deduplication_token": token}),
        )


def drop_part(table: str, partition: int) -> None:
    """Drop all rows of a partition (a batch) at once."""
    write(dropping(table, partition, settings.LINK_INDEX_CLUSTER))


def dropping(table: str, partition: int, cluster: str = "") -> str:
    place = f"{table}_local ON CLUSTER {cluster}" if cluster else table
    return f"ALTER TABLE {place} DROP PARTITION {int(partition)}"


def write(sql: str, parameters: Mapping[str, Any] | None = None, **options: Any) -> None:
    """A statement without an answer. Its parameters may be long: they then travel in a form, not in the address."""
    written.times += 1
    with client() as held:
        if parameters:
            held.raw_query(sql, parameters=dict(parameters), settings=_settings(options))
        else:
            held.command(sql, parameters={}, settings=_settings(options))


def delete(table: str, condition: str, parameters: Mapping[str, Any], **options: Any) -> None:
    """Delete rows; returns when they are gone."""
    write(deletion(table, condition, settings.LINK_INDEX_CLUSTER), parameters, **SYNCHRONOUS, **options)


def deletion(table: str, condition: str, cluster: str = "") -> str:
    """A distributed table cannot delete: in a cluster its local tables do."""
    place = f"{table}_local ON CLUSTER {cluster}" if cluster else table
    return f"DELETE FROM {place} WHERE {condition}"


def insert(table: str, columns: Mapping[str, Sequence[Any]], *, token: str = "") -> None:
    """One block of columns into one table; the same `token` twice adds nothing."""
    written.times += 1
    data = list(columns.values())
    with client() as held:
        types = _plain_types(held, table)
        try:
            held.insert(
                table,
                data,
                column_names=list(columns),
                column_type_names=[types[name] for name in columns],
                column_oriented=True,
                settings=_settings({"insert_deduplication_token": token} if token else {}),
            )
        finally:
            data.clear()  # the client's context is a reference cycle: it would keep the block alive


def _plain_types(held: Client, table: str) -> dict[str, str]:
    """Column -> type as it is sent: the server makes dictionaries of plain strings far faster than Python does."""
    if table not in _types:
        described = held.query(f"DESCRIBE TABLE {table}").named_results()
        _types[table] = {row["name"]: LOW_CARDINALITY.sub(r"\1", row["type"]) for row in described}
    return _types[table]


# --- Migrations ---------------------------------------------------------------------------------------------------
def migrate() -> list[str]:
    """Apply the numbered SQL files that this index has not seen; returns their names."""
    database = address().database
    if not re.fullmatch(r"\w+", database):
        raise IndexUnavailable(f"The database name {database!r} in LINK_INDEX_URL must be letters, digits and _.")
    cluster = settings.LINK_INDEX_CLUSTER
    on_cluster = f" ON CLUSTER {cluster}" if cluster else ""
    first = _connect(database="default")
    first.command(f"CREATE DATABASE IF NOT EXISTS {database}{on_cluster}")
    first.close()
    write(migrations_table(cluster))
    done = {row["name"] for row in read("SELECT name FROM migrations")}
    new = [path for path in sorted(MIGRATIONS.glob("*.sql")) if path.stem not in done]
    for path in new:
        for statement in statements(path.read_text(), cluster):
            write(statement)
        _types.clear()
        insert("migrations", {"name": [path.stem]})
    return [path.stem for path in new]


def migrations_table(cluster: str = "") -> str:
    """In a cluster one replicated table over all shards, so that every node knows what was applied."""
    on_cluster = f" ON CLUSTER {cluster}" if cluster else ""
    one = "ReplicatedMergeTree('/clickhouse/tables/{database}/migrations', '{shard}-{replica}')"
    return (
        f"CREATE TABLE IF NOT EXISTS migrations{on_cluster} (name String, applied DateTime DEFAULT now()) "
        f"ENGINE = {one if cluster else 'MergeTree'} ORDER BY name"
    )


def pending() -> list[str]:
    """Names of migrations that this index has not seen."""
    try:
        done = {row["name"] for row in read("SELECT name FROM migrations")}
    except ClickHouseError:
        done = set()
    return [path.stem for path in sorted(MIGRATIONS.glob("*.sql")) if path.stem not in done]


def statements(text: str, cluster: str = "") -> Iterator[str]:
    """The statements of a migration file, rendered for one server or for a cluster."""
    bare = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    for statement in filter(None, (part.strip() for part in bare.split(";"))):
        created = re.match(r"CREATE TABLE (\w+)", statement)
        altered = re.match(r"ALTER TABLE (\w+)", statement)
        if cluster and created:
            yield from _clustered(statement, created.group(1), cluster)
        elif cluster and altered:
            yield from _altered(statement, altered.group(1), cluster)
        else:
            yield statement.replace("CREATE TABLE ", "CREATE TABLE IF NOT EXISTS ", 1)


def _altered(statement: str, table: str, cluster: str) -> Iterator[str]:
    """The local table first, then the distributed one, which has no indexes of its own."""
    for name in (f"{table}_local", table):
        if name == table and re.search(r"\b(INDEX|PROJECTION|SETTING|TTL)\b", statement):
            return
        yield statement.replace(f"ALTER TABLE {table}", f"ALTER TABLE {name} ON CLUSTER {cluster}", 1)


def _clustered(statement: str, table: str, cluster: str) -> Iterator[str]:
    """A replicated local table, and the distributed one of the same name that everybody reads and writes."""
    local = statement.replace(
        f"CREATE TABLE {table}", f"CREATE TABLE IF NOT EXISTS {table}_local ON CLUSTER {cluster}", 1
    )
    local = re.sub(r"ENGINE = (\w*MergeTree)", r"ENGINE = Replicated\1", local)
    yield local.replace("non_replicated_deduplication_window", "replicated_deduplication_window")
    yield (
        f"CREATE TABLE IF NOT EXISTS {table} ON CLUSTER {cluster} AS {table}_local "
        f"ENGINE = Distributed({cluster}, currentDatabase(), {table}_local, {_shard(statement)})"
    )


def _shard(statement: str) -> str:
    """Rows lie together by their target, in tables that begin with the linking domain by that, else by workspace."""
    if "target_domain" in statement:
        return SHARD_KEY
    return "cityHash64(source_domain)" if re.search(r"\(\s*source_domain ", statement) else "workspace"
