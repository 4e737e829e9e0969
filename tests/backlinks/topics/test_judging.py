"""Topics of referring domains: which texts count how much, what outvotes nothing, what stays unknown."""

from collections.abc import Callable
from math import log1p
from time import time
from typing import Any

import pytest
from django.core.cache import cache

from backlinks import index, tasks
from backlinks.index import engine, topicruns
from tests.backlinks.index.observed import TARGET, asked, domain, link, observe
from tests.backlinks.topics.judging import judge, page, topics_of

pytestmark = pytest.mark.usefixtures("link_index")


def test_titles_anchors_texts_and_names_count_as_the_formula_says() -> None:
    judge(1, [page("a.example/1", title="Poker tonight", anchor="hotel in Rome", left="our vineyard", right="and the")])
    said = {"gambling/poker": log1p(3), "travel/hotels": log1p(2), "food/drinks": log1p(1)}
    whole = sum(said.values())
    assert topics_of(1)["a.example"] == {name: round(value / whole, 4) for name, value in said.items()}
    judged, evidence = index.judged_topics(asked(1), "a.example")
    assert [one.topic for one in judged] == ["gambling/poker", "travel/hotels", "food/drinks"]
    assert judged[0].words == ("poker",) and evidence == pytest.approx(whole)


def test_a_footer_on_every_page_does_not_outvote_the_pages() -> None:
    footer = {"anchor": "online casino", "left": "play poker here", "right": ""}
    rows = [page(f"garden.example/{number}", title=f"Gardening in month {number}", **footer) for number in range(200)]
    judge(1, rows)
    found = topics_of(1)["garden.example"]
    assert max(found, key=lambda name: found[name]) == "home/garden"


def test_one_page_full_of_links_counts_once_for_each_word() -> None:
    many = [
        page("mixed.example/list", title="Recipes", anchor=f"casino {number}")
        | {"target_key": f"client.example/{number}"}
        for number in range(50)
    ]
    judge(1, [*many, page("mixed.example/b", title="More recipes")])
    found = topics_of(1)["mixed.example"]
    whole = log1p(6) + log1p(2)
    assert found == {"food/recipes": round(log1p(6) / whole, 4), "gambling/casino": round(log1p(2) / whole, 4)}


def test_the_same_text_counts_once() -> None:
    judge(1, [page(f"a.example/{number}", title="Poker", anchor="Hotel") for number in range(30)])
    whole = log1p(3) + log1p(2)
    assert topics_of(1)["a.example"]["gambling/poker"] == round(log1p(3) / whole, 4)


def test_many_words_say_more_than_one_word_often() -> None:
    rows = [page(f"a.example/{number}", title=f"Casino {number}") for number in range(10)]
    words = ("gardening", "seedlings", "greenhouses", "compost", "perennials")
    judge(1, [*rows, *(page(f"a.example/{one}", title=one) for one in words)])
    found = topics_of(1)["a.example"]
    assert found["home/garden"] > found["gambling/casino"]


def test_general_words_go_to_the_strongest_topic_of_their_level() -> None:
    judge(
        1, [page("a.example/1", title="Travel and tourism: a hotel guide"), page("b.example/1", title="Travel agency")]
    )
    assert topics_of(1) == {"a.example": {"travel/hotels": 1.0}, "b.example": {"travel": 1.0}}


def test_at_most_three_topics_and_ties_by_name() -> None:
    judge(1, [page("a.example/1", title="Hotel, poker, insurance, dentist, gardening")])
    assert set(topics_of(1)["a.example"]) == {"finance/insurance", "gambling/poker", "health/dental"}


def test_without_evidence_no_topic_is_known_and_never_another() -> None:
    observe(1, [domain("named-only.example")], table="domain_links")
    judge(1, [page("a.example/1", title="Hello world"), page("b.example/1", left="my car")])
    assert topics_of(1) == {}
    rows = {row["source_domain"]: row for row in index.fetch(asked(1, "domains").showing(["topics"])).rows}
    assert {name: row["topics"] for name, row in rows.items()} == {
        "a.example": ["none"], "b.example": ["none"], "named-only.example": ["none"],
    }  # fmt: skip


def test_a_name_speaks_for_a_domain_without_links() -> None:
    observe(1, [domain("best-casino.example"), domain("pokerstation.example"), domain("transport.example")],
            table="domain_links")  # fmt: skip
    index.judge_topics(1, [TARGET])
    found = topics_of(1)
    assert found["best-casino.example"] == {"gambling/casino": 1.0}
    assert found["pokerstation.example"] == {"gambling/poker": 1.0}
    assert found["transport.example"] == {"business/logistics": 1.0}, "no sport in it"


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Günstige Kfz-Versicherung im Vergleich", "finance/insurance"),
        ("Les meilleures recettes de cuisine", "food/recipes"),
        ("Hoteles en Madrid y alojamientos", "travel/hotels"),
        ("Ubezpieczenia dla rodziny – poradnik", "finance/insurance"),
        ("Рецепты на каждый день", "food/recipes"),
        ("Ξενοδοχεία στην Κρήτη", "travel/hotels"),
        ("מלונות בתל אביב", "travel/hotels"),
        ("أفضل الفنادق في دبي", "travel/hotels"),
        ("فنادق دبي", "travel/hotels"),
        ("东京酒店推荐", "travel/hotels"),
        ("おすすめのオンラインカジノ比較", "gambling/casino"),
        ("“Casino”: the best", "gambling/casino"),
        ("CASINO\U0001f3b0NIGHT", "gambling/casino"),
    ],
)
def test_titles_of_many_languages(title: str, topic: str) -> None:
    judge(1, [page("a.example/1", title=title)])
    found = topics_of(1).get("a.example", {})
    assert topic in found


