"""The wire: log-in, bodies, answers, cancelling, limits; as a client sees them that is not ours."""

import gzip
import socket
import threading
import zlib
from collections.abc import Iterator
from urllib.parse import quote

import lz4.frame
import pytest
from clickhouse_connect.driver.external import ExternalData

from backlinks.index.server.bodies import READ_BYTES, Encoder, chosen_encoding, decoded, form, zstd
from backlinks.index.server.problems import Problem
from tests.backlinks.index.conftest import ServedFolder, eventually

ENDLESS = "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1"
PACK = {"gzip": gzip.compress, "deflate": zlib.compress, "zstd": zstd.compress, "lz4": lz4.frame.compress}


@pytest.fixture
def numbers(index_server: ServedFolder) -> Iterator[str]:
    index_server.ask("CREATE TABLE numbers_in (n UInt64) ENGINE = MergeTree ORDER BY n")
    yield "numbers_in"
    index_server.ask("DROP TABLE numbers_in SYNC")


def running(served: ServedFolder, text: str) -> int:
    sql = (
        "SELECT count() FROM system.processes WHERE position(query, {text:String}) > 0 AND query NOT LIKE '%processes%'"
    )
    return int(served.ask(sql, param_text=text).text)


def in_background(served: ServedFolder, sql: str, **params: str) -> tuple[threading.Thread, list]:
    answers: list = []
    thread = threading.Thread(target=lambda: answers.append(served.ask(sql, **params)))
    thread.start()
    eventually(lambda: running(served, sql) or answers)
    return thread, answers


# --- Who is there -----------------------------------------------------------------------------------------------------
def test_only_the_password_opens(index_server: ServedFolder) -> None:
    place = index_server.address
    for headers in (
        {"X-ClickHouse-Key": ""},
        {"X-ClickHouse-Key": place.password[:-1]},
        {"X-ClickHouse-User": "root"},
        {"X-ClickHouse-Key": "\xe9"},
        {"Authorization": "Basic !!!"},
    ):
        held = index_server.connection()
        given = {**index_server.headers(), **headers}
        if "Authorization" in headers:
            given = headers
        held.request("POST", "/", b"SELECT 1", given)
        answer = held.getresponse()
        assert (answer.status, answer.headers["X-ClickHouse-Exception-Code"]) == (401, "516")
        assert answer.headers["Connection"] == "close"
        assert place.password not in answer.read().decode()
        held.close()
    assert index_server.ask("SELECT 1").text == "1\n"


