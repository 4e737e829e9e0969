"""The only way from a URL to an object: each decorator loads it, checks who asks, and states its level.

A stranger gets 404 (the object's existence is not their business), a member of too low a role 403. Somebody who is not
signed in is sent to the log-in, or told 401 where htmx asks for a fragment. An address with a zero byte,
which no text of a database has, leads nowhere.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from .models import Membership, Project, Run, User

View = Callable[..., HttpResponse]


def public(view: View) -> View:
    """Anybody."""
    wrapped = login_not_required(view)
    wrapped.access_level = "public"  # type: ignore[attr-defined]
    return wrapped


def signed_in(view: View) -> View:
    """Any user."""
    return _wrap(view, "signed in", lambda request, kwargs: None)


def workspace(role: str) -> Callable[[View], View]:
    """A member of at least `role`; the view gets `workspace` instead of its slug. `request.membership` is set."""

    def load(request: HttpRequest, kwargs: dict[str, Any]) -> None:
        membership = _membership(request.user, slug=kwargs.pop("slug"))
        _need(membership, role)
        request.membership = membership  # type: ignore[attr-defined]
        kwargs["workspace"] = membership.workspace

    return lambda view: _wrap(view, f"workspace {role}", load)


def project(role: str) -> Callable[[View], View]:
    """Somebody who may see the project, of at least `role`; the view gets `project` instead of the ids."""

    def load(request: HttpRequest, kwargs: dict[str, Any]) -> None:
        request.project = _object(request, kwargs, "project", visible_projects, role)  # type: ignore[attr-defined]

    return lambda view: _wrap(view, f"project {role}", load)


def run(role: str) -> Callable[[View], View]:
    """Somebody who may see the run (a client: of its projects only), of at least `role`; the view gets `run`."""

    def load(request: HttpRequest, kwargs: dict[str, Any]) -> None:
        _object(request, kwargs, "run", visible_runs, role)

    return lambda view: _wrap(view, f"run {role}", load)


def _object(
    request: HttpRequest, kwargs: dict[str, Any], name: str, rows: Callable[[Membership], QuerySet[Any]], role: str
) -> Any:
    """Put the object in the place of its id: 404 for who may not know of it, then 403 for too low a role."""
    membership = _membership(request.user, slug=kwargs.pop("slug"))
    found = rows(membership).filter(pk=kwargs.pop(f"{name}_id")).first()
    if found is None:
        raise Http404
    _need(membership, role)
    request.membership = membership  # type: ignore[attr-defined]
    kwargs[name] = found
    return found


def _wrap(view: View, level: str, load: Callable[[HttpRequest, dict[str, Any]], None]) -> View:
    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _log_in(request)
        if any("\0" in str(one) for one in kwargs.values()):
            raise Http404
        load(request, kwargs)
        return view(request, **kwargs)

    made = login_not_required(wrapped)  # the check above also answers fragments
    made.access_level = level  # type: ignore[attr-defined]
    return made


def _log_in(request: HttpRequest) -> HttpResponse:
    address = f"{reverse('account_login')}?{urlencode({'next': request.get_full_path()})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    return redirect(address)


def _membership(user: User, *, slug: str) -> Membership:
    found = Membership.objects.select_related("workspace").filter(workspace__slug=slug, user=user).first()
    if found is None:
        raise Http404
    return found


def _need(membership: Membership, role: str) -> None:
    if not membership.may(role):
        raise PermissionDenied


def visible_projects(membership: Membership) -> QuerySet[Project]:
    """All of the workspace; for a client (or a member of named projects) those named."""
    projects = membership.workspace.projects.filter(removed_at=None).select_related("workspace")
    if membership.is_narrow:
        return projects.filter(members=membership)
    return projects


def visible_runs(membership: Membership) -> QuerySet[Run]:
    runs = membership.workspace.runs.select_related("workspace", "project", "started_by")
    if membership.is_narrow:
        return runs.filter(project__in=visible_projects(membership))
    return runs