def test_hostile_texts_do_no_harm() -> None:
    rows = [
        page("long.example/1", title="poker " + "x" * 1_000_000),
        page("late.example/1", title="é" * 700 + " casino"),
        page("control.example/1", title="\x01\x02 casino \x07\t\n poker"),
        page("quotes.example/1", title="'); DROP TABLE topics; -- {x:String} %s casino"),
        page("emoji.example/1", title="\U0001f600" * 50),
        page("marks.example/1", title="....,,,;;;" * 100, anchor="<script>alert(1)</script>"),
    ]
    judge(1, rows)
    found = topics_of(1)
    assert found["long.example"] == {"gambling/poker": 1.0}
    assert "late.example" not in found, "of a long text its beginning counts"
    assert set(found["control.example"]) == {"gambling/casino", "gambling/poker"}
    assert found["quotes.example"] == {"gambling/casino": 1.0}
    assert "emoji.example" not in found and "marks.example" not in found


def test_a_new_settle_is_judged_anew_and_until_then_the_old_topics_stand() -> None:
    judge(1, [page("a.example/1", title="Poker")])
    assert index.is_judged(asked(1))
    observe(1, [page("b.example/1", title="Hotel")])
    assert not index.is_judged(asked(1)) and set(topics_of(1)) == {"a.example"}
    assert index.judge_due_topics(60) == 1 and index.judge_due_topics(60) == 0
    assert set(topics_of(1)) == {"a.example", "b.example"} and index.is_judged(asked(1))
    assert index.tidy_topics(grace_seconds=0) == 1
    assert engine.read("SELECT uniqExact(run) AS n FROM topics")[0]["n"] == 1


def test_a_target_that_fails_keeps_nobody_waiting_and_rests(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cache.clear()
    names = ["a.example", "b.example", "bad.example", "d.example", "e.example"]
    observe(1, [link("s.example/1", f"{name}/", title="Poker") for name in names])
    observe(2, [link("s.example/1", "late.example/", title="Hotel")])
    tried: list[str] = []
    write = engine.write

    def broken(statement: str, bound: Any = None, **options: Any) -> None:
        tried.extend((bound or {}).get("targets", ()))
        if "bad.example" in (bound or {}).get("targets", ()):
            raise engine.FAILURES[0]("Code: 241. DB::Exception: MEMORY_LIMIT_EXCEEDED")
        write(statement, bound, **options)

    monkeypatch.setattr(engine, "write", broken)
    renewed: list[int] = []
    assert index.judge_due_topics(0, lambda: renewed.append(1)) == 0, "its first step has failed"
    assert index.judge_due_topics(0) == 1 and tried[-1] == "late.example", "others go before what has failed"
    assert index.judge_due_topics(60, lambda: renewed.append(1)) == 4 and len(renewed) > 3
    assert [one.getMessage() for one in caplog.records if one.levelname == "ERROR"] == [
        "topics of bad.example in workspace 1 were not judged"
    ]
    tried.clear()
    assert index.judge_due_topics(60) == 0 and not tried, "it rests"
    monkeypatch.setattr(topicruns, "time", lambda: time() + 2 * topicruns.REST_SECONDS)
    monkeypatch.setattr(engine, "write", write)
    assert index.judge_due_topics(60) == 1 and index.judge_due_topics(60) == 0


def test_the_lease_of_judging_is_renewed_and_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    held: list[bool] = []

    def judging(_seconds: float, renew: Callable[[], None]) -> int:
        cache.delete(tasks.JUDGING)
        renew()
        held.append(cache.add(tasks.JUDGING, "another", 1))
        return 3

    monkeypatch.setattr(index, "judge_due_topics", judging)
    assert tasks.judge_topics() == 3 and held == [False]
    assert cache.get(tasks.JUDGING) is None and tasks.JUDGING_LEASE <= 900


def test_workspaces_do_not_see_each_other() -> None:
    judge(1, [page("a.example/1", title="Poker")])
    judge(2, [page("b.example/1", title="Hotel")])
    assert set(topics_of(1)) == {"a.example"} and set(topics_of(2)) == {"b.example"}
    assert index.judged_topics(asked(2), "a.example") == ([], 0.0)
