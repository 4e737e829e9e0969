"""The taxonomy and its words: what the file promises, spelled forms, shared and ambiguous words."""

import pytest

from backlinks.topics import taxonomy
from backlinks.topics.words import LONGEST, code_of, forms_of, lexicon, plural, tokens, without_accents


def meanings(*parts: str) -> dict[str, float]:
    """Topic -> weight of a word or phrase as the lexicon has it."""
    held = lexicon()
    numbers = tuple(held.forms[part] for part in parts)
    number = numbers[0] if len(numbers) == 1 else held.phrases[numbers]
    return {entry.topic: entry.weight for one, entry in held.meanings if one == number}


def test_every_topic_has_a_label_a_first_level_and_english_words() -> None:
    held = taxonomy.taxonomy()
    for name, one in held.topics.items():
        assert one.label, name
        assert len(one.words["en"]) >= 5, name
        assert taxonomy.group_of(name) in held.topics, name
    labels = [one.label for one in held.topics.values()]
    assert len(set(labels)) == len(labels)
    first = [name for name in held.topics if "/" not in name]
    assert 25 <= len(first) <= 40 and len(held.topics) > 150


def test_main_topics_have_words_in_every_language() -> None:
    held = taxonomy.taxonomy()
    for name in ("finance", "travel", "food", "health", "vehicles", "home", "sport", "news", "gambling", "adult"):
        assert set(held.topics[name].words) >= set(taxonomy.LANGUAGES), name


def test_what_an_audit_asks_about_is_marked() -> None:
    groups = {taxonomy.group_of(name) for name in taxonomy.sensitive_ids()}
    assert groups == {"adult", "gambling", "pharma", "payday", "linkselling", "piracy"}
    assert all(
        taxonomy.group_of(name) not in groups or name in taxonomy.sensitive_ids() for name in taxonomy.topic_ids()
    )


def test_no_word_of_the_file_is_lost() -> None:
    held = taxonomy.taxonomy()
    for topic in held.topics.values():
        for language, words in topic.words.items():
            for word in words:
                assert list(forms_of(held, language, word.rstrip("?").lower())), (topic.id, language, word)
                if language in ("zh", "ja"):
                    assert 2 <= len(word.rstrip("?")) <= 6, (topic.id, word)


def test_numbers_fit_into_sixteen_bits() -> None:
    held = lexicon()
    assert max(*held.forms.values(), *held.phrases.values()) < 65_536
    assert all(2 <= len(parts) <= LONGEST for parts in held.phrases)
    assert len(held.codes) == len(held.phrases), "no two phrases have the same code"


@pytest.mark.parametrize(
    ("word", "topic"),
    [
        ("insurance", "finance/insurance"), ("versicherungen", "finance/insurance"),
        ("ubezpieczenie", "finance/insurance"),
        ("ασφάλειες", "finance/insurance"), ("страхование", "finance/insurance"), ("וביטוח", "finance/insurance"),
        ("التأمين", "finance/insurance"), ("保险", "finance/insurance"), ("jardinage", "home/garden"),
        ("giardinaggio", "home/garden"), ("tuinieren", "home/garden"), ("jardinería", "home/garden"),
        ("receitas", "food/recipes"), ("カジノ", "gambling/casino"), ("казино", "gambling/casino"),
        ("kasyno", "gambling/casino"), ("viagra", "pharma"),
    ],
)  # fmt: skip
def test_words_of_many_languages(word: str, topic: str) -> None:
    assert meanings(word) == {topic: 1.0}


def test_phrases_are_their_parts_side_by_side() -> None:
    assert meanings("payday", "loans") == {"payday": 1.0}
    assert meanings("offre", "d", "emploi") == {"careers/search": 1.0}
    assert meanings("life", "insurance") == {"finance/insurance": 1.0}
    assert code_of((1, 2)) == 65_538 and code_of((1, 2, 3)) > 2**32


def test_ambiguous_words_weigh_less_and_shared_ones_are_shared() -> None:
    assert meanings("bank") == {"finance/banking": 0.2, "home/furniture": 0.2}
    assert meanings("car") == {"vehicles": 0.4}
    assert meanings("divorce")["law/immigration"] == 0.5
    assert meanings("professor") == {"education": 1.0, "education/higher": 1.0}, "one first level shares nothing"


def test_spellings_without_accents() -> None:
    assert meanings("jardineria") == meanings("jardinería")
    assert meanings("moebel") == meanings("möbel") == meanings("mobel")
    assert without_accents("żółć") == "zolc"


def test_plurals_and_cuts() -> None:
    assert [plural(one) for one in ("loan", "battery", "tax", "day", "news")] == [
        "loans", "batteries", "taxes", "days", "news",
    ]  # fmt: skip
    assert tokens("l'assurance e-commerce, 50% off!") == ("l", "assurance", "e", "commerce", "50", "off")


def test_shown_topics_leave_out_what_stands_above() -> None:
    assert taxonomy.shown(["travel/hotels", "food", "travel"]) == ["travel/hotels", "food"]
    assert taxonomy.shown(["none"]) == []
    assert taxonomy.label_of("travel/hotels") == "Travel / Hotels and places to stay"
    assert taxonomy.label_of("gone/topic") == "gone/topic"
