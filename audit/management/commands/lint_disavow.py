"""What is wrong with a disavow file, from the command line. Without a project it needs no database and no network."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from audit import listed
from audit.disavow.findings import LEVELS, Finding
from audit.disavow.grammar import MAX_BYTES, File, Unreadable, read
from audit.disavow.lint import lint
from audit.disavow.surroundings import NOTHING, Surroundings
from backlinks import index
from projects.lookup import Unknown, project_named
from seoapp.lib.commands import JsonCommand


class Command(JsonCommand):
    help = "Say what is wrong with a disavow file, line by line, and how to mend it. Problems are results: exit 0."
    failures = (Unreadable, Unknown, index.IndexUnavailable)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE", help="a disavow file in any encoding")
        parser.add_argument(
            "--project",
            default="",
            help="id, domain, or WORKSPACE/DOMAIN: also judge by its own, other projects' and kept domains, by "
            "popularity and authority",
        )

    def prepare(self) -> None:
        """A file alone is judged by itself: no database is touched until a project is named."""

    def answer(self, **options: Any) -> dict[str, Any]:
        file = read(_bytes(Path(options["file"])))
        problems = lint(file, self.surroundings(options, file))
        levels = Counter(one.level for one in problems)
        made: dict[str, Any] = {"lines": len(file.lines), "domains": file.count("domain"), "urls": file.count("url")}
        made |= {"levels": {level: levels[level] for level in LEVELS}}
        if options["json"]:
            return made | {"encoding": file.encoding, "problems": [one.as_json() for one in problems]}
        made["levels"] = ", ".join(f"{level} {levels[level]:,}" for level in LEVELS)
        return made | {"problems": _readable(problems)}

    def surroundings(self, options: dict[str, Any], file: File) -> Surroundings:
        """What is known outside the file: nothing where no project is named."""
        if not options["project"]:
            return NOTHING
        super().prepare()
        index.migrate()
        return listed.around_of(project_named(options["project"]), file)


def _bytes(path: Path) -> bytes:
    try:
        if path.is_file() and path.stat().st_size > MAX_BYTES:
            raise Unreadable(f"{path.name} has more than {MAX_BYTES // 1_000_000} MB: no disavow file may exceed 2 MB.")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        reason = getattr(error, "strerror", "") or str(error)
        raise Unreadable(f"{path.name} cannot be read ({reason}): name a text file.") from error


def _readable(problems: Iterable[Finding]) -> str:
    """One paragraph a problem: where, what, why, and what to write instead."""
    return "".join(map(_paragraph, problems)) or "none"


def _paragraph(one: Finding) -> str:
    made = f"\n\nline {one.line:,}  {one.level}  {one.defect.id} {one.defect.title}\n  {one.text}\n  {one.explanation}"
    if one.action == "remove":
        return f"{made}\n  mend: drop the line, {one.mend} stands for it"
    choices = " | or ".join(mend.replace("\n", " + ") for mend in one.mends)
    return f"{made}\n  mend: {choices}" if choices else made
