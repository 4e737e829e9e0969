"""No SQL reaches a file, a network or another statement; what is allowed still works."""

import pytest

from backlinks.index.server.problems import Problem
from backlinks.index.server.statements import INSIDE, OUTSIDE, examine, split_insert
from tests.backlinks.index.conftest import ServedFolder

SECRET = "planted-secret"

OUT = """SELECT * FROM file('{path}', 'LineAsString')
SELECT * FROM FILE /* a */ -- b
 ('{path}', 'LineAsString')
SELECT * FROM `file`('{path}', 'LineAsString')
SELECT "file"('{path}')
SELECT `fi\\x6ce`('{path}')
SELECT file('{path}')
SELECT * FROM `{path}`
SELECT * FROM _files.`{path}`
SELECT 1 /* /* */ ' */ , file('{path}') --'
SELECT 1 // '
 , file('{path}') // '
SELECT \u2018 ' \u2019, file('{path}'), \u2018 ' \u2019
SELECT 1 UNION ALL SELECT file('{path}')
DESCRIBE TABLE file('{path}')
EXPLAIN SELECT * FROM file('{path}', 'LineAsString')
SELECT * FROM filesystem('{path}')
SELECT * FROM url('{url}', 'LineAsString')
SELECT * FROM remote('{host}', system.one)
SELECT * FROM s3('{url}', 'LineAsString')
SELECT * FROM mysql('{host}', 'a', 'b', 'c', 'd')
SELECT * FROM executable('x.sh', 'TSV', 'a String')
SELECT * FROM python('sys')
SELECT * FROM Python(password)
SELECT 1 INTO OUTFILE '{new}'
SELECT 1 INTO /* x */ OUTFILE '{new}' FORMAT CSV
INSERT INTO guarded FROM INFILE '{path}' FORMAT LineAsString
INSERT INTO FUNCTION file('{new}', 'CSV', 'a Int32') SELECT 1
INSERT INTO TABLE FUNCTION url('{url}', 'CSV', 'a Int32') SELECT 1
INSERT INTO guarded SELECT * FROM file('{path}', 'LineAsString')
CREATE TABLE out ENGINE = Memory AS SELECT * FROM file('{path}', 'LineAsString')
CREATE TABLE out AS file('{path}', 'LineAsString')
CREATE TABLE out (a String) ENGINE = File(CSV, '{new}')
CREATE TABLE out (a String) ENGINE URL('{url}')
CREATE TABLE out (a Int32) ENGINE = MergeTree ORDER BY a SETTINGS disk = disk(type = 'web', endpoint = '{url}')
CREATE TABLE out (a Int32) ENGINE = MergeTree ORDER BY a SETTINGS disk = disk(type = 'local', path = '{new}/')
CREATE VIEW out AS SELECT * FROM file('{path}', 'LineAsString')
CREATE VIEW out AS SELECT * FROM `{path}`
CREATE MATERIALIZED VIEW out ENGINE = File(CSV) AS SELECT * FROM guarded
CREATE DATABASE out ENGINE = Filesystem('/')
CREATE DATABASE out ENGINE MySQL('{host}', 'a', 'b', 'c')
CREATE DICTIONARY out (a Int32) PRIMARY KEY a SOURCE(HTTP(url '{url}' format 'TSV')) LAYOUT(FLAT()) LIFETIME(1)
CREATE FUNCTION out AS x -> x + 1
CREATE NAMED COLLECTION out AS a = 1
CREATE USER out
CREATE TEMPORARY TABLE out (a Int32)
CREATE OR REPLACE TEMPORARY TABLE out (a Int32)
GRANT ALL ON *.* TO default
EXECUTE AS default SELECT 1
SET max_memory_usage = 0
USE system
SYSTEM SHUTDOWN
ATTACH TABLE out FROM '{path}' (a Int32) ENGINE = MergeTree ORDER BY a
BACKUP DATABASE default TO File('{new}')
RESTORE DATABASE default FROM File('{path}')
DETACH TABLE guarded
SELECT 1; DROP TABLE guarded
SELECT 1 SETTINGS max_memory_usage = 0
SELECT 1 SETTINGS max_memory_usage = 100000000000
ALTER USER default SETTINGS max_memory_usage = 0
SELECT 'never closed
SELECT 1 /* never closed"""


def statements() -> list[str]:
    """One a line; a line that begins with a space goes on with the one before."""
    found: list[str] = []
    for line in OUT.split("\n"):
        if line.startswith(" "):
            found[-1] += "\n" + line
        else:
            found.append(line)
    return found


@pytest.fixture(scope="module")
def guarded(index_server: ServedFolder) -> ServedFolder:
    index_server.ask("CREATE TABLE guarded (a String) ENGINE = MergeTree ORDER BY a")
    return index_server


@pytest.mark.parametrize("sql", statements())
@pytest.mark.parametrize("readonly", ["0", "1"])
def test_no_way_out(guarded: ServedFolder, tmp_path, listener, sql: str, readonly: str) -> None:
    path = tmp_path / "secret.txt"
    path.write_text(SECRET)
    sql = sql.format(path=path, new=tmp_path / "new", url=f"http://{listener.host}/", host=listener.host)
    answer = guarded.ask(sql, readonly=readonly)
    assert answer.status >= 400, answer.text
    assert SECRET not in answer.text
    assert answer.code > 0
    assert sorted(one.name for one in tmp_path.iterdir()) == ["secret.txt"]
    assert not listener.reached()
    assert guarded.ask("SELECT count() FROM guarded").text == "0\n"
    assert guarded.ask("EXISTS TABLE out").text == "0\n"


