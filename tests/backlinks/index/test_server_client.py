"""clickhouse-connect, unmodified, against the embedded server, and against a real one where one is named."""

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

import clickhouse_connect
import pandas as pd
import pyarrow as pa
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

REAL = os.environ.get("LINK_INDEX_TEST_URL", "")
DATABASE = "linkledger_client_tests"
AWKWARD = ["it's", 'a "b" `c`', "tab\tline\nend\r", "back\\slash", "\\N", "{x:String}", "é 漢 🙂", "", "-- /* */;"]
CODECS = ("zstd", "lz4", "gzip")


@pytest.fixture(scope="module", params=["embedded", pytest.param("real", marks=pytest.mark.real_index)])
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    if request.param == "real" and not REAL:
        pytest.skip("LINK_INDEX_TEST_URL names no server")
    if request.param == "real":
        url = urlsplit(REAL)
        held = clickhouse_connect.get_client(
            host=url.hostname,
            port=url.port or 8123,
            username=unquote(url.username or "default"),
            password=unquote(url.password or ""),
            secure=url.scheme == "https",
            autogenerate_session_id=False,
        )
    else:
        held = request.getfixturevalue("index_server").client(autogenerate_session_id=False)
    held.command(f"DROP DATABASE IF EXISTS {DATABASE} SYNC")
    held.command(f"CREATE DATABASE {DATABASE}")
    held.database = DATABASE
    yield held
    held.command(f"DROP DATABASE {DATABASE} SYNC")
    held.close()


@pytest.fixture
def table(client: Client) -> Iterator[str]:
    client.command(
        "CREATE TABLE things (id UInt64, name String, seen Nullable(DateTime('UTC')), tags Array(String)) "
        "ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100"
    )
    yield "things"
    client.command("DROP TABLE things SYNC")


def rows(number: int) -> list[list[object]]:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    return [[n, AWKWARD[n % len(AWKWARD)], None if n % 3 else moment, [str(n), "ü"]] for n in range(number)]


COLUMNS = ["id", "name", "seen", "tags"]


def test_it_introduces_itself(client: Client) -> None:
    assert client.ping()
    assert client.min_version("24.1")
    assert client.command("SELECT 40 + 2") == 42
    assert client.query("SELECT toDateTime('2026-01-02 03:04:05')").first_row[0].hour == 3


@pytest.mark.parametrize("value", AWKWARD)
def test_a_text_is_bound_as_it_is(client: Client, value: str) -> None:
    assert client.query("SELECT {x:String}", parameters={"x": value}).first_row == (value,)
    assert client.query("SELECT {x:Array(String)}", parameters={"x": [value, "z"]}).first_row == ([value, "z"],)
    assert client.query("SELECT {x:Nullable(String)}", parameters={"x": value}).first_row == (value,)


def test_other_types_are_bound(client: Client) -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5)
    sql = "SELECT {a:DateTime}, {b:Nullable(String)}, {c:Float64}, {e:Array(UInt32)}"
    bound = {"a": moment, "b": None, "c": -1.5, "e": [1, 2]}
    first = client.query(sql, parameters=bound).first_row
    assert first == (moment, None, -1.5, [1, 2])
    named = client.query("SELECT * FROM system.{t:Identifier}", parameters={"t": "one"})
    assert named.result_rows == [(0,)]


def test_large_parameters_travel_in_the_body(client: Client) -> None:
    many = [f"https://example.com/a'{n}\n" for n in range(20_000)]
    client.form_encode_query_params = True
    try:
        answer = client.query("SELECT length({x:Array(String)}), {x:Array(String)}[-1]", parameters={"x": many})
    finally:
        client.form_encode_query_params = False
    assert answer.first_row == (20_000, many[-1])


def test_rows_go_in_and_come_back(client: Client, table: str) -> None:
    sent = rows(100)
    summary = client.insert(table, sent, column_names=COLUMNS)
    assert summary.written_rows == 100
    back = client.query(f"SELECT * FROM {table} ORDER BY id", column_formats={}, tz_mode="aware").result_rows
    assert [list(row) for row in back] == sent
    assert client.query(f"DESCRIBE TABLE {table}").result_columns[0] == COLUMNS


def test_frames_and_arrow(client: Client, table: str) -> None:
    frame = pd.DataFrame({"id": [1, 2], "name": ["a", "b"], "tags": [["x"], []]})
    client.insert_df(table, frame)
    arrow = pa.table({"id": pa.array([3, 4], pa.uint64()), "name": ["c", "d"], "tags": [["y"], ["z"]]})
    client.insert_arrow(table, arrow)
    assert client.query_df(f"SELECT id, name FROM {table} ORDER BY id")["name"].tolist() == ["a", "b", "c", "d"]
    back = client.query_arrow(f"SELECT id, tags FROM {table} ORDER BY id")
    assert back.column("id").to_pylist() == [1, 2, 3, 4]
    assert back.column("tags").to_pylist() == [["x"], [], ["y"], ["z"]]
    assert client.query_np(f"SELECT id FROM {table} ORDER BY id").flatten().tolist() == [1, 2, 3, 4]


