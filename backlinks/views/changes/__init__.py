"""What changed in a profile and what broke: new and lost links, broken targets, days."""

from django.urls import URLPattern, path

from backlinks.redirects import RULES

from .broken import broken, broken_rules
from .changes import changes
from .history import history
from .pages import target_pages

URLS: list[URLPattern] = [
    path("broken/", broken, name="broken"),
    *(path(f"broken/{kind}.txt", broken_rules, {"kind": kind}, name=f"broken_{kind}") for kind in RULES),
    path("changes/", changes, name="changes"),
    path("pages/", target_pages, name="pages"),
    path("history/", history, name="history"),
]
