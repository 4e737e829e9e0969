"""Whoever needs the index first starts it; the others find it."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from backlinks.index import launch
from tests.backlinks.index.conftest import ServedFolder, eventually


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A data folder; whatever serves it at the end is stopped."""
    path = tmp_path / "index"
    yield path
    if launch.find(path):
        pid = json.loads((path / launch.NOTE).read_text())["pid"]
        os.kill(pid, signal.SIGTERM)
        eventually(lambda: launch.find(path) is None)


def test_nobody_is_found_where_nobody_serves(folder: Path) -> None:
    assert launch.find(folder) is None
    folder.mkdir()
    silent = {"port": 1, "user": "a", "password": "b", "pid": os.getpid()}
    for text in ("", "{", "[]", '{"port": "x"}', '{"port": 1}', json.dumps(silent)):
        (folder / launch.NOTE).write_text(text)
        assert launch.find(folder) is None


def test_a_note_of_a_dead_server_is_not_believed(index_server: ServedFolder, folder: Path) -> None:
    """Another installation may have taken its port: this password is not for it."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    folder.mkdir()
    note = {"port": index_server.address.port, "user": "linkledger", "password": "old", "pid": gone.pid}
    (folder / launch.NOTE).write_text(json.dumps(note))
    assert launch.find(folder) is None


def test_many_who_need_it_at_once_get_one_server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SECRET_PLANTED", "planted-secret")
    found: list[launch.IndexAddress] = []
    threads = [threading.Thread(target=lambda: found.append(launch.ensure_running(folder))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    pid = json.loads((folder / launch.NOTE).read_text())["pid"]
    environment = Path(f"/proc/{pid}/environ").read_text()
    assert "planted-secret" not in environment
    assert os.getsid(pid) == pid, "it must outlive the one that started it"
    assert f"--idle-stop\0{launch.IDLE_STOP}" in Path(f"/proc/{pid}/cmdline").read_text()
    assert launch.ensure_running(folder) == found[0]


def test_it_is_started_again_after_a_crash(folder: Path) -> None:
    first = launch.ensure_running(folder)
    os.kill(json.loads((folder / launch.NOTE).read_text())["pid"], signal.SIGKILL)
    eventually(lambda: launch.find(folder) is None)
    second = launch.ensure_running(folder)
    assert second.password == first.password


def test_why_it_cannot_start_is_said(tmp_path: Path) -> None:
    blocked = tmp_path / "index"
    blocked.write_text("")
    with pytest.raises(launch.IndexUnavailable, match=r"cannot be written \(.*\): make it writable"):
        launch.ensure_running(blocked)
    broken = tmp_path / "broken"
    (broken / "chdb" / "metadata").mkdir(parents=True)
    (broken / "chdb" / "metadata" / "default.sql").write_text("nonsense")
    with pytest.raises(launch.IndexUnavailable, match=r"could not start: The data in .* cannot be opened"):
        launch.ensure_running(broken)


def test_the_command_becomes_a_server_without_secrets(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "SEOAPP_DATA": str(tmp_path), "PLANTED": "planted-secret", "DEBUG": "1"}
    command = [sys.executable, "manage.py", "linkindex"]
    process = subprocess.Popen(command, cwd=launch.ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        eventually(lambda: launch.find(tmp_path / "index") or process.poll() is not None)
        assert json.loads((tmp_path / "index" / launch.NOTE).read_text())["pid"] == process.pid
        assert "planted-secret" not in Path(f"/proc/{process.pid}/environ").read_text()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
