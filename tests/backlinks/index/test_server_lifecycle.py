"""Killed, stopped, started twice: what was acknowledged is there, what was not is whole or absent."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from backlinks.index import launch
from tests.backlinks.index.conftest import ServedFolder, eventually
from tests.backlinks.index.test_server_protocol import ENDLESS, leave, running

BLOCK = 20_000
TABLE = """CREATE TABLE blocks (token UInt32, n UInt32, pad String) ENGINE = MergeTree ORDER BY (token, n)
    SETTINGS non_replicated_deduplication_window = 1000"""


class Writer(threading.Thread):
    """Sends numbered blocks one after the other until the server is gone."""

    def __init__(self, served: ServedFolder, first: int) -> None:
        super().__init__()
        self.client = served.client(autogenerate_session_id=False)
        self.acknowledged: set[int] = set()
        self.sent = first

    def send(self, token: int) -> None:
        columns = [[token] * BLOCK, list(range(BLOCK)), ["x" * 40] * BLOCK]
        self.client.insert(
            "blocks",
            columns,
            column_names=["token", "n", "pad"],
            column_oriented=True,
            settings={"insert_deduplication_token": f"token-{token}"},
        )
        self.acknowledged.add(token)

    def run(self) -> None:
        try:
            while True:
                self.sent += 1
                self.send(self.sent)
        except Exception:
            self.client.close()


def rows_by_token(served: ServedFolder) -> dict[int, int]:
    answer = served.ask("SELECT token, count() FROM blocks GROUP BY token")
    assert answer.status == 200, answer.text
    return {int(token): int(rows) for token, rows in (line.split() for line in answer.text.splitlines())}


def test_killed_in_mid_insert_it_has_whole_batches_only(served_folder: ServedFolder) -> None:
    served_folder.ask(TABLE)
    acknowledged: set[int] = set()
    sent = 0
    for killed_after in (3, 1):
        writer = Writer(served_folder, sent)
        writer.start()
        eventually(lambda: len(writer.acknowledged) >= killed_after)  # noqa: B023
        slow = leave(
            served_folder,
            "INSERT INTO blocks FORMAT CSV ",
            b"4000000000,1,x\n" * BLOCK,
            **{"Content-Length": str(1 << 30)},
        )
        served_folder.end(signal.SIGKILL)
        writer.join()
        slow.close()
        acknowledged |= writer.acknowledged
        sent = writer.sent
        served_folder.start()
        found = rows_by_token(served_folder)
        assert set(found.values()) == {BLOCK}, "a block is there in part"
        assert acknowledged <= set(found) <= set(range(1, sent + 1))
    again = Writer(served_folder, 0)
    for token in range(1, sent + 1):
        again.send(token)
    again.client.close()
    assert rows_by_token(served_folder) == dict.fromkeys(range(1, sent + 1), BLOCK)


def test_a_large_insert_is_one_part(served_folder: ServedFolder) -> None:
    """Three million rows in many Native blocks and pieces: one part, so never half of it."""
    served_folder.ask("CREATE TABLE big (n UInt32) ENGINE = MergeTree ORDER BY n")
    rows = served_folder.ask("SELECT toUInt32(number) AS n FROM numbers(3000000) FORMAT Native")
    assert served_folder.ask("INSERT INTO big FORMAT Native", body=rows.body).status == 200
    assert served_folder.ask("SELECT rows, level FROM system.parts WHERE table = 'big'").text == "3000000\t0\n"


def test_it_stops_when_asked_and_kills_what_does_not_end(served_folder: ServedFolder) -> None:
    served_folder.end()
    served_folder.start("--grace", "1")
    served_folder.ask(TABLE)
    answers: list = []
    thread = threading.Thread(target=lambda: answers.append(served_folder.ask(ENDLESS)))
    thread.start()
    half = leave(served_folder, "INSERT INTO blocks FORMAT CSV", b"1,1,x\n", **{"Content-Length": "99999"})
    eventually(lambda: running(served_folder, ENDLESS) and running(served_folder, "INSERT INTO blocks"))
    assert served_folder.end() == 0
    thread.join()
    assert answers[0].code == 394
    assert b"Code: 394" in half.makefile("rb").read()
    half.close()
    assert not (served_folder.folder / launch.NOTE).exists()
    served_folder.start()
    assert rows_by_token(served_folder) == {}


def test_an_insert_under_way_ends_before_it_stops(served_folder: ServedFolder) -> None:
    served_folder.ask(TABLE)
    body = b"1,1,x\n" * 100
    held = leave(served_folder, "INSERT INTO blocks FORMAT CSV", body[:60], **{"Content-Length": str(len(body))})
    eventually(lambda: running(served_folder, "INSERT INTO blocks"))
    assert served_folder.process
    served_folder.process.send_signal(signal.SIGTERM)
    eventually(lambda: not (served_folder.folder / launch.NOTE).exists())
    held.sendall(body[60:])
    assert b"200 OK" in held.makefile("rb").readline()
    held.close()
    assert served_folder.process.wait(30) == 0
    served_folder.start()
    assert rows_by_token(served_folder) == {1: 100}


def test_the_password_outlives_the_server(served_folder: ServedFolder) -> None:
    first = served_folder.address.password
    served_folder.end(signal.SIGKILL)
    served_folder.start()
    assert served_folder.address.password == first
    served_folder.end()
    (served_folder.folder / "password").chmod(0o644)
    served_folder.start()
    second = served_folder.address.password
    assert second != first, "others may have read it"
    served_folder.end()
    (served_folder.folder / "password").write_bytes(b"short\xff")
    served_folder.start()
    assert served_folder.address.password not in (first, second, "short")
    assert (served_folder.folder / "password").stat().st_mode & 0o777 == 0o600


def test_a_second_server_on_a_folder_says_so(served_folder: ServedFolder) -> None:
    second = subprocess.run(served_folder.command(), cwd=launch.ROOT, capture_output=True, text=True, check=False)
    assert second.returncode == 3
    assert second.stderr == (
        f"Another link index already serves {served_folder.folder}: stop it, or use another folder.\n"
    )
    assert served_folder.ask("SELECT 1").text == "1\n"


def test_two_folders_do_not_collide(served_folder: ServedFolder, tmp_path: Path) -> None:
    other = ServedFolder(tmp_path / "another one? & 50%")
    other.start()
    try:
        served_folder.ask("CREATE TABLE mine (n UInt8) ENGINE = MergeTree ORDER BY n")
        assert other.ask("EXISTS TABLE mine").text == "0\n"
        assert other.address.password != served_folder.address.password
        assert other.ask("SELECT 1", headers=served_folder.headers()).code == 516
    finally:
        assert other.end() == 0


def started(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "backlinks.index.server", *options]
    return subprocess.run(command, cwd=launch.ROOT, capture_output=True, text=True, check=False, timeout=60)


def test_a_port_in_use_says_so(tmp_path: Path, listener) -> None:
    port = listener.host.partition(":")[2]
    failed = started("--data", str(tmp_path / "index"), "--port", port)
    assert failed.returncode == 1
    assert failed.stderr == f"Port {port} on 127.0.0.1 cannot be used (Address already in use): choose another.\n"
    assert "cannot be used" in started("--data", str(tmp_path / "index"), "--port", "99999").stderr


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    if os.geteuid() == 0:  # nothing is read-only for root: a file in its place is
        folder.write_text("")
    else:
        folder.mkdir(mode=0o500)
    failed = started("--data", str(folder))
    assert failed.returncode == 1
    assert failed.stderr.startswith(f"The folder {folder} cannot be written (")
    assert failed.stderr.endswith("): make it writable.\n")


def test_data_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    (folder / "chdb").mkdir(parents=True)
    (folder / "chdb" / "metadata").mkdir()
    (folder / "chdb" / "metadata" / "default.sql").write_text("nonsense")
    failed = started("--data", str(folder))
    assert failed.returncode == 1
    assert "cannot be opened" in failed.stderr
    assert failed.stderr.splitlines()[-1].startswith(f"The data in {folder} cannot be opened (")


def test_it_stops_after_its_last_client(tmp_path: Path) -> None:
    served = ServedFolder(tmp_path / "index")
    served.start("--idle-stop", "1")
    client = served.connection()
    client.connect()
    assert served.process
    with pytest.raises(subprocess.TimeoutExpired):  # a client that is connected and silent holds it
        served.process.wait(3)
    client.request("GET", "/ping")
    assert client.getresponse().read() == b"Ok.\n"
    client.close()
    assert served.process.wait(30) == 0
    assert not (served.folder / launch.NOTE).exists()


def test_the_note_names_port_user_password_and_process(served_folder: ServedFolder) -> None:
    note = json.loads((served_folder.folder / launch.NOTE).read_text())
    assert served_folder.process
    assert note["pid"] == served_folder.process.pid
    assert set(note) == {"port", "user", "password", "pid"}
