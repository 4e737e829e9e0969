"""What a marker found, in words: its fact with the values in their places."""

import math
import re
from collections.abc import Mapping
from datetime import timedelta

from .markers import MARKERS
from .markers.marker import GROUPS, Marker, by_id
from .profile import EPOCH

MARKED: Mapping[str, Marker] = by_id(MARKERS)
KIND_WORDS = {"K": "Knock-out", "E": "Evidence", "C": "Context", "C→E": "Context, evidence beside other evidence"}
LONGEST = 160


def fact_of(marker_id: str, value: float, said: str) -> str:
    """The fact as a sentence; a marker that is no more gives its id."""
    one = MARKED.get(marker_id)
    if one is None:
        return marker_id
    limits = {name: plain(limit) for name, limit in one.limits.items()}
    text = one.fact.format(value=plain(value), said=shortened(said), **limits)
    return re.sub(r"\s+", " ", text).strip()


def plain(value: float) -> str:
    """12.0 as 12, 0.8734 as 0.87; nothing where there is no value."""
    if value is None or math.isnan(value):
        return ""
    if float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def shortened(said: str) -> str:
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"


def name_of(marker_id: str) -> str:
    one = MARKED.get(marker_id)
    return one.name if one else marker_id


def group_name(marker_id: str) -> str:
    return GROUPS.get(marker_id[:3], marker_id[:3])


def day_of(number: float) -> str:
    """A day column's value as a day."""
    return (EPOCH + timedelta(days=int(number))).isoformat()
