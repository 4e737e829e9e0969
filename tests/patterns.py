"""Every URL of ours by the name of its pattern, and the ids that it takes: `test_access.py` walks them."""

# Pattern name -> names of the ids it takes. Every pattern of ours stands here.
SAMPLES: dict[str, tuple[str, ...]] = {
    "healthz": (),
    "readyz": (),
    "backlinks:bot": (),
    "projects:home": (),
    "projects:profile": (),
    "projects:create_workspace": (),
    "projects:invitation": ("token",),
    "projects:join": ("token",),
    "projects:sign_up_by_invitation": ("token",),
    **dict.fromkeys(
        (
            "projects:workspace", "projects:workspace_settings", "projects:runs", "projects:members",
            "projects:invite", "projects:audit_log", "projects:audit_log_csv", "projects:create_project",
            "backlinks:data", "backlinks:workspace_sources", "backlinks:workspace_sources_svg",
            "backlinks:data_visits", "backlinks:look", "projects:logo", "projects:set_logo", "projects:remove_logo",
        ),
        ("slug",),
    ),
    **dict.fromkeys(
        (
            "projects:run", "projects:cancel_run", "projects:retry_run", "backlinks:import_of_run",
            "backlinks:crawl_of_run", "backlinks:export_of_run",
        ),
        ("slug", "run_id"),
    ),
    **dict.fromkeys(("projects:member", "projects:remove_member"), ("slug", "member_id")),
    **dict.fromkeys(("projects:resend_invitation", "projects:revoke_invitation"), ("slug", "invitation_id")),
    **dict.fromkeys(
        (
            "projects:project_settings", "projects:delete_project", "backlinks:overview", "backlinks:links",
            "backlinks:domains", "backlinks:hosts", "backlinks:anchors", "backlinks:pages", "backlinks:ips",
            "backlinks:subnets", "backlinks:networks", "backlinks:countries", "backlinks:tlds", "backlinks:languages",
            "backlinks:sources", "backlinks:sources_svg", "backlinks:imports",
            "backlinks:upload", "backlinks:checks", "backlinks:check_start", "backlinks:check_plan",
            "backlinks:check_items", "backlinks:crawls", "backlinks:crawl_start",
            "backlinks:crawl_hosts", "backlinks:mentions", "backlinks:watched_sites", "backlinks:site_watch",
            "backlinks:exports", "backlinks:export_start", "backlinks:new_pages", "backlinks:why", "backlinks:history",
            "backlinks:changes", "backlinks:broken", "backlinks:broken_nginx", "backlinks:broken_apache",
            "backlinks:suggest", "backlinks:distributions",
        ),
        ("slug", "project_id"),
    ),
    **dict.fromkeys(
        ("backlinks:site_look", "backlinks:site_pause", "backlinks:site_forget"), ("slug", "project_id", "site_id")
    ),
    **dict.fromkeys(
        (
            "backlinks:compare", "backlinks:competitors", "backlinks:competitor_add", "backlinks:shared",
            "backlinks:benchmarks", "backlinks:benchmark_save", "backlinks:target_lists",
            "backlinks:target_list_save",
        ),
        ("slug", "project_id"),
    ),
    **dict.fromkeys(
        (
            "backlinks:target_list", "backlinks:target_list_refused", "backlinks:target_list_count",
            "backlinks:target_list_delete",
        ),
        ("slug", "project_id", "list_id"),
    ),
    **dict.fromkeys(
        (
            "backlinks:benchmark", "backlinks:benchmark_domains", "backlinks:benchmark_edit",
            "backlinks:benchmark_delete",
        ),
        ("slug", "project_id", "benchmark_id"),
    ),
    **dict.fromkeys(
        ("backlinks:outbound", "backlinks:network", "backlinks:network_svg", "backlinks:network_graphml"),
        ("slug", "project_id"),
    ),
    **dict.fromkeys(("backlinks:rows_act", "backlinks:rows_undo"), ("slug", "project_id")),
    **dict.fromkeys(
        (
            "audit:overview", "audit:start", "audit:domains", "audit:networks", "audit:markers", "audit:decide",
            "audit:undo", "audit:disavow", "audit:disavow_write", "audit:changes", "audit:settings",
            "audit:own_visits",
            "audit:removals", "audit:removal_history", "audit:removal_template",
        ),
        ("slug", "project_id"),
    ),
    "audit:review": ("slug", "project_id"),
    **dict.fromkeys(("audit:reports", "audit:report_start"), ("slug", "project_id")),
    **dict.fromkeys(("audit:report_file", "audit:report_remove"), ("slug", "project_id", "report_id")),
    "audit:report_of_run": ("slug", "run_id"),
    **dict.fromkeys(
        ("audit:anchors", "audit:anchors_set", "audit:anchors_undo", "audit:anchor_risk", "audit:target_pages"),
        ("slug", "project_id"),
    ),
    **dict.fromkeys(("audit:weights", "audit:weights_save"), ("slug", "project_id")),
    **dict.fromkeys(("audit:domain", "audit:comment", "audit:assign"), ("slug", "project_id", "domain")),
    **dict.fromkeys(("audit:removal", "audit:removal_change", "audit:removal_mail"), ("slug", "project_id", "domain")),
    "audit:link": ("slug", "project_id", "domain", "link_id"),
    **dict.fromkeys(("audit:client_page", "audit:client_answer", "audit:client_opened"), ("token",)),
    **dict.fromkeys(("audit:client_reviews", "audit:client_review_begin"), ("slug", "project_id")),
    **dict.fromkeys(
        ("audit:client_review", "audit:client_review_share", "audit:client_review_change"),
        ("slug", "project_id", "review_id"),
    ),
    "audit:client_objection": ("slug", "project_id", "answer_id"),
    "audit:alert_seen": ("slug", "project_id", "alert_id"),
    **dict.fromkeys(
        ("audit:disavow_import", "audit:disavow_listed", "audit:disavow_withdraw"), ("slug", "project_id")
    ),
    **dict.fromkeys(
        (
            "audit:disavow_file", "audit:disavow_uploaded", "audit:disavow_version", "audit:disavow_mend",
            "audit:disavow_merge", "audit:disavow_restore", "audit:disavow_malformed",
        ),
        ("slug", "project_id", "number"),
    ),
    **dict.fromkeys(("backlinks:saved_views", "backlinks:save_view", "backlinks:filter_rows"), ("slug", "project_id")),
    **dict.fromkeys(("backlinks:saved_view", "backlinks:delete_view"), ("slug", "project_id", "view_id")),
    "backlinks:mark": ("slug", "project_id", "link_id"),
    **dict.fromkeys(("backlinks:data_problems", "backlinks:data_remove"), ("slug", "open_import_id")),
    **dict.fromkeys(
        ("backlinks:crawl_host", "backlinks:domain_topics", "backlinks:domain_topics_change"),
        ("slug", "project_id", "domain"),
    ),
    "backlinks:topics": ("slug", "project_id"),
    **dict.fromkeys(
        ("backlinks:export", "backlinks:export_file", "backlinks:export_again", "backlinks:export_remove"),
        ("slug", "project_id", "export_id"),
    ),
    **dict.fromkeys(
        (
            "backlinks:link", "backlinks:proof_text", "backlinks:link_check", "backlinks:watch",
            "backlinks:cloaking_check",
        ),
        ("slug", "project_id", "link_id"),
    ),
    **dict.fromkeys(
        (
            "backlinks:crawl", "backlinks:crawl_cancel", "backlinks:crawl_retry", "backlinks:crawl_remove",
            "backlinks:crawl_pages", "backlinks:crawl_domains", "backlinks:crawl_links", "backlinks:crawl_broken",
            "backlinks:crawl_inlinks", "backlinks:crawl_structure", "backlinks:crawl_worth",
        ),
        ("slug", "project_id", "crawl_id"),
    ),
    **dict.fromkeys(
        (
            "backlinks:import", "backlinks:import_mapping", "backlinks:import_problems", "backlinks:import_file",
            "backlinks:import_retry", "backlinks:import_remove",
        ),
        ("slug", "project_id", "import_id"),
    ),
}  # fmt: skip
