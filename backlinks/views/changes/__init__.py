"""What changed in a profile and what broke: new and lost links, broken targets, days."""

from django.urls import URLPattern

URLS: list[URLPattern] = []
