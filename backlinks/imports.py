"""Import: a file that somebody brought becomes a batch of observations.

Decided: the same bytes for the same target are the same import, so a second upload changes nothing and says so; only
where the first one failed is it read again. What may take long (reading, removing) is a run. Refused: a second row for
the same file, because then its links would have two origins.
"""

import hashlib
from collections.abc import Iterator
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
from .sources import FORMATS

KIND = "import"
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
    *, project: Project, user: User | None, file: UploadedFile | File, name: str, format: str = "", target: str = ""
) -> Received:
    """Store a file and queue its reading. The same bytes give the import of before, read again where it had failed."""
    if file.size > settings.IMPORT_MAX_BYTES:
        limit = settings.IMPORT_MAX_BYTES // 1024 // 1024
        raise ImportRefused(f"{name} is larger than {limit} MB: split it, or raise IMPORT_MAX_MB.")
    target = str(checked_target(target)) if target else ""
    _check_format(format)
    digest = _sha256(file)
    identity = _identity(project, digest, target)
    known = Import.objects.filter(identity=identity).select_related("run").first()
    if known is None:
        try:
            return Received(_store(project, user, file, name, digest, identity, format, target), queued=True)
        except IntegrityError:  # the same file arrived twice at once
            known = Import.objects.select_related("run").get(identity=identity)
    if not known.has_failed and not (known.state == Import.State.MAPPING and format):
        return Received(known, queued=False)
    known.forced_format = format
    start(known, user)
    return Received(known, queued=True)


def _store(
    project: Project, user: User | None, file: File, name: str, digest: str, identity: str, format: str, target: str
) -> Import:
    with transaction.atomic():
        made = Import(
            workspace=project.workspace,
            project=project,
            started_by=user,
            name=name[-255:],
            identity=identity,
            sha256=digest,
            size=file.size,
            target=target,
            forced_format=format,
            batch=index.new_batch_id(),
        )
        made.save()  # whoever comes second fails here, before a file is stored
        made.file.save(f"{digest[:32]}.bin", file, save=False)
        start(made, user)
    return made


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
    if name and name not in FORMATS:
        known = ", ".join(sorted(FORMATS))
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
def confirm_mapping(made: Import, mapping: dict[str, str], user: User | None) -> Run:
    """Read the file by this mapping, and remember it for files with the same header; the caller rings."""
    made.mapping = {**made.mapping, "columns": mapping}
    fingerprint = made.mapping.get("fingerprint", "")
    if fingerprint:
        RememberedMapping.objects.update_or_create(
            workspace=made.workspace, fingerprint=fingerprint, defaults={"mapping": mapping}
        )
    return start(made, user)


def ask_removal(made: Import, user: User | None) -> Run:
    """Queue the removal of an import from the index; the caller rings."""
    made.state = Import.State.REMOVING
    made.save(update_fields=["state"])
    return runs.start(
        kind=REMOVAL.name,
        workspace=made.workspace,
        project=made.project,
        arguments={"import": made.pk},
        user=user,
    )


def carry_out_removal(claimed: runs.Claimed) -> None:
    """The run kind `remove_import`; a second pass changes nothing."""
    made = Import.objects.get(pk=claimed.run.arguments["import"])
    if made.state != Import.State.REMOVED:
        claimed.step(line=f"Taking {made.base_name} out of the index.")
        remove(made)
    claimed.step(line="Removed. Links that other imports know stay.")


def remove(made: Import) -> None:
    """Take a file's observations out of the index; links known from elsewhere stay. The same file may come again."""
    index.remove(batch_of(made))
    made.state, made.identity, made.finished_at = Import.State.REMOVED, None, timezone.now()
    made.save(update_fields=["state", "identity", "finished_at"])


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
    return index.known_only_to(batch_of(made))


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
