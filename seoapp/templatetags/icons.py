"""`{% icon "link" %}`: an outline icon of Tabler's npm package, inline, so that it takes the colour of its text."""

import re
from functools import cache, lru_cache

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
FOLDER = settings.BASE_DIR / "node_modules/@tabler/icons/icons/outline"
NAME = re.compile(r"[a-z0-9-]+")


@register.simple_tag
@lru_cache(maxsize=1_000)
def icon(name: str, label: str = "") -> SafeString:
    """The icon, hidden from screen readers unless it has a `label`."""
    spoken = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon" width="20" height="20" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" {}>{}</svg>',
        spoken,
        _paths(name),
    )


@cache
def _paths(name: str) -> SafeString:
    """The drawing inside the package's file; an unknown name is a mistake of ours and raises."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no icon name")
    text = (FOLDER / f"{name}.svg").read_text()
    return mark_safe("".join(re.findall(r"<(?:path|circle|rect|line|polyline)\b[^>]*/>", text)))  # noqa: S308
