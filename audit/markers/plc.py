"""Markers of the group plc."""

from .marker import Marker

MARKERS: tuple[Marker, ...] = ()
