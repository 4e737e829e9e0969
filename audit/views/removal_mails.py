"""Mails to owners: the one of a request as somebody wrote it, and the template that the others follow."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from audit.forms import RemovalMailForm
from audit.mailing import TAGS, Template, template_of
from audit.models import RemovalMail
from audit.removals import write_mail
from projects import access
from projects import audit as audit_log
from projects.models import Project

from .asked import url_of
from .removals import request_of


@access.project("editor")
@require_POST
def removal_mail(request: HttpRequest, project: Project, domain: str) -> HttpResponse:
    """Keep the mail of a request as somebody wrote it, or start from the template again."""
    row = request_of(project, domain)
    anew = request.POST.get("anew") == "yes"
    body = "" if anew else request.POST.get("body", "")
    write_mail(row, request.POST.get("subject", ""), body)
    audit_log.record_request(
        request, "removal.mail", project.workspace, domain, project=project.pk, domain=domain, own=bool(body.strip())
    )
    messages.success(request, "The mail is the template's again." if anew else "The mail is kept as you wrote it.")
    return redirect(url_of(project, "removal", domain=domain))


@access.project("admin")
@require_http_methods(["GET", "HEAD", "POST"])
def removal_template(request: HttpRequest, project: Project) -> HttpResponse:
    """The project's own words for mails to owners; "ours" takes them back."""
    if request.POST.get("ours") == "yes":
        RemovalMail.objects.filter(project=project).delete()
        return _template_saved(request, project, "The template is ours again.")
    kept = template_of(project)
    form = RemovalMailForm(request.POST or None, initial={"subject": kept.subject, "body": kept.body})
    if request.method == "POST" and form.is_valid():
        RemovalMail.objects.update_or_create(project=project, defaults=form.cleaned_data)
        return _template_saved(request, project, "The template is saved: drafts that nobody has changed follow it.")
    context = {"project": project, "form": form, "tags": TAGS, "is_own": kept != Template()}
    return render(request, "audit/removal_template.html", context, status=422 if form.errors else 200)


def _template_saved(request: HttpRequest, project: Project, said: str) -> HttpResponse:
    audit_log.record_request(request, "removal.template", project.workspace, project.name, project=project.pk)
    messages.success(request, said)
    return redirect(url_of(project, "removal_template"))
