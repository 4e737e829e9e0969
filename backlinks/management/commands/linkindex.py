"""Serve the embedded link index in the foreground."""

import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

ROOT = Path(__file__).resolve().parents[3]


class Command(BaseCommand):
    help = "Serve the embedded link index (ClickHouse's HTTP protocol over chDB) on loopback."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")

    def handle(self, *args: Any, **options: Any) -> None:
        """Become the server: it needs nothing of this process, least of all its secrets."""
        data = Path(settings.SEOAPP_DATA) / "index"
        command = [sys.executable, "-m", "backlinks.index.server", "--data", str(data), "--port", str(options["port"])]
        os.chdir(ROOT)
        os.execve(command[0], command, {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT)})  # noqa: S606
