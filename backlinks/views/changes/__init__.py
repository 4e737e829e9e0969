"""What changed in a profile and what broke: new and lost links, broken targets, days."""

from django.urls import URLPattern, path

from .changes import changes
from .history import history

URLS: list[URLPattern] = [
    path("changes/", changes, name="changes"),
    path("history/", history, name="history"),
]
