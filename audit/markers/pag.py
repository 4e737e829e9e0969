"""Markers of the group pag."""

from .marker import Marker

MARKERS: tuple[Marker, ...] = ()
