"""People, workspaces, projects and runs."""

from django.urls import include, path

from .views import audit_log, home, invitations, logos, members, projects, runs, workspaces

app_name = "projects"

WORKSPACE = [
    path("", workspaces.workspace, name="workspace"),
    path("settings/", workspaces.workspace_settings, name="workspace_settings"),
    path("logo.png", logos.logo, name="logo"),
    path("settings/logo/", logos.set_logo, name="set_logo"),
    path("settings/logo/remove/", logos.remove_logo, name="remove_logo"),
    path("runs/", runs.history, name="runs"),
    path("runs/<int:run_id>/", runs.run, name="run"),
    path("runs/<int:run_id>/cancel/", runs.cancel, name="cancel_run"),
    path("runs/<int:run_id>/retry/", runs.retry, name="retry_run"),
    path("members/", members.members, name="members"),
    path("members/invite/", members.invite, name="invite"),
    path("members/<int:member_id>/", members.member, name="member"),
    path("members/<int:member_id>/remove/", members.remove, name="remove_member"),
    path("invitations/<int:invitation_id>/resend/", members.resend, name="resend_invitation"),
    path("invitations/<int:invitation_id>/revoke/", members.revoke, name="revoke_invitation"),
    path("audit-log/", audit_log.audit_log, name="audit_log"),
    path("audit-log/export.csv", audit_log.export_csv, name="audit_log_csv"),
    path("projects/new/", projects.create_project, name="create_project"),
    path("p/<int:project_id>/settings/", projects.project_settings, name="project_settings"),
    path("p/<int:project_id>/delete/", projects.delete_project, name="delete_project"),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("profile/", home.profile, name="profile"),
    path("workspaces/new/", workspaces.create_workspace, name="create_workspace"),
    path("invitation/<str:token>/", invitations.invitation, name="invitation"),
    path("invitation/<str:token>/join/", invitations.join, name="join"),
    path("invitation/<str:token>/sign-up/", invitations.sign_up, name="sign_up_by_invitation"),
    path("w/<slug:slug>/", include(WORKSPACE)),
]
