"""A profile beside others, and beside itself of an earlier day: competitors, comparison, lists, benchmarks."""

from django.urls import URLPattern, path

from .benchmark_changes import benchmark, benchmark_domains
from .benchmarks import benchmark_delete, benchmark_edit, benchmark_save, benchmarks
from .compare import compare
from .competitors import competitor_add, competitors, shared

URLS: list[URLPattern] = [
    path("benchmarks/", benchmarks, name="benchmarks"),
    path("benchmarks/save/", benchmark_save, name="benchmark_save"),
    path("benchmarks/<int:benchmark_id>/", benchmark, name="benchmark"),
    path("benchmarks/<int:benchmark_id>/domains/", benchmark_domains, name="benchmark_domains"),
    path("benchmarks/<int:benchmark_id>/edit/", benchmark_edit, name="benchmark_edit"),
    path("benchmarks/<int:benchmark_id>/delete/", benchmark_delete, name="benchmark_delete"),
    path("compare/", compare, name="compare"),
    path("competitors/", competitors, name="competitors"),
    path("competitors/add/", competitor_add, name="competitor_add"),
    path("competitors/shared/", shared, name="shared"),
]
