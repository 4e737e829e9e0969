"""What a later stage adds to an earlier one: dotted paths in `settings.py`, loaded here."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.utils.module_loading import import_string


@cache
def _load(path: str) -> Any:
    return import_string(path)


def load(paths: Iterable[str]) -> list[Any]:
    """The objects behind dotted paths, in their order."""
    return [_load(path) for path in paths]
