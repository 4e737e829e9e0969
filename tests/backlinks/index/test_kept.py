"""Answers are kept by statement, parameters and what they rest on; what changes by itself is asked again."""

from collections.abc import Iterator

import pytest

from backlinks import index
from backlinks.index import engine, kept
from tests.backlinks.index.observed import asked, link, observe

ONE = ("SELECT {n:UInt8} AS n", {"n": 1})
CRAWLED = ("SELECT {n:UInt8} AS n, (SELECT count() FROM crawled_pages) AS pages", {"n": 1})
TOPICS = ("SELECT {n:UInt8} AS n, (SELECT count() FROM topics) AS judged", {"n": 1})


@pytest.fixture
def questions(index_process: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Statements that the index was really asked."""
    asked: list[str] = []
    really = engine.read

    def read(sql: str, *arguments: object, **options: object) -> list[dict[str, object]]:
        asked.append(sql)
        return really(sql, *arguments, **options)

    monkeypatch.setattr(engine, "read", read)
    return asked


@pytest.fixture
def page() -> Iterator[None]:
    with kept.page():
        yield


def test_an_answer_of_a_generation_is_given_again_and_nobody_can_change_it(questions: list[str]) -> None:
    first = kept.read(*ONE)
    first[0]["n"] = 99
    assert kept.read(*ONE) == [{"n": 1}]
    assert kept.read(ONE[0], {"n": 2}) == [{"n": 2}]
    assert len(questions) == 2


def test_rows_that_count_with_their_batch_rest_on_the_epoch(questions: list[str]) -> None:
    for epoch, times in (((1, 1), 1), ((1, 1), 1), ((1, 2), 2), ((2, 2), 3), (None, 4), (None, 5)):
        kept.read(*CRAWLED, epoch=epoch)
        assert len(questions) == times, epoch


def test_what_rests_on_something_else_is_asked_again_unless_the_caller_says_on_what(questions: list[str]) -> None:
    for beside, times in ((None, 1), (None, 2), (7, 3), (7, 3), (8, 4)):
        kept.read(*TOPICS, epoch=(1, 1), beside=beside)
        assert len(questions) == times, beside


def test_what_this_process_writes_counts_at_once(questions: list[str]) -> None:
    kept.read(*ONE)
    engine.write("TRUNCATE TABLE mentions")
    kept.read(*ONE)
    assert len(questions) == 2


def test_dear_answers_are_shared_by_all_processes_and_long_ones_are_not_kept(
    questions: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "DEAR_SECONDS", -1.0)
    kept.read(*ONE)
    kept.near.clear()
    assert kept.read(*ONE) == [{"n": 1}]
    assert len(questions) == 1
    monkeypatch.setattr(kept, "MOST_ROWS", 0)
    assert [kept.read(ONE[0], {"n": 3}) for _ in range(2)] == [[{"n": 3}]] * 2
    assert len(questions) == 3


def test_a_page_asks_once_and_others_see_at_once_what_is_written(questions: list[str], page: None) -> None:
    for ask in (kept.once, kept.briefly):
        questions.clear()
        assert [ask(*ONE) for _ in range(3)] == [[{"n": 1}]] * 3
        assert len(questions) == 1


def test_outside_of_a_page_nothing_brief_is_kept(questions: list[str]) -> None:
    for ask in (kept.once, kept.briefly):
        questions.clear()
        assert [ask(*ONE) for _ in range(3)] == [[{"n": 1}]] * 3
        assert len(questions) == 3
    assert kept.epoch_of(1) is None


def test_a_batch_and_a_settle_make_a_new_epoch(link_index: None, page: None) -> None:
    assert kept.epoch_of(1) == (0, 0)
    with kept.page():
        engine.insert(
            "batches",
            {
                "workspace": [1],
                "batch": [5],
                "state": ["complete"],
                "source": ["ahrefs"],
                "report": ["x"],
                "label": [""],
            },
        )
        generation, batch = kept.epoch_of(1) or (0, 0)
        assert generation == 0
        assert batch > 0


def test_a_new_generation_is_read_anew_even_if_another_process_made_it(link_index: None) -> None:
    for links, address in ((1, "a.example/"), (2, "a.example/b")):
        observe(7, [link(address, "client.example/")])
        engine.written.times = 0
        with kept.page():
            assert index.fetch(asked(7, "hosts", "client.example")).rows[0]["links"] == links


def test_a_pin_says_what_kept_answers_rest_on(link_index: None, questions: list[str], page: None) -> None:
    observe(7, [link("a.example/", "client.example/")])
    questions.clear()
    first, unknown = (index.pin(asked(7, "hosts", domain)) for domain in ("client.example", "other.example"))
    assert sum("FROM generations" in sql for sql in questions) == 2  # one statement for each target, none for the epoch
    assert first.epoch == unknown.epoch == kept.epoch_of(7)
    assert first.epoch is not None
    assert first.epoch[0] == first.generation > 0
    assert unknown.generation == 0


def test_the_memory_of_a_process_is_bounded_and_what_was_used_last_stays() -> None:
    near = kept.Near(3_000)
    for number in range(100):
        near.put(str(number), [{"text": "x" * 500}], 60)
        near.get("0")
    assert near.get("0") == [{"text": "x" * 500}]
    assert near.get("1") is None
    assert near.get("99") is not None
    near.put("late", [{"n": 1}], -1)
    assert near.get("late") is None


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT 1 FROM (SELECT a FROM links) ARRAY JOIN ips AS ip", {"links"}),
        ("SELECT 1 FROM edges LEFT ANY JOIN authority ON x = y WHERE b IN (SELECT b FROM batches)",
         {"edges", "authority", "batches"}),
    ],
)  # fmt: skip
def test_the_tables_of_a_statement_are_read_off_it(sql: str, tables: set[str]) -> None:
    assert kept.tables_of(sql) == tables
