"""Ahrefs: Site Explorer exports of 2025-26 and before, API rows, Webmaster Tools (formats.md section 4).

In API rows `last_seen` is the day a loss was found and `last_visited` the last sight: mixing them up turns live links
into lost ones, so each has a mapping of its own.
"""

from .contract import source

_API = """url_from = source_url; src_url = source_url; title = title; src_title = title; url_to = target_url;
target_url = target_url; anchor = anchor; alt = alt; left_snippet = context_left;
snippet_left = context_left; right_snippet = context_right; snippet_right = context_right;
link_type = link_type; is_nofollow = nofollow; is_ugc = ugc; is_sponsored = sponsored;
is_content = flag:in_content; http_code = http_status; url_redirect = redirect_urls;
redirect_code = redirect_codes; redirect_kind = label:ahrefs_redirect_kind;
src_domain_traffic = metric:ahrefs_domain_traffic; src_page_traffic = metric:ahrefs_page_traffic;
src_page_refdomains = metric:ahrefs_page_refdomains;
src_page_linked_domains = metric:ahrefs_page_linked_domains; src_domain_dr = metric:ahrefs_dr;
domain_rating_source = metric:ahrefs_dr; src_page_ur = metric:ahrefs_ur;
url_rating_source = metric:ahrefs_ur; src_page_ext_links = ext_links; links_external = ext_links;
links_internal = int_links; is_spam_domain = metric:ahrefs_is_spam; is_spam = metric:ahrefs_is_spam;
first_seen_link = first_seen; last_visited = last_seen; last_seen = lost_at; lost_reason = lost_reason;
drop_reason = drop_reason; ip_source = ip; languages = language; powered_by = label:ahrefs_platform;
traffic = metric:ahrefs_page_traffic; positions = metric:ahrefs_keywords;
refdomains_source = metric:ahrefs_page_refdomains;
linked_domains_source_page = metric:ahrefs_page_linked_domains; page_size = metric:ahrefs_page_size;
encoding = label:ahrefs_encoding; source_page_author = label:ahrefs_author;
source_page_publish_date = label:ahrefs_published; page_type_source = label:ahrefs_page_type;
page_category_source = label:ahrefs_page_category; traffic_domain = metric:ahrefs_domain_traffic;
refdomains_source_domain = metric:ahrefs_refdomains; linked_domains_source_domain = metric:ahrefs_linked_domains;
ahrefs_rank_source = metric:ahrefs_rank; js_crawl = flag:found_rendered; http_crawl = flag:found_raw;
link_group_count = group_count; discovered_status = label:ahrefs_discovered; port_source = metric:ahrefs_port;
domain_rating_target = metric:ahrefs_target_dr; url_rating_target = metric:ahrefs_target_ur;
ahrefs_rank_target = metric:ahrefs_target_rank; refdomains_target_domain = metric:ahrefs_target_refdomains;
linked_domains_target_domain = metric:ahrefs_target_linked_domains;
broken_redirect_source = label:ahrefs_broken_redirect; broken_redirect_new_target = label:ahrefs_broken_redirect_to;
broken_redirect_reason = label:ahrefs_broken_redirect_reason"""