def test_a_stranger_cannot_send_for_ever(index_server: ServedFolder) -> None:
    """Endless data after a wrong password: answered, and cut off."""
    with socket.create_connection(("127.0.0.1", index_server.address.port), timeout=30) as stranger:
        stranger.sendall(b"POST /?query=SELECT+1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        sent = 0
        with pytest.raises(OSError):
            while sent < 1 << 30:
                stranger.sendall(chunk)
                sent += len(chunk)
        assert sent < 64 << 20


def test_ping_and_head_need_no_password(index_server: ServedFolder) -> None:
    held = index_server.connection()
    for method, path, body in (("GET", "/ping", b"Ok.\n"), ("GET", "/", b"Ok.\n"), ("HEAD", "/ping", b"")):
        held.request(method, path)
        answer = held.getresponse()
        assert (answer.status, answer.read()) == (200, body)
    held.close()


def test_it_listens_on_loopback_only(index_server: ServedFolder) -> None:
    port = index_server.address.port
    listening = [line.split() for line in open("/proc/net/tcp").readlines()[1:] if line.split()[3] == "0A"]
    found = [parts[1] for parts in listening if int(parts[1].split(":")[1], 16) == port]
    assert found == [f"0100007F:{port:04X}"]
    assert not [line for line in open("/proc/net/tcp6") if f":{port:04X} 0000" in line]


# --- Bodies -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", sorted(PACK))
def test_a_body_is_unpacked_and_a_cut_one_is_an_error(index_server: ServedFolder, numbers: str, name: str) -> None:
    packed = PACK[name](b"".join(b"%d\n" % n for n in range(200_000)))
    sql, headers = f"INSERT INTO {numbers} FORMAT CSV", {"Content-Encoding": name}
    for broken in (packed[:-9], packed[: len(packed) // 2], b"\0" + packed, packed + b"junk"):
        assert index_server.ask(sql, body=broken, headers=headers).status >= 400
    assert index_server.ask(f"SELECT count() FROM {numbers}").text == "0\n"
    assert index_server.ask(sql, body=packed, headers=headers).status == 200
    assert index_server.ask(f"SELECT count(), max(n) FROM {numbers}").text == "200000\t199999\n"


@pytest.mark.parametrize("name", sorted(PACK))
def test_unpacking_goes_piece_by_piece(name: str) -> None:
    packed = PACK[name](bytes(50 << 20))
    sizes = [len(piece) for piece in decoded(iter([packed[:7], packed[7:]]), name)]
    assert sum(sizes) == 50 << 20
    assert max(sizes) <= READ_BYTES


@pytest.mark.parametrize("name", ["zstd", "lz4", "gzip"])
def test_an_answer_is_packed(name: str) -> None:
    encoder = Encoder(name)
    packed = encoder.add(b"a" * 1000) + encoder.add(b"b") + encoder.end()
    assert b"".join(decoded(iter([packed]), name)) == b"a" * 1000 + b"b"
    nothing = Encoder(name)
    assert b"".join(decoded(iter([nothing.end()]), name)) == b""


def test_the_best_codec_is_chosen() -> None:
    assert chosen_encoding("gzip, deflate, lz4;q=0.5, zstd;q=0") == "lz4"
    assert chosen_encoding("br") == ""


def test_forms() -> None:
    data = b'--b\r\nContent-Disposition: form-data; name="param_x"\r\n\r\na\r\n--c\n\xc3\xa9\r\n\r\n--b--\r\n'
    assert form("multipart/form-data; boundary=b", data) == {"param_x": "a\r\n--c\né\r\n"}
    with pytest.raises(Problem, match="External data is not served"):
        form("multipart/form-data; boundary=b", data.replace(b'name="param_x"', b'name="x"; filename="y"'))
    with pytest.raises(Problem, match="boundary"):
        form("multipart/form-data", data)


def test_what_is_not_served_says_so(index_server: ServedFolder) -> None:
    client = index_server.client()
    external = ExternalData(file_name="t.csv", data=b"1\n", fmt="CSV", structure=["a UInt8"])
    with pytest.raises(Exception, match="External data is not served"):
        client.query("SELECT * FROM t", external_data=external)
    client.close()
    assert index_server.ask("SELECT 1", compress="1").code == 48
    assert index_server.ask("SELECT 1", headers={"Content-Encoding": "br"}, body=b" ").code == 48
    assert index_server.ask("SELECT 1", headers={"Content-Length": "-5"}).status == 500
    assert index_server.ask(body=b"SELECT '" + b"x" * (33 << 20) + b"'").code == 307


@pytest.mark.parametrize("body", [b"5\n6\n", b""])
def test_an_insert_in_the_body_leads_its_data(index_server: ServedFolder, numbers: str, body: bytes) -> None:
    assert index_server.ask(body=f"INSERT INTO {numbers} FORMAT TSV\n".encode() + body).status == 200
    assert index_server.ask(f"INSERT INTO {numbers} VALUES", body=b"(7)").status == 200
    assert index_server.ask(f"SELECT count() FROM {numbers}").text == f"{body.count(10) + 1}\n"


def test_an_insert_that_the_engine_did_not_keep_is_an_error(index_server: ServedFolder) -> None:
    """chDB itself says that it has written the rows."""
    index_server.ask("CREATE TABLE small (n UInt64, CONSTRAINT one_digit CHECK n < 10) ENGINE = MergeTree ORDER BY n")
    for _ in range(2):
        refused = index_server.ask(body=b"INSERT INTO small FORMAT TSV\n5\n600\n")
        assert (refused.status, refused.code) == (500, 469) and "one_digit" in refused.text
        assert index_server.ask("SELECT count() FROM small").text == "0\n"
    assert index_server.ask(body=b"INSERT INTO small FORMAT TSV\n5\n6\n").status == 200
    assert index_server.ask("SELECT count() FROM small").text == "2\n"
    index_server.ask("DROP TABLE small SYNC")


def test_one_connection_serves_good_and_bad_requests(index_server: ServedFolder) -> None:
    held = index_server.connection()
    for n in range(20):
        sql, status = (b"SELECT %d" % n, 200) if n % 2 else (b"SELECT nothing%d" % n, 500)
        held.request("POST", "/", sql, index_server.headers())
        answer = held.getresponse()
        assert answer.status == status
        answer.read()
        assert held.sock is not None, "the connection was given up"
    held.close()


# --- Cancelling -------------------------------------------------------------------------------------------------------
def test_kill_query_ends_the_right_one(index_server: ServedFolder) -> None:
    first, answers = in_background(index_server, ENDLESS + " AND 'a' = 'a'", query_id="a")
    second, others = in_background(index_server, ENDLESS + " AND 'b' = 'b'", query_id="ab")
    assert index_server.ask("SELECT 1", query_id="ab").code == 216
    assert index_server.ask("KILL QUERY WHERE query_id = 'b'").text == ""
    assert index_server.ask("KILL QUERY WHERE 1").code == 36
    assert index_server.ask("KILL QUERY WHERE query_id = 'ab' SYNC").text == "waiting\tab\n"
    second.join()
    assert others[0].code == 394
    assert answers == []
    assert index_server.ask("SELECT 1", query_id="ab").text == "1\n"
    index_server.ask("KILL QUERY WHERE query_id = 'a' ASYNC")
    first.join()
    assert answers[0].code == 394


def test_a_stream_that_is_killed_is_no_short_answer(index_server: ServedFolder) -> None:
    client = index_server.client(autogenerate_session_id=False)
    sql = "SELECT number FROM numbers(100000000000)"
    with (
        pytest.raises(Exception, match="394"),
        client.query_row_block_stream(sql, settings={"query_id": "stream", "max_block_size": 5000}) as blocks,
    ):
        for number, _ in enumerate(blocks):
            if number == 1:
                index_server.ask("KILL QUERY WHERE query_id = 'stream' ASYNC")
    client.close()


def leave(served: ServedFolder, sql: str, body: bytes = b"", **headers: str) -> socket.socket:
    """Send a request and keep the connection, to leave in the middle."""
    head = "".join(f"{name}: {value}\r\n" for name, value in served.headers(**headers).items())
    held = socket.create_connection(("127.0.0.1", served.address.port), timeout=30)
    target = f"/?query={quote(sql)}"
    held.sendall(f"POST {target} HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode() + body)
    return held


@pytest.mark.parametrize("sql", [ENDLESS, "SELECT number FROM numbers(1000000000000) FORMAT Native"])
def test_a_query_ends_when_its_client_leaves(index_server: ServedFolder, sql: str) -> None:
    held = leave(index_server, sql, **{"Content-Length": "0"})
    eventually(lambda: running(index_server, sql))
    held.close()
    eventually(lambda: not running(index_server, sql))


@pytest.mark.parametrize("goodbye", ["closes", "shuts"])
def test_an_insert_that_does_not_end_keeps_nothing(index_server: ServedFolder, numbers: str, goodbye: str) -> None:
    sql = f"INSERT INTO {numbers} FORMAT CSV"
    data = b"1\n" * 200_000
    half = leave(index_server, f"{sql} ", data, **{"Content-Length": str(2 * len(data))})
    eventually(lambda: running(index_server, f"INSERT INTO {numbers}"))
    if goodbye == "closes":
        half.close()
    else:
        half.shutdown(socket.SHUT_WR)
        assert b"200 OK" not in half.makefile("rb").read()
        half.close()
    eventually(lambda: not running(index_server, f"INSERT INTO {numbers}"))
    assert index_server.ask(f"SELECT count() FROM {numbers}").text == "0\n"


def test_an_insert_that_waits_for_its_client_can_be_killed(index_server: ServedFolder, numbers: str) -> None:
    head = index_server.headers(**{"Content-Length": "100"})
    held = index_server.connection()
    held.putrequest("POST", f"/?query_id=slow&query={quote(f'INSERT INTO {numbers} FORMAT CSV')}")
    for name, value in head.items():
        held.putheader(name, value)
    held.endheaders()
    held.send(b"1\n2\n")
    eventually(lambda: running(index_server, f"INSERT INTO {numbers}"))
    assert index_server.ask("KILL QUERY WHERE query_id = 'slow' SYNC").text == "waiting\tslow\n"
    answer = held.getresponse()
    assert answer.headers["X-ClickHouse-Exception-Code"] == "394"
    held.close()
    assert index_server.ask(f"SELECT count() FROM {numbers}").text == "0\n"


# --- Limits -----------------------------------------------------------------------------------------------------------
def test_a_query_over_the_memory_cap_ends_and_the_server_lives(index_server: ServedFolder) -> None:
    greedy = "SELECT count() FROM (SELECT number AS n FROM numbers(60000000) GROUP BY n)"
    assert index_server.ask(greedy, max_bytes_before_external_group_by="0").code == 241
    assert index_server.ask("SELECT number FROM numbers(300000000) FORMAT Arrow").code == 396
    assert index_server.ask("SELECT 1").text == "1\n"


def test_all_queries_together_stay_under_the_cap(index_server: ServedFolder) -> None:
    """Each alone would be allowed three quarters: two of them are not."""
    greedy = "SELECT length(groupArray(number)), sleep(1) FROM numbers(30000000) SETTINGS max_threads = 1"
    alone = index_server.ask(greedy)
    answers: list = []
    threads = [threading.Thread(target=lambda: answers.append(index_server.ask(greedy))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert alone.status == 200, alone.text
    assert {answer.code for answer in answers} <= {0, 241}
    assert 241 in {answer.code for answer in answers}
    assert index_server.ask("SELECT 1").text == "1\n"


def test_a_scan_does_not_hold_up_a_question(index_server: ServedFolder) -> None:
    thread, answers = in_background(index_server, ENDLESS, query_id="scan", max_threads="1")
    assert index_server.ask("SELECT 1").text == "1\n"
    assert answers == [], "the question waited for the scan"
    index_server.ask("KILL QUERY WHERE query_id = 'scan'")
    thread.join()


def test_settings_do_not_leak_between_requests_of_a_connection(index_server: ServedFolder) -> None:
    held = index_server.connection()
    seen = []
    for setting in ("", "&max_block_size=77&readonly=1&database=system", ""):
        url = f"/?query={quote('SELECT currentDatabase(), getSetting(' + chr(39) + 'max_block_size' + chr(39) + ')')}"
        held.request("POST", url + setting, headers=index_server.headers())
        seen.append(held.getresponse().read())
    held.close()
    assert seen[0] == seen[2] != seen[1] == b"system\t77\n"
