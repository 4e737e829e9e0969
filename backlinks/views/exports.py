"""Exports of the crawler's lists: each is written into the audit log."""

from collections.abc import Callable

from django.http import HttpRequest

from projects.audit import record_request
from projects.models import Project
from seoapp.lib import tables


def record_export(project: Project, of: object = "") -> Callable[[HttpRequest, tables.State], None]:
    """What `Listing.exported` calls before the first line leaves; `of` says whose rows they are."""

    def exported(request: HttpRequest, state: tables.State) -> None:
        record_request(
            request,
            "export",
            project.workspace,
            f"{state.listing.name} of {of or project.target}",
            project=project.pk,
            parameters=state.query.params(),
            columns=[one.name for one in state.shown],
        )

    return exported
