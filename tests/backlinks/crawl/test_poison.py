"""Words of ill repute: whole words in the language of the text, and nothing said where we have no words."""

import pytest

from backlinks.crawl import poison
from backlinks.crawl.letters import foreign, has_foreign, scripts_of
from backlinks.crawl.wordlists import EVERYWHERE, fold, listed, load, searched

CATEGORIES = {"pharma", "casino", "adult", "loan", "replica", "hacking"}
# A text with one word of a list in it, and one of the same language without.
TEXTS = {
    "en": ("Payday loans for everyone", "A loan of garden tools"),
    "de": ("Sofortkredit ohne Fragen", "Ein Kredit an Vertrauen"),
    "fr": ("Machines à sous en ligne", "Machines à coudre"),
    "es": ("créditos rápidos hoy", "un crédito al autor"),
    "pt": ("caça-níqueis grátis", "caça ao tesouro"),
    "it": ("scommesse sportive", "scommettiamo che piove"),
    "nl": ("gokkasten online", "een nieuwe kast"),
    "pl": ("chwilówki online", "chwila przerwy"),
    "cs": ("výherní automaty", "automat na kávu"),
    "hu": ("nyerőgépek ingyen", "varrógépek"),
    "ro": ("păcănele gratis", "păcat de vreme"),
    "bg": ("спортни залози", "спортни новини"),
    "sv": ("snabblån direkt", "snabb mat"),
    "fi": ("nettikasinot 2026", "nettikauppa"),
    "ru": ("игровые автоматы", "игровая площадка"),
    "uk": ("ставки на спорт", "новини спорту"),
    "el": ("στοιχηματικές εταιρίες", "μεταφορικές εταιρίες"),
    "tr": ("kaçak bahis", "bahçe işleri"),
    "ar": ("كازينو اون لاين", "حديقة المنزل"),
    "he": ("אתרי הימורים", "אתרי גינון"),
    "fa": ("سایت شرط بندی", "سایت باغبانی"),
    "hi": ("ऑनलाइन जुआ", "ऑनलाइन समाचार"),
    "th": ("เว็บสล็อตออนไลน์", "เว็บข่าวสวน"),
    "vi": ("nhà cái uy tín", "nhà vườn đẹp"),
    "id": ("situs judi terbaik", "situs berita"),
    "ja": ("新しいオンラインカジノの紹介", "園芸工具の紹介"),
    "zh": ("最好的百家乐网站", "最好的园艺工具"),
    "ko": ("안전한 카지노를 찾는", "가야동 맛집"),
}  # fmt: skip


@pytest.mark.parametrize("language", TEXTS)
def test_words_of_a_language(language: str) -> None:
    bad, good = TEXTS[language]
    assert poison.poison_in(bad, language), bad
    assert poison.poison_in(good, language) == (), good


# What honest texts say in words that are near to those of the lists.
HONEST = {
    "en": "Run ssh-keygen, carding wool, planning poker, a network booter, a loan of books, hack day, Escort cars",
    "de": "Kuchen ohne Rezept, Kredit an Vertrauen, Wette um ein Bier",
    "es": "cocinar sin receta", "pt": "empresa sem receita", "it": "cucinare senza ricetta",
    "nl": "koken zonder recept",
    "sv": "laga mat utan recept", "hu": "főzés recept nélkül", "cs": "vaření bez receptu", "ru": "готовим без рецепта",
    "el": "μαγειρεύω χωρίς συνταγή", "id": "togel bilah sisi, memasak tanpa resep", "fa": "نرم افزار بدون نسخه",
    "ja": "スロットに差し込む", "ko": "가야동 슬롯에 회사채",
}  # fmt: skip


@pytest.mark.parametrize("language", HONEST)
def test_words_of_honest_texts_are_none(language: str) -> None:
    assert poison.poison_in(HONEST[language], language) == ()


def test_every_language_has_words_of_every_category() -> None:
    lists = {name: words for name, words in listed("poison").items() if name != "version"}
    assert set(lists) == CATEGORIES and len(poison.languages()) >= 30
    assert all(set(words) == poison.languages() | {EVERYWHERE} for words in lists.values())
    assert set(load("paid").languages) == poison.languages() | {EVERYWHERE}
    for words in lists.values():
        assert all(fold(one).strip() == fold(one) for text in words.values() for one in text.split(", "))


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("casinos and VIAGRA", "en", (("casino", "casinos"), ("pharma", "viagra"))),
        ("Casinoworld, myviagra", "en", ()),
        ("slot-gacor", "id", (("casino", "slot gacor"),)),
        ("creditos rapidos", "es-mx", (("loan", "créditos rápidos"),)),
        ("CRE\u0301DITOS R\u00c1PIDOS", "es", (("loan", "créditos rápidos"),)),
        ("payday", "en", ()),
        ("payday. Loans", "en", (("loan", "payday loans"),)),
        ("Casino", "sw", (("casino", "casino"),)),
        ("bustani", "sw", None),
        ("garden", "", None),
        ("2026, 100 %", "sw", ()),
        ("", "", ()),
        ("казино онлайн", "en", (("casino", "казино онлайн"), ("casino", "казино"))),
        ("сад", "", ()),
        ("ბაღი", "ka", None),
        ("сад", "kk", None),
        ("garden", "ru", ()),
        ("在线casino游戏", "zh", (("casino", "casino"),)),
        ("ヤミ金", "zh", (("loan", "ヤミ金"),)),
        ("casino", "nb", (("casino", "casino"),)),
        ("smålån på minuttet", "nb-no", (("loan", "smålån på minuttet"),)),
    ],
)
def test_what_is_found(text: str, language: str, found: tuple[tuple[str, str], ...] | None) -> None:
    assert poison.poison_in(text, language) == found


def test_a_page_counts_and_shows_where() -> None:
    main = "All about garden tools. " * 3 + "Play in our Casino now: the casino of the year, and blackjack too."
    made = poison.of_page("Tools", main, searched(main), "en")
    assert made.counts == {"casino": 3} and made.words == ("casino", "blackjack") and made.language == "en"
    assert "in our Casino now" in made.snippet and made.snippet.startswith("ools. All about") is False
    titled = poison.of_page("Viagra shop", "garden", searched("garden"), "en")
    assert (titled.counts, titled.snippet) == ({"pharma": 1}, "Viagra shop")
    assert poison.of_page("Tools", "garden", searched("garden"), "en") == poison.Poison(language="en")
    assert poison.of_page("Zana", "bustani", searched("bustani"), "sw") == poison.NONE


def test_repeated_words_are_counted_one_by_one() -> None:
    text = searched("casino casino casino")
    assert [(entry.word, times) for entry, times in poison.words().found_in(text, ["en"])] == [("casino", 3)]


def test_one_list_for_whatever_language() -> None:
    words = load("pages", "parked", in_one=True)
    for text in ("This domain is for sale", "Diese Domain steht zum Verkauf", "此域名出售中"):
        assert words.found_in(searched(text)), text
    assert not words.found_in(searched("For sale: a garden near this domain"))


def test_scripts() -> None:
    assert scripts_of("Garten und сад") == {"latin", "cyrillic"}
    assert scripts_of("庭の道具について") == {"han", "kana"} and scripts_of("123 !") == frozenset()
    assert foreign("онлайн казино", frozenset(("latin",))) == ("cyrillic", 12, 1.0)
    assert foreign("online casino", frozenset(("cyrillic",))) == ("", 0, 0.0)
    assert foreign("漢字", frozenset(("kana",))) == ("", 0, 0.0)
    assert has_foreign("© сад") and not has_foreign("© “Gärten” – schön")
