"""Every URL of the product."""

from django.urls import include, path

from seoapp import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
    path("", include("projects.urls")),
    path("", include("backlinks.urls")),
    path("", include("audit.urls")),
]
