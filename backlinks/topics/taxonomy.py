"""The topics there are, read once from `taxonomy.toml`.

Decided: two levels, in wording of our own, as literal data with a version, so that an agency can read why a word
counts. What an audit asks about (adult, gambling, pills, fast money, sold links, piracy) are topics of their own,
marked `sensitive`. Refused: a learned classifier, because nobody can say why it says what it says; the categories of a
vendor or an industry body, because they are theirs.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("taxonomy.toml")
LEVELS = "/"
NONE = "none"  # stands in filters for domains without a known topic
NONE_LABEL = "No topic known"
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt", "ru", "el", "he", "ar", "zh", "ja")


@dataclass(frozen=True, slots=True)
class Topic:
    """`words` are those of each language as written in the file."""

    id: str
    label: str
    is_sensitive: bool
    words: Mapping[str, tuple[str, ...]]

    @property
    def group(self) -> str:
        """Its first level."""
        return group_of(self.id)


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """`ambiguous` is what an ambiguous word weighs beside a clear one (1)."""

    version: int
    ambiguous: float
    endings: Mapping[str, tuple[str, ...]]
    beginnings: Mapping[str, tuple[str, ...]]
    topics: Mapping[str, Topic]


def group_of(topic: str) -> str:
    return topic.partition(LEVELS)[0]


@cache
def taxonomy() -> Taxonomy:
    read = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return Taxonomy(
        version=read["version"],
        ambiguous=read["ambiguous"],
        endings={name: tuple(held) for name, held in read["endings"].items()},
        beginnings={name: tuple(held) for name, held in read["beginnings"].items()},
        topics={name: _topic(name, held) for name, held in read["topics"].items()},
    )


def _topic(name: str, held: Mapping[str, Any]) -> Topic:
    words = {one: _listed(held[one]) for one in LANGUAGES if one in held}
    return Topic(name, held["label"], held.get("sensitive", False), words)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


@cache
def topic_ids() -> tuple[str, ...]:
    """Every topic, each first level before its own."""
    return tuple(taxonomy().topics)


@cache
def sensitive_ids() -> frozenset[str]:
    return frozenset(name for name, one in taxonomy().topics.items() if one.is_sensitive)


def label_of(topic: str) -> str:
    """Both levels, as in Food and drink / Coffee and tea; the id itself where a topic was taken out of the file."""
    found = taxonomy().topics.get(topic)
    if found is None:
        return NONE_LABEL if topic == NONE else topic
    above = taxonomy().topics.get(found.group)
    return found.label if above is None or above is found else f"{above.label} / {found.label}"


@cache
def labels() -> Mapping[str, str]:
    """Id -> label, of every topic and of "none"."""
    return {name: label_of(name) for name in (*topic_ids(), NONE)}


def shown(topics: Iterable[str]) -> list[str]:
    """Topics without the first levels that others of them belong to, and without "none"."""
    held = [one for one in topics if one != NONE]
    above = {group_of(one) for one in held if LEVELS in one}
    return [one for one in held if one not in above]
