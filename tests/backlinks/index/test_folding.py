"""Words folded: the index and Python make the same of every text."""

import random
import unicodedata

from backlinks.index import engine, folding

TEXTS = (
    "Müller & Söhne", "ZÜRICH", "Straße", "Ærø — Łódź", "ΟΔΟΣ", "οδός", "İstanbul", "ısı", "Ёлка", "й", "ﬁne ①", "ガ",
    "カ\u3099", "ｶﾞ", "한국어", "हिन्दी", "ไทย", "naïve-café", "  a  b ", "→ »", "100%", "e\u0301", "Ǆ", "ŉ", "ẞ",
)  # fmt: skip


def _folded(texts):
    rows = engine.read(
        f"SELECT arrayMap(x -> {folding.folded_sql('x')}, {{texts:Array(String)}}) AS made", {"texts": list(texts)}
    )
    return rows[0]["made"]


def test_index_and_python_fold_alike(link_index):
    assert _folded(TEXTS) == [folding.fold(one) for one in TEXTS]


def test_they_fold_random_texts_alike(link_index):
    """Letters of the scripts that anchors are written in, with marks and signs between them."""
    chance = random.Random(5)
    letters = [
        chr(one) for one in (*range(0x20, 0x250), *range(0x300, 0x530), *range(0x5D0, 0x650), *range(0x3041, 0x3100))
        if unicodedata.category(chr(one)) not in ("Cn", "Cc")
    ]  # fmt: skip
    texts = ["".join(chance.choices(letters, k=chance.randint(1, 12))) for _ in range(3_000)]
    made = _folded(texts)
    assert [(one, index) for one, index in zip(texts, made, strict=True) if folding.fold(one) != index] == []


def test_folding_twice_changes_nothing():
    for one in (*TEXTS, *folding.listed("generic"), *folding.listed("stop")):
        assert folding.fold(folding.fold(one)) == folding.fold(one)


def test_a_needle_is_a_whole_word_where_words_have_ends():
    assert folding.needle("light") == " light "
    assert folding.needle("東京") == "東京"
    assert folding.needle("東京 tower") == "東京 tower "


def test_lists_speak_the_languages_they_say():
    assert {"en", "de", "fr", "es", "it", "nl", "pl", "pt", "ru", "ja"} <= set(folding.languages("generic"))
    for word in ("click here", "hier klicken", "cliquez ici", "haz clic aqui", "clicca qui", "klik hier"):
        assert word in folding.listed("generic")
    for word in ("kliknij tutaj", "clique aqui", "нажмите здесь", "こちら"):
        assert folding.fold(word) in folding.listed("generic")
