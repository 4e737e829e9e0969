#!/usr/bin/env python
"""Entry point of every command. Celery is loaded here so that `delay_on_commit` finds its application."""

import os
import sys

try:
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from seoapp import celery
except ModuleNotFoundError as error:
    if error.name not in ("django", "celery"):
        raise
    sys.exit(f"{error.name} is not installed for {sys.executable}: run 'make setup' and use .venv/bin/python.")

__all__ = ["celery", "main"]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seoapp.settings")
    try:
        settings.INSTALLED_APPS  # noqa: B018 - read here, so that a setting that is refused is one sentence
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
