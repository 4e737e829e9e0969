"""What changed in a profile and what broke: new and lost links, broken targets, days."""

from django.urls import URLPattern, path

from .history import history

URLS: list[URLPattern] = [
    path("history/", history, name="history"),
]
