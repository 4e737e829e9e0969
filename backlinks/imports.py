"""Import: a file that somebody brought becomes a batch of observations.

Decided: the same bytes for the same target are the same import, so a second upload changes nothing and says so; only
where the first one failed is it read again. The file is stored before its row is written, so that no transaction waits
for a disk; what a killed upload leaves behind is swept (`leftovers.py`). What may take long (reading, removing) is a
run. Removing an upload takes all tables of an archive, and its stored file. Refused: a second row for the same file,
because then its links would have two origins.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from backlinks import index
from projects import runs
from projects.models import Project, Run, User
from seoapp.lib import export
from seoapp.lib.weburl import BadUrl, Target

from .models import Import, RememberedMapping
from .sources import FIELDS, FORMATS

KIND = "import"
ASK = "ask"  # a format: ask which column is which, whatever the header suggests
DATE_ORDER = "date_order"
PROBLEM_HEADER = ("row", "column", "reason", "value", "kept")


class ImportRefused(ValueError):
    """The file cannot be taken; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a file: `queued` says whether a run will read it (False: it was imported before)."""

    made: Import
    queued: bool


# --- Receiving ----------------------------------------------------------------------------------------------------
def receive(
    *,
    project: Project,
    user: User | None,
    file: UploadedFile | File,
    name: str,
    format: str = "",
    target: str = "",
    mapping: Mapping[str, str] | None = None,
) -> Received:
    """Store a file and queue its reading. The same bytes give the import of before, read again where it had failed.

    format: a name of `FORMATS`, or `ASK`. mapping (field -> column) is used where the header is not known.
    """
    if file.size > settings.IMPORT_MAX_BYTES:
        limit = settings.IMPORT_MAX_BYTES // 1024 // 1024
        raise ImportRefused(f"{name} is larger than {limit} MB: split it, or raise IMPORT_MAX_MB.")
    target = str(checked_target(target)) if target else ""
    _check_format(format)
    digest = _sha256(file)
    made = Import(
        workspace=project.workspace,
        project=project,
        started_by=user,
        name=name[-255:],
        identity=_identity(project, digest, target),
        sha256=digest,
        size=file.size,
        target=target,
        forced_format=format,
        mapping={"columns": dict(mapping)} if mapping else {},
        batch=index.new_batch_id(),
    )
    known = _known(made)
    if known is None:
        try:
            _store(made, file)
        except IntegrityError:  # the same file arrived twice at once
            known = _known(made)
    return Received(made, queued=True) if known is None else _again(known, made)


def _known(made: Import) -> Import | None:
    return Import.objects.filter(identity=made.identity).select_related("run", "project").first()


def _store(made: Import, file: File) -> None:
    made.file.save(f"{made.sha256[:32]}.bin", file, save=False)
    try:
        with transaction.atomic():
            made.save()
            start(made, made.started_by)
    except BaseException:
        made.file.delete(save=False)
        raise


def _again(known: Import, brought: Import) -> Received:
    """The same file once more: read again where that may give another result, else nothing changes."""
    if known.state == Import.State.REMOVING:
        raise ImportRefused(f"{brought.name} is just being removed: bring it again when that is done.")
    told = bool(brought.forced_format or brought.mapping)
    if known.has_failed or (known.state == Import.State.MAPPING and told):
        known.forced_format, known.mapping = brought.forced_format, brought.mapping
        start(known, brought.started_by)
        return Received(known, queued=True)
    if brought.forced_format and known.state == Import.State.DONE and brought.forced_format != known.source:
        raise ImportRefused(
            f"{brought.name} was imported before as {known.label}: remove that import first to read it otherwise."
        )
    return Received(known, queued=False)


def start(made: Import, user: User | None) -> Run:
    """Queue the reading of a stored file; the caller rings."""
    made.run = runs.start(
        kind=KIND, workspace=made.workspace, project=made.project, arguments={"import": made.pk}, user=user
    )
    made.state, made.error, made.finished_at = Import.State.WAITING, "", None
    made.save()
    return made.run


def checked_target(text: str) -> Target:
    try:
        return Target.parse(text)
    except BadUrl as error:
        raise ImportRefused(f"The target {text!r} is no domain or URL: {error}.") from error


def _check_format(name: str) -> None:
    if name and name != ASK and name not in FORMATS:
        known = ", ".join([ASK, *sorted(FORMATS)])
        raise ImportRefused(f"{name!r} is no format: leave it out, or use one of {known}.")


def _sha256(file: UploadedFile | File) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks(1024 * 1024):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _identity(project: Project, digest: str, target: str) -> str:
    return hashlib.sha256(f"{project.pk}\n{digest}\n{target}".encode()).hexdigest()


# --- Deciding -----------------------------------------------------------------------------------------------------
def check_fields(mapping: Mapping[str, str]) -> None:
    """Raises `ImportRefused` for a field that no mapping may name."""
    for name in mapping:
        if name not in FIELDS and name != DATE_ORDER and not re.fullmatch(r"(metric|label):\w{1,60}", name):
            known = ", ".join([*FIELDS, DATE_ORDER])
            raise ImportRefused(f"{name!r} is no field: use one of {known}, or metric:NAME for a figure of your own.")


def confirm_mapping(made: Import, mapping: dict[str, str], user: User | None) -> Run:
    """Read the file by this mapping, and remember it for files with the same header; the caller rings."""
    fingerprint = made.mapping.get("fingerprint", "")
    made.mapping = made.mapping | {"told": made.mapping.get("told", {}) | {fingerprint: mapping}}
    if not is_nameless(made.mapping.get("header", [])):
        RememberedMapping.objects.update_or_create(
            workspace=made.workspace, fingerprint=fingerprint, defaults={"mapping": mapping}
        )
    return start(made, user)


def is_nameless(header: Sequence[str]) -> bool:
    """Whether the columns have numbers only: such a mapping says nothing about another file."""
    return all(cell == f"column {number}" for number, cell in enumerate(header, 1))


def ask_removal(made: Import, user: User | None) -> Run:
    """Queue the removal of an import from the index; the caller rings."""
    made.run = runs.start(
        kind=REMOVAL.name,
        workspace=made.workspace,
        project=made.project,
        arguments={"import": made.pk},
        user=user,
    )
    made.state, made.error = Import.State.REMOVING, ""
    made.save(update_fields=["state", "error", "run"])
    return made.run


def carry_out_removal(claimed: runs.Claimed) -> None:
    """The run kind `remove_import`; a second pass changes nothing."""
    made = Import.objects.get(pk=claimed.run.arguments["import"])
    for part in reversed(parts_of(made)):
        claimed.step(line=f"Taking {part.member or part.base_name} out of the index.")
        remove(part)
    claimed.step(line="Removed. Links that other imports know stay.")


def parts_of(made: Import) -> list[Import]:
    """The tables of an upload that still count, its own first; of a member only itself."""
    members = made.members.order_by("pk") if made.archive_id is None else ()
    return [one for one in (made, *members) if one.state != Import.State.REMOVED]


def remove(made: Import) -> None:
    """Take a table's observations out of the index; links known from elsewhere stay. The same file may come again."""
    index.remove(batch_of(made))
    if made.problems_file:
        made.problems_file.delete(save=False)
    if made.file and made.archive_id is None:
        made.file.delete(save=False)
    made.state, made.identity, made.finished_at = Import.State.REMOVED, None, timezone.now()
    made.save()


def remove_project(project: Project, claimed: runs.Claimed) -> None:
    """Take every import of a project out of the index, with its files; for the run that removes a project."""
    found = list(Import.objects.filter(project=project).order_by("-pk"))  # members before their archive
    for number, made in enumerate(found):
        claimed.step(done=number, total=len(found), line=f"Removing {made.base_name}")
        if made.state != Import.State.REMOVED:
            remove(made)
        for file in (made.file, made.problems_file):
            if file:
                file.delete(save=False)
        made.delete()


def only_here(made: Import) -> int:
    """How many links would be gone with this import, because no other one knows them."""
    return index.known_only_to(*map(batch_of, parts_of(made)))


def batch_of(made: Import) -> index.Batch:
    return index.Batch(made.workspace_id, made.batch, made.vendor, made.report, made.name)


def problem_lines(made: Import) -> Iterator[str]:
    """The refused rows and unread cells of an import as CSV lines."""
    if not made.problems_file:
        yield from export.csv_lines(PROBLEM_HEADER, [])
        return
    with made.problems_file.open("r") as file:
        yield from file


REMOVAL = runs.RunKind(
    name="remove_import", label="Removal of an import", run=carry_out_removal, transient=(index.IndexUnavailable,)
)
