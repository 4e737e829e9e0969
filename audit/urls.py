"""Pages of a project's audit."""

from django.urls import include, path

from . import views

app_name = "audit"

PAGES = [
    path("", views.overview, name="overview"),
    path("start/", views.start, name="start"),
    path("domains/", views.domains, name="domains"),
    path("decide/", views.decide, name="decide"),
    path("undo/", views.undo, name="undo"),
    path("review/", views.review, name="review"),
    path("domains/<str:domain>/", views.domain, name="domain"),
    path("domains/<str:domain>/links/<int:link_id>/", views.link, name="link"),
    path("domains/<str:domain>/comment/", views.comment, name="comment"),
    path("domains/<str:domain>/assign/", views.assign, name="assign"),
    path("disavow/", views.disavow, name="disavow"),
    path("disavow/write/", views.disavow_write, name="disavow_write"),
    path("disavow/import/", views.disavow_import, name="disavow_import"),
    path("disavow/list/", views.disavow_listed, name="disavow_listed"),
    path("disavow/list/withdraw/", views.disavow_withdraw, name="disavow_withdraw"),
    path("disavow/<int:number>/", views.disavow_version, name="disavow_version"),
    path("disavow/<int:number>/mend/", views.disavow_mend, name="disavow_mend"),
    path("disavow/<int:number>/merge/", views.disavow_merge, name="disavow_merge"),
    path("disavow/<int:number>/restore/", views.disavow_restore, name="disavow_restore"),
    path("disavow/<int:number>/malformed.txt", views.disavow_malformed, name="disavow_malformed"),
    path("disavow/<int:number>.txt", views.disavow_file, name="disavow_file"),
    path("disavow/<int:number>/uploaded/", views.disavow_uploaded, name="disavow_uploaded"),
    path("changes/", views.changes, name="changes"),
    path("alerts/<int:alert_id>/seen/", views.alert_seen, name="alert_seen"),
    path("settings/", views.settings, name="settings"),
    path("settings/visits/", views.own_visits, name="own_visits"),
    path("removals/", views.removals, name="removals"),
    path("removals/history/", views.removal_history, name="removal_history"),
    path("removals/template/", views.removal_template, name="removal_template"),
    path("removals/<str:domain>/", views.removal, name="removal"),
    path("removals/<str:domain>/mail/", views.removal_mail, name="removal_mail"),
    path("removals/<str:domain>/change/", views.removal_change, name="removal_change"),
    path("anchors/", views.anchors, name="anchors"),
    path("anchors/set/", views.anchors_set, name="anchors_set"),
    path("anchors/undo/", views.anchors_undo, name="anchors_undo"),
    path("client-reviews/", views.client_reviews, name="client_reviews"),
    path("client-reviews/begin/", views.client_review_begin, name="client_review_begin"),
    path("client-reviews/<int:review_id>/", views.client_review, name="client_review"),
    path("client-reviews/<int:review_id>/share/", views.client_review_share, name="client_review_share"),
    path("client-reviews/<int:review_id>/change/", views.client_review_change, name="client_review_change"),
    path("objections/<int:answer_id>/", views.client_objection, name="client_objection"),
    path("reports/", views.reports, name="reports"),
    path("reports/start/", views.report_start, name="report_start"),
    path("reports/<int:report_id>/file/", views.report_file, name="report_file"),
    path("reports/<int:report_id>/remove/", views.report_remove, name="report_remove"),
    path("anchors/risk/", views.anchor_risk, name="anchor_risk"),
    path("pages/", views.target_pages, name="target_pages"),
    path("networks/", views.networks, name="networks"),
    path("markers/", views.markers, name="markers"),
    path("weights/", views.weights, name="weights"),
    path("weights/save/", views.weights_save, name="weights_save"),
]

BY_LINK = [
    path("", views.client_page, name="client_page"),
    path("answer/", views.client_answer, name="client_answer"),
    path("opened/", views.client_opened, name="client_opened"),
]

urlpatterns = [
    path("w/<slug:slug>/p/<int:project_id>/audit/", include(PAGES)),
    path("w/<slug:slug>/runs/<int:run_id>/report/", views.report_of_run, name="report_of_run"),
    path("client-review/<str:token>/", include(BY_LINK)),
]
