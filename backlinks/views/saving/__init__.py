"""What people keep: saved views, marks of links and domains, files made of long tables."""

from django.urls import URLPattern, path

from . import exports, marks, saved

EXPORTS = [
    path("exports/", exports.exports, name="exports"),
    path("exports/start/", exports.export_start, name="export_start"),
    path("exports/<int:export_id>/", exports.export, name="export"),
    path("exports/<int:export_id>/file/", exports.export_file, name="export_file"),
    path("exports/<int:export_id>/again/", exports.export_again, name="export_again"),
    path("exports/<int:export_id>/remove/", exports.export_remove, name="export_remove"),
]
VIEWS = [
    path("views/", saved.saved_views, name="saved_views"),
    path("views/save/", saved.save_view, name="save_view"),
    path("views/<int:view_id>/", saved.saved_view, name="saved_view"),
    path("views/<int:view_id>/delete/", saved.delete_view, name="delete_view"),
    path("filter/", saved.filter_rows, name="filter_rows"),
]
MARKS = [
    path("rows/", marks.bulk, name="rows_act"),
    path("rows/undo/", marks.bulk_undo, name="rows_undo"),
    path("backlinks/<int:link_id>/mark/", marks.mark, name="mark"),
]
URLS: list[URLPattern] = [*EXPORTS, *VIEWS, *MARKS]
