"""Commands as a contract (design section 8): one JSON object on standard output, one sentence on standard error."""

import json
import logging
from abc import abstractmethod
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


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
        """The first command in a folder makes the database ready."""
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0, interactive=False)

    @abstractmethod
    def answer(self, **options: Any) -> dict[str, Any]:
        """Do the work; the dictionary is what is printed."""
