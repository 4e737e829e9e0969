"""Markers of the group net."""

from .marker import Marker

MARKERS: tuple[Marker, ...] = ()
