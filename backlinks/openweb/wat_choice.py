"""Which links of crawled pages are kept: all to other sites, or those to some domains.

Decided: a list of wanted domains is stored under the hash of its content, and the run reads it there, so that a second
attempt makes the same blocks, whatever became of the file or the projects meanwhile.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from projects.models import Competitor, Project
from seoapp.lib.weburl import BadUrl, Target, host_name, is_site, registrable_domain

from .holdings import Refused
from .models import OpenImport

LISTS = "targets"
MAX_TARGETS = 1_000_000


@dataclass(frozen=True, slots=True)
class Choice:
    """What is kept of a file. `targets`: registrable domains that links must lead to, or None for all."""

    targets: frozenset[str] | None = None
    internal: bool = False

    def stored(self) -> dict[str, Any]:
        """The options of an import; the list itself is stored once, under its hash."""
        if self.targets is None:
            return {"internal": self.internal, "targets": ""}
        text = "\n".join(sorted(self.targets)).encode()
        name = hashlib.sha256(text).hexdigest()
        if not default_storage.exists(f"{LISTS}/{name}.txt"):
            default_storage.save(f"{LISTS}/{name}.txt", ContentFile(text))
        return {"internal": self.internal, "targets": name}


def choice_of(made: OpenImport) -> Choice:
    """What was chosen for an import. Raises Refused."""
    name = made.options["targets"]
    if not name:
        return Choice(None, made.options["internal"])
    try:
        with default_storage.open(f"{LISTS}/{name}.txt") as stream:
            return Choice(frozenset(stream.read().decode().split()), made.options["internal"])
    except FileNotFoundError as error:
        raise Refused("The list of wanted domains is gone: name it and the file again.") from error


def targets_in(path: Path) -> frozenset[str]:
    """Registrable domains of a file with a domain, host or URL a line. Raises Refused, or OSError."""
    lines = path.read_text("utf-8", "replace").lstrip("\ufeff").splitlines()
    if len(lines) > MAX_TARGETS:
        raise Refused(f"{path.name} has more than {MAX_TARGETS:,} lines: leave it out, and all links are kept.")
    found = {_domain(path, number, line) for number, line in enumerate(lines, 1) if line.strip() and line[0] != "#"}
    if not found:
        raise Refused(f"{path.name} names no domain: write one a line.")
    return frozenset(found)


def _domain(path: Path, number: int, line: str) -> str:
    try:
        host = host_name(line)
    except BadUrl:
        host = ""
    if not host or not is_site(host):
        raise Refused(f"{path.name}, line {number}: {line.strip()[:100]!r} is no domain; write one a line.")
    return registrable_domain(host)


def watched() -> frozenset[str]:
    """The registrable domains of all projects and their competitors. Raises Refused where there is no project."""
    projects = Project.objects.filter(removed_at=None)
    found = {one.target.domain for one in projects}
    rivals = Competitor.objects.filter(project__in=projects).values_list("target", flat=True)
    found |= {Target.parse(one).domain for one in rivals}
    if not found:
        raise Refused("There is no project whose domains could be watched: create one, or name --targets FILE.")
    return frozenset(found)
