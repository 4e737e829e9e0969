"""How sites hang together: the network around a target, what a site links to, topics."""

from django.urls import URLPattern, path

from .outbound import outbound

URLS: list[URLPattern] = [
    path("outbound/", outbound, name="outbound"),
]
