"""Where a user lands, and what they are called."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from projects import access
from projects.forms import ProfileForm
from projects.lookup import may_create_workspace
from projects.models import Workspace


@access.signed_in
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The user's first workspace; who has none is told how to get into one."""
    first = Workspace.objects.filter(memberships__user=request.user).first()
    if first is not None:
        return redirect("projects:workspace", slug=first.slug)
    if may_create_workspace(request.user):
        return redirect("projects:create_workspace")
    return render(request, "projects/no_workspace.html")


@access.signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid():
        request.user.name = form.cleaned_data["name"]
        request.user.save(update_fields=["name"])
        messages.success(request, "Your name was saved.")
        return redirect("projects:profile")
    return render(request, "projects/profile.html", {"form": form})
