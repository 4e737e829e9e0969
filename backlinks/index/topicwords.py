"""The words of all topics inside a statement, and a text as the numbers of the words in it.

Decided: the words stand in one row of the index under a number made of their content, and are put there by whoever
finds them missing; a statement takes each column of the row as a scalar, because sent along with every statement they
cost five times as much. A text is cut at spaces and ASCII marks; other marks become spaces first; of a long text only
its beginning counts. Chinese and Japanese are cut into every two to six characters. A phrase is words side by side.
Refused: words without such a number, because two versions of the program may settle at the same time.
"""

from functools import cache
from hashlib import blake2b
from typing import Any

from backlinks.topics.taxonomy import group_of, topic_ids
from backlinks.topics.words import lexicon

from . import engine

MOST_BYTES = 600
MOST_GRAMS = 6
# Only the branch that a text needs is worked out: most texts are plain ASCII.
WORD_SETTINGS = {"short_circuit_function_evaluation": "force_enable"}
# Marks of other scripts that stand at the edge of a word; each becomes a space.
MARKS = "“”„«»‘’‚‹›–—―…·•|¦。、，；：！？「」『』【】（）《》\u00a0\u3000\u200b،؛؟"  # noqa: RUF001
EMOJI = r"[\\x{10000}-\\x{10ffff}]"
WIDE = r"[\\x{3040}-\\x{30ff}\\x{3400}-\\x{9fff}]"
_OF = "workspace = 0 AND taxonomy = {taxonomy:UInt64}"
# One row for each number and topic; topics and words by their place in the row.
MEANINGS = f"""SELECT number, topic, level, weight, word FROM (SELECT * FROM topic_words WHERE {_OF} LIMIT 1)
    ARRAY JOIN numbers AS number, topics AS topic, levels AS level, weights AS weight, words AS word"""
_GRAMS = 6
# Only the branch that a text needs is worked out: most texts are plain ASCII.
WORD_SETTINGS = {"short_circuit_function_evaluation": "force_enable"}
# Marks of other scripts that stand at the edge of a word; each becomes a space.
MARKS = "“”„«»‘’‚‹›–—―…·•|¦。、，；：！？「」『』【】（）《》\u00a0\u3000\u200b،؛؟"  # noqa: RUF001
EMOJI = r"[\\x{10000}-\\x{10ffff}]"
WIDE = r"[\\x{3040}-\\x{30ff}\\x{3400}-\\x{9fff}]"
_OF = "workspace = 0 AND taxonomy = {taxonomy:UInt64}"
# One row for each number and topic; topics and words by their place in the row.
MEANINGS = f"""SELECT number, topic, level, weight, word FROM (SELECT * FROM topic_words WHERE {_OF} LIMIT 1)
    ARRAY JOIN numbers AS number, topics AS topic, levels AS level, weights AS weight, words AS word"""
_GRAMS = ", ".join(f"if(lengthUTF8(one) < {n}, [], ngrams(one, {n}))" for n in range(2, MOST_GRAMS + 1))


def held(column: str) -> str:
    """SQL: a column of the row, as a constant."""
    return f"(SELECT {column} FROM topic_words WHERE {_OF} LIMIT 1)"


def named(place: str, names: str) -> str:
    """SQL: the name at a place. `transform` takes constants, where an index would copy the array for every row."""
    return f"transform({place}, arrayEnumerate({held(names)}), {held(names)}, '')"


def ready_words() -> dict[str, Any]:
    """What a statement with words has to bind; puts the words into an index that does not have them."""
    bound = {"taxonomy": _identity()}
    if not engine.read(f"SELECT 1 FROM topic_words WHERE {_OF} LIMIT 1", bound):
        engine.insert("topic_words", {name: [value] for name, value in _row(bound["taxonomy"]).items()})
    return bound


@cache
def _identity() -> int:
    return int.from_bytes(blake2b(repr(lexicon()).encode(), digest_size=7).digest())


def _row(taxonomy: int) -> dict[str, Any]:
    known = lexicon()
    places = {topic: place for place, topic in enumerate(sorted(topic_ids()), 1)}
    words = {word: place for place, word in enumerate(sorted({one.word for _, one in known.meanings}), 1)}
    return {
        "workspace": 0,
        "taxonomy": taxonomy,
        "forms": list(known.forms),
        "form_numbers": list(known.forms.values()),
        "codes": list(known.codes),
        "code_numbers": list(known.codes.values()),
        "numbers": [number for number, _ in known.meanings],
        "topics": [places[one.topic] for _, one in known.meanings],
        "levels": [places[group_of(one.topic)] for _, one in known.meanings],
        "weights": [one.weight for _, one in known.meanings],
        "words": [words[one.word] for _, one in known.meanings],
        "topic_names": list(places),
        "word_names": list(words),
    }


# --- Texts ----------------------------------------------------------------------------------------------------------
def numbers_of(text: str) -> str:
    """SQL: the numbers of the words in a text, in their order; 0 for a word that no topic knows."""
    return f"arrayMap(word -> {number_of('word')}, {tokens_of(text)})"


def number_of(word: str) -> str:
    """SQL: the number of a single word, 0 for one that no topic knows."""
    return f"transform({word}, {held('forms')}, {held('form_numbers')}, toUInt16(0))"


def tokens_of(text: str) -> str:
    """SQL: a text cut into words. Emoji stick to no word."""
    short = f"if(length({text}) > {MOST_BYTES}, substring({text}, 1, {MOST_BYTES}), {text})"
    marked = f"translateUTF8({short}, '{MARKS}', '{' ' * len(MARKS)}')"
    cut = f"splitByNonAlpha(replaceRegexpAll(lowerUTF8({marked}), '{EMOJI}', ' '))"
    in_pieces = f"arrayFlatten(arrayMap(one -> arrayConcat([one], {_GRAMS}), {cut}))"
    return f"""multiIf(isValidASCII({text}), splitByNonAlpha(lower({short})),
        match({text}, '{WIDE}'), {in_pieces}, {cut})"""


def with_phrases(numbers: str) -> str:
    """SQL: the numbers of words and phrases in a text, each once, given those of its words (a column)."""
    one, two, three, four = (numbers, *(f"arrayShiftLeft({numbers}, {by})" for by in (1, 2, 3)))
    pairs = f"arrayMap((a, b) -> if(a AND b, toUInt64(a) * 65536 + b, 0), {one}, {two})"
    triples = f"""arrayMap((a, b, c) -> if(a AND b AND c, (toUInt64(a) * 65536 + b) * 65536 + c, 0),
        {one}, {two}, {three})"""
    fours = f"""arrayMap((a, b, c, d) -> if(a AND b AND c AND d,
        ((toUInt64(a) * 65536 + b) * 65536 + c) * 65536 + d, 0), {one}, {two}, {three}, {four})"""
    side_by_side = f"arrayFilter(code -> code > 0, arrayConcat({pairs}, {triples}, {fours}))"
    looked_up = f"transform(code, {held('codes')}, {held('code_numbers')}, toUInt16(0))"
    found = f"arrayMap(code -> {looked_up}, {side_by_side})"
    return f"arrayDistinct(arrayFilter(number -> number > 0, arrayConcat({numbers}, {found})))"
