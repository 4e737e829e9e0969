"""Dear answers are kept by statement, parameters and what stands beside; cheap and long ones are asked again."""

import pytest
from django.core.cache import cache

from backlinks import index
from backlinks.index import engine, kept
from tests.backlinks.index.observed import asked, link, observe

pytestmark = pytest.mark.usefixtures("link_index")
ONE = ("SELECT {n:UInt8} AS n", {"n": 1})


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of the index; every answer is dear."""
    cache.clear()
    told: list[str] = []
    read = engine.read
    monkeypatch.setattr(engine, "read", lambda sql, *rest, **more: told.append(sql) or read(sql, *rest, **more))
    monkeypatch.setattr(kept, "DEAR_SECONDS", -1.0)
    return told


def test_the_same_question_is_asked_once(questions: list[str]) -> None:
    assert [kept.read(*ONE) for _ in range(3)] == [[{"n": 1}]] * 3
    assert len(questions) == 1


def test_other_parameters_and_what_stands_beside_are_other_questions(questions: list[str]) -> None:
    assert kept.read(ONE[0], {"n": 2}) == [{"n": 2}]
    assert kept.read(*ONE) == [{"n": 1}]
    assert kept.read(*ONE, beside=7) == [{"n": 1}]
    assert len(questions) == 3


def test_cheap_and_long_answers_are_not_kept(questions: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_ROWS", 0)
    kept.read(*ONE)
    kept.read(*ONE)
    monkeypatch.setattr(kept, "MOST_ROWS", 10)
    monkeypatch.setattr(kept, "DEAR_SECONDS", 1000.0)
    kept.read(*ONE)
    kept.read(*ONE)
    assert len(questions) == 4


def test_a_new_generation_is_read_anew(questions: list[str]) -> None:
    observe(7, [link("a.example/", "client.example/")])
    assert index.fetch(asked(7, "hosts", "client.example")).rows[0]["links"] == 1
    observe(7, [link("a.example/b", "client.example/")])
    assert index.fetch(asked(7, "hosts", "client.example")).rows[0]["links"] == 2
