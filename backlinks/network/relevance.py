"""Whether a domain has to do with what the target is about: words that both have.

Decided: the target's words are those of its project's keywords, of the titles of its pages that were crawled, and of
anchors that several domains use; a domain's words are those of its titles (of the pages that link, and of those that
crawls have read) and of its name. Names of brands and words that every page has say nothing. Two words in common make a
domain relevant, or one of the project's keywords whole; they are named. A domain without titles is not judged. Refused:
anchors as words of the linking domain, because an anchor says what the target is about, not who links.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

LEAST_SHARED = 2
LEAST_LETTERS = 3
SHOWN = 6
WORD = re.compile(r"[^\W_]+")
# Words of pages in general, in the languages that exports mostly come in; shorter ones are left out anyhow.
_COMMON = """about after again all also and any are back best blog but can click com contact cookie copyright data day
design email english for free from full get guide have here home how html http https info into its learn link
links list login make more most net new news not now one online open org our out over page pages policy post
posts privacy read reviews search see service services shop site sites that the their them these this tips
tools top use using was web website what when where which who why will with www year years you your 2020 2021
2022 2023 2024 2025 2026 alle als auch auf aus bei das dem den der des die ein eine einen einer für hier ihr
ihre ist mehr mit nach nicht oder seite sich sie sind über und uns unser von vom was wie wir zum zur avec aux
ces cette comment dans des elle est les leur mais nos notre nous par pas plus pour que qui sans ses son sur
une votre vous como con del desde esta este las los más nuestro para pero por que ser sin sobre sus una uno
che come con dal del della delle gli nel non per più sono sul tutti una aan bij dat een het hoe met naar niet
ook onze over van voor zijn com dos mais não para pela pelo por que sem seu sua uma dla jak jest nie oraz się"""
COMMON = frozenset(_COMMON.split())


@dataclass(frozen=True, slots=True)
class Niche:
    """What a target is about: single `words`, and `phrases` of its project's keywords."""

    words: frozenset[str]
    phrases: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.phrases)


def niche(*, keywords: Iterable[str], titles: Iterable[str], anchors: Iterable[str], brands: Iterable[str]) -> Niche:
    """The words of a target, without those of its brands."""
    brand = words_of(" ".join(brands))
    phrases = tuple(dict.fromkeys(" ".join(WORD.findall(one.casefold())) for one in keywords))
    found = words_of(" ".join((*keywords, *titles, *anchors)))
    return Niche(frozenset(found - brand), tuple(one for one in phrases if one))


def relevance(about: Niche, texts: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Domain -> what it shares with the target, for those that share enough. `texts` are the titles of each."""
    found = {}
    for domain, titles in texts.items():
        shared = _shared(about, domain, titles)
        if shared:
            found[domain] = shared
    return found


def _shared(about: Niche, domain: str, titles: Sequence[str]) -> tuple[str, ...]:
    text = f" {' '.join(WORD.findall(' '.join(titles).casefold()))} "
    phrases = [one for one in about.phrases if f" {one} " in text]
    own = words_of(" ".join((*titles, domain.rpartition(".")[0])))
    words = sorted(own & about.words)
    if not phrases and len(words) < LEAST_SHARED:
        return ()
    return tuple(dict.fromkeys([*phrases, *words]))[:SHOWN]


def words_of(text: str) -> set[str]:
    """The words of a text that may say what it is about."""
    found = WORD.findall(text.casefold())
    return {one for one in found if len(one) >= LEAST_LETTERS and one not in COMMON and not one.isdigit()}
