"""Semrush: Backlink Analytics, Backlink Audit, old exports and API rows (formats.md section 5)."""

from .contract import source

_LINKS = """source title = title; source url = source_url; target url = target_url; anchor = anchor;
external links = ext_links; internal links = int_links; nofollow = nofollow; sponsored = sponsored;
ugc = ugc; text = is:text; frame = is:frame; form = is:form; image = is:image; sitewide = flag:sitewide;
first seen = first_seen; last seen = last_seen; new link = flag:vendor_new; lost link = vendor_lost"""

SOURCES = (
    source(
        "semrush_backlinks", "Semrush backlinks", "links", "page ascore; source url; target url",
        "page ascore = metric:semrush_page_as;" + _LINKS,
    ),
    source(
        "semrush_domains", "Semrush referring domains", "domains", "domain ascore; domain; backlinks",
        """domain ascore = metric:semrush_domain_as; domain = source_domain; backlinks = links; ip address = ip;
        country = country; first seen = first_seen; last seen = last_seen""",
    ),
    source(
        "semrush_audit", "Semrush Backlink Audit", "links", "toxic score; source domain; anchor type",
        """domain authority score = metric:semrush_domain_as; page authority score = metric:semrush_page_as;
        source url = source_url; source page title = title; target url = target_url; anchor = anchor;
        anchor type = label:semrush_anchor_type; link type = link_type; no follow = nofollow;
        toxic score = metric:semrush_toxic; first seen = first_seen; last seen = last_seen;
        comment = label:semrush_comment""",
    ),
    source(
        "semrush_audit-markers", "Semrush Backlink Audit (markers)", "links", "toxicity score; source url; target url",
        """source title = title; source url = source_url; target url = target_url; anchor = anchor;
        nofollow = nofollow; toxicity score = metric:semrush_toxic; toxic markers = label:semrush_toxic_markers;
        first seen = first_seen; last seen = last_seen""",
    ),
    source(
        "semrush_old-backlinks", "Semrush backlinks (about 2016)", "links", "page trust score; source url",
        "page score = metric:semrush_page_score; page trust score = metric:semrush_page_trust;" + _LINKS, beta=True,
    ),
    source(
        "semrush_api-backlinks", "Semrush API backlinks", "links", "source_url; target_url",
        """page_ascore = metric:semrush_page_as; page_score = metric:semrush_page_as; response_code = http_status;
        source_size = metric:semrush_source_size; redirect_url = redirect_urls;
        target_title = label:semrush_target_title; external_num = ext_links; internal_num = int_links;
        source_url = source_url; source_title = title; target_url = target_url; anchor = anchor; image_alt = alt;
        image_url = label:semrush_image_url;
        last_seen = last_seen; first_seen = first_seen; nofollow = nofollow; form = is:form; frame = is:frame;
        image = is:image; sitewide = flag:sitewide; newlink = flag:vendor_new; lostlink = vendor_lost""",
        any_of="page_ascore; page_score", strict=True,
    ),
    source(
        "semrush_api-domains", "Semrush API referring domains", "domains", "domain_ascore; domain; backlinks_num",
        """domain_ascore = metric:semrush_domain_as; domain = source_domain; backlinks_num = links; ip = ip;
        country = country; first_seen = first_seen; last_seen = last_seen""", strict=True,
    ),
    source(
        "semrush_api-ips", "Semrush API referring IPs", "ips", "ip; domains_num; backlinks_num",
        """ip = value; country = label:country; domains_num = domains; backlinks_num = links; first_seen = first_seen;
        last_seen = last_seen""", strict=True,
    ),
    source(
        "semrush_api-countries", "Semrush API countries", "countries", "country; domains_num",
        "country = value; domains_num = domains; backlinks_num = links", forbids="ip", strict=True,
    ),
    source(
        "semrush_api-tlds", "Semrush API zones", "tlds", "zone; domains_num",
        "zone = value; domains_num = domains; backlinks_num = links", strict=True,
    ),
    source(
        "semrush_api-anchors", "Semrush API anchors", "anchors", "anchor; domains_num; backlinks_num",
        "anchor = value; domains_num = domains; backlinks_num = links; first_seen = first_seen; last_seen = last_seen",
        strict=True,
    ),
    source(
        "semrush_api-pages", "Semrush API indexed pages", "pages", "source_url; backlinks_num; domains_num",
        """source_url = value; source_title = label:title; response_code = metric:http_status; backlinks_num = links;
        domains_num = domains; last_seen = last_seen; external_num = metric:ext_links;
        internal_num = metric:int_links""",
        strict=True,
    ),
    source(
        "semrush_anchors", "Semrush anchors", "anchors", "anchor; domains; backlinks",
        "anchor = value; domains = domains; backlinks = links; first seen = first_seen; last seen = last_seen",
        beta=True,
    ),
)  # fmt: skip
