"""Connections that are lent again: to whom, and never after a failure."""

import pytest

from backlinks.index.server import sessions
from tests.backlinks.index.conftest import ServedFolder


class Opened:
    """Stands for a chDB connection."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.is_closed = False

    def query(self, sql: str, _: str) -> None:
        self.said.append(sql)

    def close(self) -> None:
        self.is_closed = True


def test_only_the_same_settings_and_database_share_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "connect", lambda _: Opened())
    pool, lent = sessions.Sessions(), []
    for settings, database in (({"a": "1"}, "d"), ({"a": "2"}, "d"), ({"a": "1"}, "e"), ({"a": "1"}, "d"), ({}, "")):
        with pool.lend(settings, database) as connection:
            lent.append(connection)
    assert lent[3] is lent[0]
    assert len({id(one) for one in lent}) == 4
    assert [one.said for one in lent[:2]] == [["USE `d`", "SET a = 1"], ["USE `d`", "SET a = 2"]]
    pool.close()
    assert all(one.is_closed for one in lent)


def test_what_is_lent_is_nobody_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "connect", lambda _: Opened())
    pool = sessions.Sessions()
    with pool.lend({}, "d") as one, pool.lend({}, "d") as other:
        assert one is not other


def test_a_connection_that_failed_or_has_a_token_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "connect", lambda _: Opened())
    pool = sessions.Sessions()
    try:
        with pool.lend({}, "d") as failed:
            raise ValueError
    except ValueError:
        assert failed.is_closed
    with pool.lend({sessions.ONCE: "block 1"}, "d") as written:
        pass
    assert written.is_closed


def test_idle_connections_are_few_and_the_oldest_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "connect", lambda _: Opened())
    pool, lent = sessions.Sessions(), []
    for number in range(sessions.KEPT + 1):
        with pool.lend({"a": str(number)}, "d") as connection:
            lent.append(connection)
    assert [one.is_closed for one in lent] == [True, *[False] * sessions.KEPT]


def test_a_value_that_is_bound_once_is_not_known_to_the_next_request(index_server: ServedFolder) -> None:
    assert index_server.ask("SELECT {a:String}", param_a="x").text == "x\n"
    assert "`a` is not set" in index_server.ask("SELECT {a:String}").text
    assert index_server.ask("SELECT {a:String}", param_a="y").text == "y\n"
