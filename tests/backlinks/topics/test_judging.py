"""Topics of referring domains: which texts count how much, what outvotes nothing, what stays unknown."""

from collections.abc import Callable
from math import log1p
from time import time
from typing import Any

import pytest
from django.core.cache import cache

from backlinks import index, tasks
from backlinks.index import engine, topicruns
from tests.backlinks.index.observed import TARGET, asked, domain, link, observe, observe_all
from tests.backlinks.topics.judging import judge, page, topics_of
from tests.conftest import Hold

FOOTER = {"anchor": "online casino", "left": "play poker here", "right": ""}
TITLES = {
    "Günstige Kfz-Versicherung im Vergleich": "finance/insurance",
    "Les meilleures recettes de cuisine": "food/recipes",
    "Hoteles en Madrid y alojamientos": "travel/hotels",
    "Ubezpieczenia dla rodziny – poradnik": "finance/insurance",
    "Рецепты на каждый день": "food/recipes",
    "Ξενοδοχεία στην Κρήτη": "travel/hotels",
    "מלונות בתל אביב": "travel/hotels",
    "أفضل الفنادق في دبي": "travel/hotels",
    "فنادق دبي": "travel/hotels",
    "东京酒店推荐": "travel/hotels",
    "おすすめのオンラインカジノ比較": "gambling/casino",
    "“Casino”: the best": "gambling/casino",
    "CASINO\U0001f3b0NIGHT": "gambling/casino",
}
WORDS = ("gardening", "seedlings", "greenhouses", "compost", "perennials")
SAID = [
    page("formula.example/1", title="Poker tonight", anchor="hotel in Rome", left="our vineyard", right="and the"),
    *(page(f"garden.example/{number}", title=f"Gardening in month {number}", **FOOTER) for number in range(200)),
    *(
        page("mixed.example/list", title="Recipes", anchor=f"casino {number}")
        | {"target_key": f"client.example/{number}"}
        for number in range(50)
    ),
    page("mixed.example/b", title="More recipes"),
    *(page(f"same.example/{number}", title="Poker", anchor="Hotel") for number in range(30)),
    *(page(f"many.example/{number}", title=f"Casino {number}") for number in range(10)),
    *(page(f"many.example/{one}", title=one) for one in WORDS),
    page("both.example/1", title="Travel and tourism: a hotel guide"),
    page("general.example/1", title="Travel agency"),
    page("three.example/1", title="Hotel, poker, insurance, dentist, gardening"),
    page("silent.example/1", title="Hello world"),
    page("car.example/1", left="my car"),
    page("long.example/1", title="poker " + "x" * 1_000_000),
    page("late.example/1", title="é" * 700 + " casino"),
    page("control.example/1", title="\x01\x02 casino \x07\t\n poker"),
    page("quotes.example/1", title="'); DROP TABLE topics; -- {x:String} %s casino"),
    page("emoji.example/1", title="\U0001f600" * 50),
    page("marks.example/1", title="....,,,;;;" * 100, anchor="<script>alert(1)</script>"),
    *(page(f"t{number}.example/1", title=title) for number, title in enumerate(TITLES)),
]
NAMED = ("named-only.example", "best-casino.example", "pokerstation.example", "transport.example")


Judged = dict[str, dict[str, float]]


@pytest.fixture
def judged(held_index: Hold) -> Judged:
    """Topics of every domain of SAID, by what its pages say, and of NAMED, which have a name and no link."""

    def made() -> None:
        observe_all(1, (SAID, "semrush", "observations"), ([domain(one) for one in NAMED], "semrush", "domain_links"))
        index.judge_topics(1, [TARGET])

    held_index("topics judged", made)
    return topics_of(1)


def test_titles_anchors_texts_and_names_count_as_the_formula_says(judged: Judged) -> None:
    said = {"gambling/poker": log1p(3), "travel/hotels": log1p(2), "food/drinks": log1p(1)}
    whole = sum(said.values())
    assert judged["formula.example"] == {name: round(value / whole, 4) for name, value in said.items()}
    found, evidence = index.judged_topics(asked(1), "formula.example")
    assert [one.topic for one in found] == ["gambling/poker", "travel/hotels", "food/drinks"]
    assert found[0].words == ("poker",) and evidence == pytest.approx(whole)