def test_raw_in_and_out(client: Client, table: str) -> None:
    client.raw_insert(table, ["id", "name"], b"1,one\n2,two\n", fmt="CSV")
    assert client.raw_query(f"SELECT id, name FROM {table} ORDER BY id", fmt="CSV") == b'1,"one"\n2,"two"\n'
    assert client.raw_query(f"SELECT id FROM {table} ORDER BY id FORMAT TSV") == b"1\n2\n"
    with client.raw_stream("SELECT number FROM numbers(100000)", fmt="CSV") as stream:
        assert sum(len(piece.split()) for piece in [b"".join(stream)]) == 100_000


def test_statements_with_values_and_select(client: Client, table: str) -> None:
    client.command(f"INSERT INTO {table} (id, name) VALUES (1, 'FORMAT Native'), (2, ';')")
    client.command(f"INSERT INTO {table} (id, name) SELECT number + 10, {{x:String}} FROM numbers(3)", {"x": "s"})
    assert client.query(f"SELECT count(), max(id) FROM {table}").first_row == (5, 12)
    client.command(f"ALTER TABLE {table} DELETE WHERE id > 10 SETTINGS mutations_sync = 1")
    client.command(f"DELETE FROM {table} WHERE id = 1")
    assert client.query(f"SELECT groupArray(id) FROM (SELECT id FROM {table} ORDER BY id)").first_row == ([2, 10],)
    client.command(f"OPTIMIZE TABLE {table} FINAL")


def test_blocks_stream(client: Client) -> None:
    sql = "SELECT number, toString(number) FROM numbers(300000)"
    with client.query_row_block_stream(sql, settings={"max_block_size": 10_000}) as blocks:
        sizes = [len(block) for block in blocks]
    assert sum(sizes) == 300_000
    assert len(sizes) > 5


@pytest.mark.parametrize("codec", CODECS)
def test_both_directions_are_compressed(client: Client, table: str, codec: str) -> None:
    context = client.create_insert_context(table, column_names=["id", "name"])
    context.compression, context.data = codec, [[n, f"name {n % 7}"] for n in range(50_000)]
    client.insert(context=context)
    answer = client.raw_query(f"SELECT count(), uniqExact(name) FROM {table}", settings={}, fmt="TSV")
    assert answer == b"50000\t7\n"
    before, client.compression = client.compression, codec
    try:
        assert client.query(f"SELECT sum(id) FROM {table}").first_row == (sum(range(50_000)),)
        assert client.query(f"SELECT id FROM {table}").row_count == 50_000
    finally:
        client.compression = before


def test_the_same_token_adds_nothing(client: Client, table: str) -> None:
    for _ in range(3):
        client.insert(table, rows(10), column_names=COLUMNS, settings={"insert_deduplication_token": "one"})
    assert client.command(f"SELECT count() FROM {table}") == 10
    client.insert(table, rows(10), column_names=COLUMNS, settings={"insert_deduplication_token": "two"})
    assert client.command(f"SELECT count() FROM {table}") == 20


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT nothing", 47),
        ("SELECT * FROM nowhere", 60),
        ("SELEC 1", 62),
        ("SELECT 1 SETTINGS no_such_setting = 1", 115),
        ("SELECT throwIf(number = 5) FROM numbers(10)", 395),
        ("SELECT 1; SELECT 2", 62),
    ],
)
def test_errors_carry_their_code(client: Client, sql: str, code: int) -> None:
    with pytest.raises(ClickHouseError, match=rf"[Cc]ode: {code}\b"):
        client.query(sql)
    assert client.command("SELECT 1") == 1


def test_an_error_in_mid_stream_is_an_error(client: Client) -> None:
    """Headers and many rows have been sent: the reader must still learn that there are not all."""
    sql = "SELECT number, throwIf(number = 2000000) FROM numbers(4000000) SETTINGS max_block_size = 9999, max_threads=1"
    seen = 0
    with pytest.raises(ClickHouseError, match="395"), client.query_row_block_stream(sql) as blocks:
        for block in blocks:
            seen += len(block)
    assert 0 < seen < 4_000_000


def test_settings_reach_the_query_and_do_not_leak(client: Client) -> None:
    sql = "SELECT getSetting('max_block_size')"
    usual = client.command(sql)
    assert client.command(sql, settings={"max_block_size": 1234}) == 1234
    assert client.command(sql) == usual


def test_a_read_may_not_write(client: Client, table: str) -> None:
    for sql in (f"INSERT INTO {table} (id) VALUES (1)", f"DROP TABLE {table}", "SELECT 1 SETTINGS readonly = 0"):
        with pytest.raises(ClickHouseError, match="164"):
            client.command(sql, settings={"readonly": 1})
    assert client.command(f"SELECT count() FROM {table}", settings={"readonly": 1}) == 0


def test_a_query_ends_when_its_time_is_over(client: Client) -> None:
    sql = "SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1"
    with pytest.raises(ClickHouseError, match="159"):
        client.query(sql, settings={"max_execution_time": 1})


def test_many_threads_share_one_pool(client: Client, table: str) -> None:
    wrong: list[object] = []

    def work(number: int) -> None:
        try:
            for n in range(15):
                got = client.query("SELECT {a:UInt32} + {b:UInt32}", parameters={"a": number, "b": n}).first_row[0]
                if got != number + n:
                    wrong.append((number, n, got))
            client.insert(table, [[number, "x"]], column_names=["id", "name"])
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert client.command(f"SELECT count() FROM {table}") == 12
