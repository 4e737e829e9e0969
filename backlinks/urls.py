"""Reports of a project, and what brings links into it. A new page is one line in REPORTS or IMPORTS."""

from django.urls import include, path

from . import views

app_name = "backlinks"

REPORTS = [
    path("", views.overview, name="overview"),
    path("backlinks/", views.report, {"report": "links"}, name="links"),
    path("backlinks/<int:link_id>/", views.link, name="link"),
    path("domains/", views.report, {"report": "domains"}, name="domains"),
    path("hosts/", views.report, {"report": "hosts"}, name="hosts"),
    path("anchors/", views.report, {"report": "anchors"}, name="anchors"),
    path("pages/", views.report, {"report": "pages"}, name="pages"),
    path("ips/", views.report, {"report": "ips"}, name="ips"),
    path("subnets/", views.report, {"report": "subnets"}, name="subnets"),
    path("countries/", views.report, {"report": "countries"}, name="countries"),
    path("tlds/", views.report, {"report": "tlds"}, name="tlds"),
    path("sources/", views.sources, name="sources"),
]
IMPORTS = [
    path("imports/", views.imports, name="imports"),
]

urlpatterns = [path("w/<slug:slug>/p/<int:project_id>/", include([*REPORTS, *IMPORTS]))]