def test_a_footer_on_every_page_does_not_outvote_the_pages(judged: Judged) -> None:
    found = judged["garden.example"]
    assert max(found, key=lambda name: found[name]) == "home/garden"


def test_one_page_full_of_links_counts_once_for_each_word(judged: Judged) -> None:
    whole = log1p(6) + log1p(2)
    expected = {"food/recipes": round(log1p(6) / whole, 4), "gambling/casino": round(log1p(2) / whole, 4)}
    assert judged["mixed.example"] == expected


def test_the_same_text_counts_once(judged: Judged) -> None:
    whole = log1p(3) + log1p(2)
    assert judged["same.example"]["gambling/poker"] == round(log1p(3) / whole, 4)


def test_many_words_say_more_than_one_word_often(judged: Judged) -> None:
    assert judged["many.example"]["home/garden"] > judged["many.example"]["gambling/casino"]


def test_general_words_go_to_the_strongest_topic_of_their_level(judged: Judged) -> None:
    assert (judged["both.example"], judged["general.example"]) == ({"travel/hotels": 1.0}, {"travel": 1.0})


def test_at_most_three_topics_and_ties_by_name(judged: Judged) -> None:
    assert set(judged["three.example"]) == {"finance/insurance", "gambling/poker", "health/dental"}


def test_without_evidence_no_topic_is_known_and_never_another(judged: Judged) -> None:
    unknown = {"silent.example", "car.example", "named-only.example"}
    assert not unknown & judged.keys()
    rows = {row["source_domain"]: row for row in index.stream(asked(1, "domains").showing(["topics"]))}
    assert [rows[name]["topics"] for name in unknown] == [["none"]] * 3


def test_a_name_speaks_for_a_domain_without_links(judged: Judged) -> None:
    assert judged["best-casino.example"] == {"gambling/casino": 1.0}
    assert judged["pokerstation.example"] == {"gambling/poker": 1.0}
    assert judged["transport.example"] == {"business/logistics": 1.0}, "no sport in it"


@pytest.mark.parametrize("number", range(len(TITLES)), ids=list(TITLES))
def test_titles_of_many_languages(judged: Judged, number: int) -> None:
    assert list(TITLES.values())[number] in judged.get(f"t{number}.example", {})


def test_hostile_texts_do_no_harm(judged: Judged) -> None:
    assert judged["long.example"] == {"gambling/poker": 1.0}
    assert "late.example" not in judged, "of a long text its beginning counts"
    assert set(judged["control.example"]) == {"gambling/casino", "gambling/poker"}
    assert judged["quotes.example"] == {"gambling/casino": 1.0}
    assert "emoji.example" not in judged and "marks.example" not in judged


@pytest.mark.usefixtures("link_index")
def test_a_new_settle_is_judged_anew_and_until_then_the_old_topics_stand() -> None:
    judge(1, [page("a.example/1", title="Poker")])
    assert index.is_judged(asked(1))
    observe(1, [page("b.example/1", title="Hotel")])
    assert not index.is_judged(asked(1)) and set(topics_of(1)) == {"a.example"}
    assert index.judge_due_topics(60) == 1 and index.judge_due_topics(60) == 0
    assert set(topics_of(1)) == {"a.example", "b.example"} and index.is_judged(asked(1))
    assert index.tidy_topics(grace_seconds=0) == 1
    assert engine.read("SELECT uniqExact(run) AS n FROM topics")[0]["n"] == 1


@pytest.mark.usefixtures("link_index")
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


@pytest.mark.usefixtures("link_index")
def test_workspaces_do_not_see_each_other() -> None:
    judge(1, [page("a.example/1", title="Poker")])
    judge(2, [page("b.example/1", title="Hotel")])
    assert set(topics_of(1)) == {"a.example"} and set(topics_of(2)) == {"b.example"}
    assert index.judged_topics(asked(2), "a.example") == ([], 0.0)
