-- What our own crawler has found: pages, links inside a site, and every check of a link with its proof.

-- Where on the page a link stands, as our own crawl or a vendor says.
ALTER TABLE observations ADD COLUMN IF NOT EXISTS placement LowCardinality(String);
ALTER TABLE links ADD COLUMN IF NOT EXISTS placement LowCardinality(String);

-- One row a visit of a page; `target_domain` is the site itself. `code` says why a page was not read.
CREATE TABLE crawled_pages (
    target_domain String,
    workspace UInt32,
    page_key String,
    page_url String,
    host String,
    batch UInt64,
    row UInt64,
    source LowCardinality(String),
    report LowCardinality(String),
    fetched_at DateTime('UTC'),
    http_status UInt16,
    code LowCardinality(String),
    redirect_url String,
    title String,
    language LowCardinality(String),
    canonical String,
    robots LowCardinality(String),
    noindex UInt8,
    words UInt32,
    text_share Float32,
    int_links UInt32,
    ext_links UInt32,
    ext_domains UInt32,
    ids Array(String),
    generator LowCardinality(String),
    platform LowCardinality(String),
    published String,
    jsonld Array(LowCardinality(String)),
    fingerprint UInt64,
    page_hash String,
    depth UInt16,
    bytes UInt32,
    seconds Float32,
    ip String
) ENGINE = MergeTree ORDER BY (target_domain, workspace, page_key, fetched_at)
SETTINGS non_replicated_deduplication_window = 10000;

-- Links between pages of one site, of the latest crawls.
CREATE TABLE internal_links (
    target_domain String,
    workspace UInt32,
    batch UInt64,
    target_key String,
    source_key String,
    row UInt64,
    source LowCardinality(String),
    report LowCardinality(String),
    anchor String,
    nofollow UInt8,
    kind LowCardinality(String),
    placement LowCardinality(String)
) ENGINE = MergeTree ORDER BY (target_domain, workspace, batch, target_key)
SETTINGS non_replicated_deduplication_window = 10000;

-- One row a check of a link: what was found, what had changed, and the evidence.
CREATE TABLE checks (
    target_domain String,
    workspace UInt32,
    link_id UInt64 DEFAULT sipHash64(source_key, target_key),
    source_domain String,
    source_key String,
    source_url String,
    target_key String,
    target_url String,
    batch UInt64,
    row UInt64,
    source LowCardinality(String),
    report LowCardinality(String),
    checked_at DateTime('UTC'),
    state LowCardinality(String),
    reason LowCardinality(String),
    http_status UInt16,
    final_url String,
    target_status UInt16,
    target_final String,
    anchor String,
    nofollow Int8,
    ugc Int8,
    sponsored Int8,
    placement LowCardinality(String),
    before Map(String, String),
    after Map(String, String),
    headers Map(String, String),
    snippet String,
    page_hash String
) ENGINE = MergeTree ORDER BY (target_domain, workspace, link_id, checked_at)
SETTINGS non_replicated_deduplication_window = 10000;
