"""The literal list of every source that is known by its header."""

from . import ahrefs, gsc, semrush, vendors
from .contract import Source

SOURCES: tuple[Source, ...] = (*semrush.SOURCES, *ahrefs.SOURCES, *vendors.SOURCES, *gsc.SOURCES)
