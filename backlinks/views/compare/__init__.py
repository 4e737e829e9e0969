"""A profile beside others, and beside itself of an earlier day: competitors, comparison, lists, benchmarks."""

from django.urls import URLPattern

URLS: list[URLPattern] = []
