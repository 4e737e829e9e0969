#!/usr/bin/env python
"""Entry point of every command. Celery is loaded here so that `delay_on_commit` finds its application."""

import os
import sys

from django.core.management import execute_from_command_line

from seoapp import celery


__all__ = ["celery", "main"]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seoapp.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
