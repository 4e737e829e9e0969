"""Reports of a project, and what brings links into it. A new page is one line in a list."""

from django.urls import include, path

from . import import_views, views
from .views import changes, compare, network, saving

app_name = "backlinks"

REPORTS = [
    path("", views.overview, name="overview"),
    path("backlinks/", views.report, {"report": "links"}, name="links"),
    path("backlinks/<int:link_id>/", views.link, name="link"),
    path("domains/", views.report, {"report": "domains"}, name="domains"),
    path("hosts/", views.report, {"report": "hosts"}, name="hosts"),
    path("anchors/", views.anchors, name="anchors"),
    path("ips/", views.addresses, {"report": "ips"}, name="ips"),
    path("subnets/", views.addresses, {"report": "subnets"}, name="subnets"),
    path("networks/", views.addresses, {"report": "networks"}, name="networks"),
    path("countries/", views.barred, {"report": "countries"}, name="countries"),
    path("tlds/", views.barred, {"report": "tlds"}, name="tlds"),
    path("languages/", views.barred, {"report": "languages"}, name="languages"),
    path("sources/", views.sources, name="sources"),
    path("sources/overlap.svg", views.sources_svg, name="sources_svg"),
    path("why/", views.why, name="why"),
    path("distributions/", views.distributions, name="distributions"),
    path("mentions/", views.mentions, name="mentions"),
    path("suggest/", views.suggest, name="suggest"),
]
ANALYTICS = [*compare.URLS, *changes.URLS, *network.URLS, *saving.URLS]
CHECKS = [
    path("backlinks/<int:link_id>/proof.txt", views.proof_text, name="proof_text"),
    path("backlinks/<int:link_id>/check/", views.link_check, name="link_check"),
    path("backlinks/<int:link_id>/watch/", views.watch, name="watch"),
    path("backlinks/<int:link_id>/cloaking/", views.cloaking_check, name="cloaking_check"),
    path("checks/", views.checks, name="checks"),
    path("checks/start/", views.check_start, name="check_start"),
    path("checks/plan/", views.check_plan, name="check_plan"),
    path("checks/links/", views.check_items, name="check_items"),
]
CRAWLS = [
    path("crawls/", views.crawls, name="crawls"),
    path("crawls/start/", views.crawl_start, name="crawl_start"),
    path("crawls/<int:crawl_id>/", views.crawl, name="crawl"),
    path("crawls/<int:crawl_id>/cancel/", views.crawl_cancel, name="crawl_cancel"),
    path("crawls/<int:crawl_id>/retry/", views.crawl_retry, name="crawl_retry"),
    path("crawls/<int:crawl_id>/remove/", views.crawl_remove, name="crawl_remove"),
    path("crawls/<int:crawl_id>/addresses/", views.crawl_pages, name="crawl_pages"),
    path("crawls/<int:crawl_id>/domains/", views.crawl_report, {"report": "domains"}, name="crawl_domains"),
    path("crawls/<int:crawl_id>/links/", views.crawl_report, {"report": "links"}, name="crawl_links"),
    path("crawls/<int:crawl_id>/broken/", views.crawl_report, {"report": "broken"}, name="crawl_broken"),
    path("crawls/<int:crawl_id>/leading/", views.crawl_report, {"report": "inlinks"}, name="crawl_inlinks"),
    path("crawls/<int:crawl_id>/structure/", views.crawl_report, {"report": "structure"}, name="crawl_structure"),
    path("crawls/<int:crawl_id>/worth/", views.crawl_report, {"report": "worth"}, name="crawl_worth"),
    path("crawler/", views.crawl_hosts, name="crawl_hosts"),
    path("crawler/<str:domain>/", views.crawl_host, name="crawl_host"),
]
SITES = [
    path("sites/", views.watched_sites, name="watched_sites"),
    path("sites/watch/", views.site_watch, name="site_watch"),
    path("sites/<int:site_id>/look/", views.site_look, name="site_look"),
    path("sites/<int:site_id>/pause/", views.site_pause, name="site_pause"),
    path("sites/<int:site_id>/forget/", views.site_forget, name="site_forget"),
    path("new-pages/", views.new_pages, name="new_pages"),
]
IMPORTS = [
    path("imports/", import_views.imports, name="imports"),
    path("imports/upload/", import_views.upload, name="upload"),
    path("imports/<int:import_id>/", import_views.import_page, name="import"),
    path("imports/<int:import_id>/mapping/", import_views.import_mapping, name="import_mapping"),
    path("imports/<int:import_id>/problems.csv", import_views.import_problems, name="import_problems"),
    path("imports/<int:import_id>/file/", import_views.import_file, name="import_file"),
    path("imports/<int:import_id>/retry/", import_views.import_retry, name="import_retry"),
    path("imports/<int:import_id>/remove/", import_views.import_remove, name="import_remove"),
]

DATA = [
    path("", views.data, name="data"),
    path("visits/", views.data_visits, name="data_visits"),
    path("<int:open_import_id>/remove/", views.data_remove, name="data_remove"),
    path("<int:open_import_id>/refused.csv", views.data_problems, name="data_problems"),
]

urlpatterns = [
    path("bot", views.bot, name="bot"),
    path("w/<slug:slug>/runs/<int:run_id>/import/", import_views.import_of_run, name="import_of_run"),
    path("w/<slug:slug>/runs/<int:run_id>/crawl/", views.crawl_of_run, name="crawl_of_run"),
    path("w/<slug:slug>/runs/<int:run_id>/export/", saving.exports.export_of_run, name="export_of_run"),
    path("w/<slug:slug>/look/", views.look, name="look"),
    path("w/<slug:slug>/data/", include(DATA)),
    path("w/<slug:slug>/sources/", views.workspace_sources, name="workspace_sources"),
    path("w/<slug:slug>/sources/overlap.svg", views.workspace_sources_svg, name="workspace_sources_svg"),
    path("w/<slug:slug>/p/<int:project_id>/", include([*REPORTS, *ANALYTICS, *CHECKS, *CRAWLS, *SITES, *IMPORTS])),
]