SOURCES = (
    source(
        "ahrefs_backlinks", "Ahrefs backlinks", "links", "referring page url; target url; left context",
        """referring page title = title; referring page url = source_url; language = language;
        platform = label:ahrefs_platform; referring page http code = http_status; domain rating = metric:ahrefs_dr;
        ur = metric:ahrefs_ur; domain traffic = metric:ahrefs_domain_traffic;
        referring domains = metric:ahrefs_page_refdomains; linked domains = metric:ahrefs_page_linked_domains;
        external links = ext_links; page traffic = metric:ahrefs_page_traffic; keywords = metric:ahrefs_keywords;
        target url = target_url; left context = context_left; anchor = anchor; right context = context_right;
        redirect chain urls = redirect_urls; redirect chain status codes = redirect_codes; type = link_type;
        is spam = metric:ahrefs_is_spam; content = flag:in_content; nofollow = nofollow; ugc = ugc;
        sponsored = sponsored; rendered = flag:found_rendered; raw = flag:found_raw; lost status = lost_reason;
        drop reason = drop_reason; discovered status = label:ahrefs_discovered; first seen = first_seen;
        last seen = last_seen; lost = lost_at; author = label:ahrefs_author; page type = label:ahrefs_page_type;
        page category = label:ahrefs_page_category; links in group = group_count""",
    ),
    source(
        "ahrefs_old-backlinks", "Ahrefs backlinks (2019-2021)", "links",
        "referring page url; link url; textpre; textpost",
        """domain rating = metric:ahrefs_dr; url rating = metric:ahrefs_ur;
        referring domains = metric:ahrefs_page_refdomains; referring page url = source_url;
        referring page title = title; internal links count = int_links; external links count = ext_links;
        link url = target_url; textpre = context_left; link anchor = anchor; textpost = context_right;
        type = old_type; first seen = first_seen; last check = last_seen; day lost = lost_at; found = first_seen;
        language = language; traffic = metric:ahrefs_page_traffic; keywords = metric:ahrefs_keywords;
        js rendered = flag:found_rendered; linked domains = metric:ahrefs_page_linked_domains;
        last http code = http_status; total backlinks = metric:ahrefs_page_backlinks;
        backlink status = label:ahrefs_backlink_status""", beta=True,
    ),
    source(
        "ahrefs_intersect", "Ahrefs link intersect", "intersect", "domain; domain rating; intersect",
        """domain = source_domain; domain rating = metric:ahrefs_dr; domain traffic = metric:ahrefs_domain_traffic;
        intersect = metric:ahrefs_intersect""", beta=True,
    ),
    source(
        "ahrefs_domains", "Ahrefs referring domains", "domains", "domain; dr; links to target",
        """domain = source_domain; is spam = metric:ahrefs_is_spam; dr = metric:ahrefs_dr;
        dofollow ref. domains = metric:ahrefs_refdomains_dofollow;
        dofollow linked domains = metric:ahrefs_linked_domains; traffic = metric:ahrefs_domain_traffic;
        keywords = metric:ahrefs_keywords; links to target = links; new links = metric:ahrefs_new_links;
        lost links = metric:ahrefs_lost_links; dofollow links = metric:ahrefs_dofollow_links;
        first seen = first_seen; lost = lost_at""", beta=True,
    ),
    source(
        "ahrefs_anchors", "Ahrefs anchors", "anchors", "anchor text; ref. domains; ref. pages",
        """anchor text = value; ref. domains = domains; top dr = metric:ahrefs_top_dr; links to target = links;
        ref. pages = metric:ahrefs_ref_pages; first seen = first_seen;
        dofollow links = metric:ahrefs_dofollow_links; new links = metric:ahrefs_new_links;
        lost links = metric:ahrefs_lost_links; is spam = metric:ahrefs_is_spam; lost = label:ahrefs_lost""", beta=True,
    ),
    source(
        "ahrefs_ips", "Ahrefs referring IPs", "ips", "subnet; ref. domains; ips in subnet",
        """subnet = value; ref. domains = domains; top dr = metric:ahrefs_top_dr; links to target = links;
        new links = metric:ahrefs_new_links; lost links = metric:ahrefs_lost_links;
        dofollow links = metric:ahrefs_dofollow_links; lost = label:ahrefs_lost; first seen = first_seen;
        ips in subnet = metric:ahrefs_ips_in_subnet; country = label:country; isp = label:isp""",
    ),
    source(
        "ahrefs_awt-backlinks", "Ahrefs Webmaster Tools backlinks", "links", "src_url; target_url",
        _API + "; first_seen = first_seen",
    ),
    source("ahrefs_api-backlinks", "Ahrefs API backlinks", "links", "url_from; url_to", _API),
    source(
        "ahrefs_awt-domains", "Ahrefs Webmaster Tools referring domains", "domains",
        "root_name; backlinks_count; domain_dr",
        """root_name = source_domain; backlinks_count = links; dofollow_links = metric:ahrefs_dofollow_links;
        new_links = metric:ahrefs_new_links; lost_links = metric:ahrefs_lost_links;
        domain_positions = metric:ahrefs_keywords; domain_dr = metric:ahrefs_dr;
        domain_traffic = metric:ahrefs_domain_traffic; domain_refdomains = metric:ahrefs_refdomains;
        domain_linked_domains = metric:ahrefs_linked_domains; is_spam_grouped = metric:ahrefs_is_spam;
        first_seen = first_seen; last_seen = lost_at""",
    ),
)  # fmt: skip
