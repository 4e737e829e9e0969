"""A profile beside others, and beside itself of an earlier day: competitors, comparison, lists, benchmarks."""

from django.urls import URLPattern, path

from .compare import compare
from .competitors import competitor_add, competitors, shared

URLS: list[URLPattern] = [
    path("compare/", compare, name="compare"),
    path("competitors/", competitors, name="competitors"),
    path("competitors/add/", competitor_add, name="competitor_add"),
    path("competitors/shared/", shared, name="shared"),
]
