"""Markers of the group tru."""

from .marker import Marker

MARKERS: tuple[Marker, ...] = ()
