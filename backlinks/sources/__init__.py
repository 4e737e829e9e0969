"""Files into columns of the log: one description per source, one engine for all."""

from .contract import NeedsMapping, Source, UnreadableFile
from .finding import FORMATS
from .generic import FIELDS
from .reading import Reading, open_reading
from .registry import SOURCES

__all__ = ["FIELDS", "FORMATS", "SOURCES", "NeedsMapping", "Reading", "Source", "UnreadableFile", "open_reading"]
