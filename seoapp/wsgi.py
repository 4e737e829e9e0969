"""WSGI entry point of the web process."""

import os

from django.core.wsgi import get_wsgi_application

from seoapp import celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seoapp.settings")

__all__ = ["application", "celery"]

application = get_wsgi_application()
