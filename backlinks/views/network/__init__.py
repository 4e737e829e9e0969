"""How sites hang together: the network around a target, what a site links to, topics."""

from django.urls import URLPattern

URLS: list[URLPattern] = []
