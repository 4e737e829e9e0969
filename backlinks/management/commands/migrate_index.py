"""Apply the link index's numbered migrations."""

from typing import Any

from backlinks import index
from seoapp.lib.commands import JsonCommand


class Command(JsonCommand):
    help = "Apply the link index's migrations."
    failures = (index.IndexUnavailable,)

    def answer(self, **options: Any) -> dict[str, Any]:
        return {"applied": index.migrate()}
