-- The ledger (what was seen) and what is derived from it (what is shown).
-- A table is declared once; `engine.py` renders it plain, or replicated and sharded by target domain in a cluster.

CREATE TABLE batches (
    workspace UInt32,
    batch UInt64,
    state LowCardinality(String),
    source LowCardinality(String),
    report LowCardinality(String),
    label String,
    version UInt64 DEFAULT toUnixTimestamp64Nano(now64(9))
) ENGINE = ReplacingMergeTree(version) ORDER BY (workspace, batch);

CREATE TABLE observations (
    target_domain String,
    workspace UInt32,
    source_domain String,
    link_id UInt64 DEFAULT sipHash64(source_key, target_key),
    target_host LowCardinality(String),
    target_url String,
    target_key String,
    source_host String,
    source_url String,
    source_key String,
    batch UInt64,
    row UInt32,
    source LowCardinality(String),
    report LowCardinality(String),
    kind LowCardinality(String) DEFAULT 'text',
    anchor Nullable(String),
    alt Nullable(String),
    nofollow Int8 DEFAULT -1,
    ugc Int8 DEFAULT -1,
    sponsored Int8 DEFAULT -1,
    context_left String,
    context_right String,
    title String,
    language LowCardinality(String),
    http_status UInt16,
    first_seen DateTime('UTC'),
    last_seen DateTime('UTC'),
    lost_at DateTime('UTC'),
    lost_reason LowCardinality(String),
    ip String,
    country LowCardinality(String),
    ext_links Int32 DEFAULT -1,
    int_links Int32 DEFAULT -1,
    redirect_chain String,
    metrics Map(String, Float64),
    labels Map(String, String),
    group_count UInt32 DEFAULT 1,
    flags LowCardinality(String)
) ENGINE = MergeTree ORDER BY (target_domain, workspace, source_domain, link_id)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE sightings (
    target_domain String,
    workspace UInt32,
    source_domain String,
    source_key String,
    source_url String,
    source_host String,
    batch UInt64,
    row UInt32,
    source LowCardinality(String),
    report LowCardinality(String),
    first_seen DateTime('UTC'),
    last_seen DateTime('UTC')
) ENGINE = MergeTree ORDER BY (target_domain, workspace, source_domain, source_key)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE domain_links (
    target_domain String,
    workspace UInt32,
    source_domain String,
    batch UInt64,
    row UInt32,
    source LowCardinality(String),
    report LowCardinality(String),
    links Int64 DEFAULT -1,
    first_seen DateTime('UTC'),
    last_seen DateTime('UTC'),
    lost_at DateTime('UTC'),
    ip String,
    country LowCardinality(String),
    metrics Map(String, Float64),
    labels Map(String, String)
) ENGINE = MergeTree ORDER BY (target_domain, workspace, source_domain)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE vendor_counts (
    target_domain String,
    workspace UInt32,
    dimension LowCardinality(String),
    value String,
    batch UInt64,
    row UInt32,
    source LowCardinality(String),
    report LowCardinality(String),
    links Int64 DEFAULT -1,
    domains Int64 DEFAULT -1,
    position UInt32,
    first_seen DateTime('UTC'),
    last_seen DateTime('UTC'),
    metrics Map(String, Float64),
    labels Map(String, String)
) ENGINE = MergeTree ORDER BY (target_domain, workspace, dimension, value)
SETTINGS non_replicated_deduplication_window = 10000;

-- Derived. A generation of a target is written whole, then published by one row in `generations`.
CREATE TABLE generations (
    workspace UInt32,
    target_domain String,
    generation UInt64,
    formula UInt16,
    as_of Date,
    stale_on Date,
    links UInt64,
    domains UInt64
) ENGINE = MergeTree ORDER BY (workspace, target_domain, generation);

CREATE TABLE links (
    target_domain String,
    workspace UInt32,
    generation UInt64,
    source_domain String,
    link_id UInt64,
    source_host String,
    source_url String,
    target_host LowCardinality(String),
    target_url String,
    target_key String,
    kind LowCardinality(String),
    anchor String,
    anchor_known UInt8,
    alt String,
    nofollow Int8,
    ugc Int8,
    sponsored Int8,
    context_left String,
    context_right String,
    title String,
    language LowCardinality(String),
    http_status UInt16,
    first_seen DateTime('UTC'),
    last_seen DateTime('UTC'),
    alive_at DateTime('UTC'),
    lost_at DateTime('UTC'),
    lost_reason LowCardinality(String),
    state LowCardinality(String),
    ip String,
    subnet String,
    country LowCardinality(String),
    tld LowCardinality(String),
    ext_links Int32,
    int_links Int32,
    redirect_chain String,
    metrics Map(String, Float64),
    labels Map(String, String),
    sources Array(LowCardinality(String)),
    occurrences UInt32,
    group_count UInt32,
    flags LowCardinality(String)
) ENGINE = MergeTree ORDER BY (target_domain, workspace, generation, source_domain, link_id);

CREATE TABLE edges (
    target_domain String,
    workspace UInt32,
    generation UInt64,
    source_domain String,
    tld LowCardinality(String),
    links UInt64,
    live UInt64,
    lost UInt64,
    unknown UInt64,
    follow UInt64,
    nofollow UInt64,
    hosts UInt32,
    reported_links Int64,
    first_seen DateTime('UTC'),
    last_seen DateTime('UTC'),
    lost_at DateTime('UTC'),
    state LowCardinality(String),
    ips Array(String),
    country LowCardinality(String),
    metrics Map(String, Float64),
    sources Array(LowCardinality(String))
) ENGINE = MergeTree ORDER BY (target_domain, workspace, generation, source_domain);