@pytest.mark.parametrize(
    ("sql", "answer"),
    [
        ("SELECT 'file(''x'')', $$url('y')$$, $a$ ; $a$", "file(\\'x\\')\turl(\\'y\\')\t ; \n"),
        ("SELECT 1 AS file, 2 AS `url` -- file('x')", "1\t2\n"),
        ("SELECT 1 /* ; /* nested */ remote('x') */ + 1;", "2\n"),
        ("FROM numbers(2) SELECT number", "0\n1\n"),
        ("(SELECT 1)", "1\n"),
        ("WITH 1 AS one SELECT one, extract(year FROM toDate('2026-01-02'))", "1\t2026\n"),
        ("SELECT count() FROM (SELECT * FROM generateRandom('a UInt8') LIMIT 3)", "3\n"),
        ("SELECT * FROM values('a String', 'é')", "é\n"),
        ("SELECT number FROM numbers(1) FORMAT CSV SETTINGS max_threads = 1", "0\n"),
    ],
)
def test_what_looks_alike_is_served(index_server: ServedFolder, sql: str, answer: str) -> None:
    assert index_server.ask(sql).text == answer


def test_every_table_function_of_the_engine_is_judged(index_server: ServedFolder) -> None:
    names = index_server.ask("SELECT lower(name) FROM system.table_functions").text.split()
    assert len(names) > 80
    assert set(names) - INSIDE - OUTSIDE == set()
    assert set() == INSIDE & OUTSIDE


def test_a_read_request_stays_one(guarded: ServedFolder) -> None:
    for params in ({"method": "GET"}, {"method": "GET", "readonly": "0"}, {"readonly": "1"}, {"readonly": "2"}):
        assert guarded.ask("INSERT INTO guarded VALUES ('x')", **params).code == 164
        assert guarded.ask("SELECT 1 SETTINGS readonly = 0", **params).code == 164
        assert guarded.ask("WITH 'x' AS a INSERT INTO guarded SELECT a", **params).code in (62, 164)
    assert guarded.ask("SELECT 1 SETTINGS max_threads = 1", readonly="1").code == 164
    assert guarded.ask("SELECT 1 SETTINGS max_threads = 1", readonly="2").text == "1\n"
    assert guarded.ask("SELECT count() FROM guarded").text == "0\n"


def test_a_setting_is_a_name_and_a_value(guarded: ServedFolder) -> None:
    assert guarded.ask("SELECT 1", **{"max_threads = 1, readonly": "0"}).code == 115
    assert guarded.ask("SELECT getSetting('log_comment')", log_comment="a', readonly = '0 \\").text == (
        "a\\', readonly = \\'0 \\\\\n"
    )
    assert guarded.ask("SELECT 1", database="default`; SELECT 2").code == 81
    assert guarded.ask("SELECT 1", max_memory_usage="0").code == 452
    assert guarded.ask("SELECT 1", max_memory_usage="99999999999").code == 452


def test_reads_have_a_time_limit(index_server: ServedFolder) -> None:
    assert index_server.ask("SELECT getSetting('max_execution_time')").text == "300\n"
    assert index_server.ask("SELECT getSetting('max_execution_time')", max_execution_time="7").text == "7\n"


def test_the_process_holds_no_secrets(guarded: ServedFolder) -> None:
    process = guarded.process
    assert process
    environment = open(f"/proc/{process.pid}/environ").read()
    assert [part.split("=")[0] for part in environment.split("\0") if part] == ["PATH"]
    password = guarded.address.password
    assert password not in open(f"/proc/{process.pid}/cmdline").read()
    assert password not in (guarded.folder / "index.log").read_text()
    assert password not in guarded.ask("SELECT * FROM system.server_settings").text
    for name in ("password", "index.json", "users.xml"):
        assert (guarded.folder / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("sql", "kind", "format", "streams"),
    [
        (" -- hello\nselect 1 format Native", "read", "Native", True),
        ("SHOW TABLES FORMAT CSV;", "read", "CSV", False),
        ("INSERT INTO t (format) FORMAT Native", "insert", "Native", False),
        ("INSERT INTO t SELECT 1", "insert", "", False),
        ("KILL QUERY WHERE query_id = 'a' SYNC", "kill", "", False),
        ("ALTER TABLE t FREEZE", "write", "", False),
    ],
)
def test_statements_are_classified(sql: str, kind: str, format: str, streams: bool) -> None:  # noqa: FBT001
    found = examine(sql)
    assert (found.kind, found.format, found.streams) == (kind, format, streams)


@pytest.mark.parametrize("sql", ["", " ;; ", "-- only", "SELECT 1\x00", "SELECT \u00a01", "SYSTEM RELOAD CONFIG"])
def test_what_is_no_statement_is_refused(sql: str) -> None:
    with pytest.raises(Problem, match="Code: 62"):
        examine(sql)


def test_an_insert_is_split_from_its_data() -> None:
    assert split_insert(b"INSERT INTO t (`format`, a) FORMAT Native\n\n\x00\xff") == (
        "INSERT INTO t (`format`, a) FORMAT Native",
        b"\n\x00\xff",
    )
    assert split_insert(b"/* \xc3\xa9 */ insert into t format CSV 1,2") == ("/* é */ insert into t format CSV", b"1,2")
    assert split_insert(b"INSERT INTO t VALUES ('FORMAT x')") is None
    assert split_insert(b"INSERT INTO t SELECT 1 FORMAT CSV") is None
    assert split_insert(b"SELECT 1") is None
