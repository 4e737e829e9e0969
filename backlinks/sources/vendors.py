"""Majestic, Moz and Bing (formats.md sections 6 to 8). Most are built from documents, not from real files: beta."""

from .contract import source

SOURCES = (
    source(
        "majestic_backlinks", "Majestic download", "links", "source url; sourcecitationflow; sourcetrustflow",
        """target url = target_url; source url = source_url; anchor text = anchor; source crawl date = last_seen;
        source first found date = first_seen; flagnofollow = set:nofollow; flagimagelink = is:image;
        flagredirect = is:redirect; flagframe = is:frame; flagalttext = is:image:alt; flagmention = mention;
        flagoldcrawl = old_crawl; sourcecitationflow = metric:majestic_source_cf;
        sourcetrustflow = metric:majestic_source_tf; targetcitationflow = metric:majestic_target_cf;
        targettrustflow = metric:majestic_target_tf; sourcetopicaltrustflow_topic_0 = label:majestic_topic;
        sourcetopicaltrustflow_value_0 = metric:majestic_topical_tf;
        refdomaintopicaltrustflow_topic_0 = label:majestic_domain_topic;
        refdomaintopicaltrustflow_value_0 = metric:majestic_domain_topical_tf""", beta=True, strict=True,
    ),
    source(
        "majestic_screen", "Majestic on-screen export", "links", "source trust flow; source citation flow; target url",
        """anchor text = anchor; source trust flow = metric:majestic_source_tf;
        source citation flow = metric:majestic_source_cf; domain trust flow = metric:majestic_domain_tf;
        domain citation flow = metric:majestic_domain_cf; link first indexed date = first_seen;
        target url = target_url""", beta=True, first="source_url",
    ),
    source(
        "majestic_api", "Majestic API rows", "links", "sourceurl; targeturl; anchortext",
        """sourceurl = source_url; targeturl = target_url; anchortext = anchor; lastseendate = last_seen;
        date = last_seen; firstindexeddate = first_seen; datelost = lost_at; reasonlost = lost_reason;
        linktype = link_type; linksubtype = label:majestic_link_subtype; flagnofollow = set:nofollow;
        flagredirect = is:redirect; flagframe = is:frame; flagimages = is:image; flagimagelink = is:image:link;
        flagalttext = is:image:alt; flagmention = mention; flagoldcrawl = old_crawl;
        sourcecitationflow = metric:majestic_source_cf; sourcetrustflow = metric:majestic_source_tf;
        targetcitationflow = metric:majestic_target_cf; targettrustflow = metric:majestic_target_tf""", beta=True,
    ),
    source(
        "moz_pages", "Moz top pages", "pages", "url; title; linking domains to page; pa",
        """url = value; title = label:title; total links = links; linking domains to page = domains;
        pa = metric:moz_pa; http status code = metric:http_status;
        outbound domains from page = metric:moz_outbound_domains;
        outbound links from page = metric:moz_outbound_links""", assume_scheme=True,
    ),
    source(
        "moz_backlinks", "Moz inbound links (Open Site Explorer)", "links",
        "url; anchor text; spam score; origin; target url",
        """url = source_url; title = title; anchor text = anchor; spam score = metric:moz_spam;
        page authority = metric:moz_pa; domain authority = metric:moz_da; target url = target_url;
        only rel=nofollow = nofollow; 301 = is:redirect; origin = label:moz_origin;
        number of domains linking to this page = metric:moz_page_refdomains;
        number of domains linking to domain = metric:moz_domain_refdomains""", beta=True, assume_scheme=True,
    ),
    source(
        "bing_pages", "Bing referring pages", "links", "source url; anchor text; target url",
        "source url = source_url; anchor text = anchor; target url = target_url", beta=True,
        width=3,
    ),
    source(
        "bing_domains", "Bing referring domains", "domains", "domain; backlinks count",
        "domain = source_domain; backlinks count = links", beta=True, width=2,
    ),
    source(
        "bing_anchors", "Bing anchors", "anchors", "anchor; backlinks count",
        "anchor = value; backlinks count = links", beta=True, width=2,
    ),
)  # fmt: skip
