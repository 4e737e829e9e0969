"""What people keep: saved views, marks of links and domains, files made of long tables."""

from django.urls import URLPattern

URLS: list[URLPattern] = []
