"""HTML out of values, for what stands in a page thousands of times.

Decided: as Django's `format_html`, in a quarter of its time, because no value is asked whether it is lazy: 2,000 calls
are a third of the time of a page of 50 links. Refused: f-strings, in which one forgotten escape is a hole.
"""

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString


def markup(text: str, *values: object) -> SafeString:
    """`text` with a {} for each value; whatever is not markup itself is escaped."""
    return SafeString(text.format(*[one if type(one) is SafeString else escape(str(one)) for one in values]))


def joined(parts: Iterable[SafeString], between: str = "") -> SafeString:
    """Markup after markup, with plain text between."""
    return SafeString(markup("{}", between).join(parts))
