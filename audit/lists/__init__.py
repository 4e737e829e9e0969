"""Lists that markers compare with: exceptions, and words by language. Data with a version, not code.

A list is `<name>.toml`: its `version`, raised with every change, and its `items`; or a table `languages`, which has the
words of each language, separated by commas.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

LISTS = Path(__file__).parent


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((LISTS / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def listed(name: str) -> frozenset[str]:
    """The items of a list, those of all its languages together."""
    items = frozenset(_read(name).get("items", ()))
    return items.union(*by_language(name).values())


@cache
def by_language(name: str) -> Mapping[str, frozenset[str]]:
    """The items of a list by language; {} where it knows no languages."""
    languages = _read(name).get("languages", {})
    return {code: frozenset(map(str.strip, words.split(","))) for code, words in languages.items()}


def version(name: str) -> int:
    return int(_read(name)["version"])
