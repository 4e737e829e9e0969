"""A profile beside others, and beside itself of an earlier day: competitors, comparison, lists, benchmarks."""

from django.urls import URLPattern, path

from .benchmark_changes import benchmark, benchmark_domains
from .benchmarks import benchmark_delete, benchmark_edit, benchmark_save, benchmarks
from .bulk import (
    target_list,
    target_list_count,
    target_list_delete,
    target_list_refused,
    target_list_save,
    target_lists,
)
from .compare import compare
from .competitors import competitor_add, competitors, shared

URLS: list[URLPattern] = [
    path("benchmarks/", benchmarks, name="benchmarks"),
    path("benchmarks/save/", benchmark_save, name="benchmark_save"),
    path("benchmarks/<int:benchmark_id>/", benchmark, name="benchmark"),
    path("benchmarks/<int:benchmark_id>/domains/", benchmark_domains, name="benchmark_domains"),
    path("benchmarks/<int:benchmark_id>/edit/", benchmark_edit, name="benchmark_edit"),
    path("benchmarks/<int:benchmark_id>/delete/", benchmark_delete, name="benchmark_delete"),
    path("bulk/", target_lists, name="target_lists"),
    path("bulk/save/", target_list_save, name="target_list_save"),
    path("bulk/<int:list_id>/", target_list, name="target_list"),
    path("bulk/<int:list_id>/refused.csv", target_list_refused, name="target_list_refused"),
    path("bulk/<int:list_id>/count/", target_list_count, name="target_list_count"),
    path("bulk/<int:list_id>/delete/", target_list_delete, name="target_list_delete"),
    path("compare/", compare, name="compare"),
    path("competitors/", competitors, name="competitors"),
    path("competitors/add/", competitor_add, name="competitor_add"),
    path("competitors/shared/", shared, name="shared"),
]
