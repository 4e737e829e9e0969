"""Markers of the group pro."""

from .marker import Marker

MARKERS: tuple[Marker, ...] = ()
