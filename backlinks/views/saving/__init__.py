"""What people keep: saved views, marks of links and domains, files made of long tables."""

from django.urls import URLPattern, path

from . import exports

EXPORTS = [
    path("exports/", exports.exports, name="exports"),
    path("exports/start/", exports.export_start, name="export_start"),
    path("exports/<int:export_id>/", exports.export, name="export"),
    path("exports/<int:export_id>/file/", exports.export_file, name="export_file"),
    path("exports/<int:export_id>/again/", exports.export_again, name="export_again"),
    path("exports/<int:export_id>/remove/", exports.export_remove, name="export_remove"),
]
URLS: list[URLPattern] = [*EXPORTS]
