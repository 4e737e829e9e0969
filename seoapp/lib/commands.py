"""Commands as a contract (design section 8): one JSON object on standard output, one sentence on standard error."""

import json
import logging
from abc import abstractmethod
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from seoapp.lib import installation
from seoapp.lib.logs import one_line


class JsonCommand(BaseCommand):
    """A command that answers with a dictionary; `--json` prints it as such, else as lines."""

    failures: tuple[type[Exception], ...] = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        logging.getLogger().setLevel(logging.WARNING)
        try:
            self.prepare()
            answer = self.answer(**options)
        except self.failures as error:
            raise CommandError(" ".join(str(error).split()) or type(error).__name__) from error
        if options["json"]:
            self.stdout.write(json.dumps(answer, default=str, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(f"{name:20} {value}" for name, value in answer.items()))

    def prepare(self) -> None:
        """The first command in a folder makes the database ready; commands at the same time wait for it."""
        try:
            if pending_migrations():
                with installation.only_one(settings.SEOAPP_DATA, "migrate"):
                    call_command("migrate", verbosity=0, interactive=False)
        except DatabaseError as error:
            reason = one_line(str(error).strip())
            raise CommandError(f"The database does not answer ({reason}): run manage.py doctor.") from error

    @abstractmethod
    def answer(self, **options: Any) -> dict[str, Any]:
        """Do the work; the dictionary is what is printed."""


def pending_migrations() -> list[str]:
    """Names of database migrations that were not applied yet."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def day_of(text: str) -> date | None:
    """The day of an option --day; None where it is not given."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise CommandError(f"--day {text!r} is no day: write it as YYYY-MM-DD.") from error
