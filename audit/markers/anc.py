"""Markers of the group anc."""

from .marker import Marker

MARKERS: tuple[Marker, ...] = ()
