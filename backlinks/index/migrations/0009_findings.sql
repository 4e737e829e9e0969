-- What an audit has found. Derived: a run is written whole and counts once its row in the database says that it is done.

CREATE TABLE audit_links (
    target_domain String,
    workspace UInt32,
    run UInt64,
    source_domain String,
    link_id UInt64,
    source_url String,
    target_url String,
    anchor String,
    anchor_class LowCardinality(String),
    state LowCardinality(String),
    nofollow Int8,
    first_seen Date,
    last_seen Date,
    risk UInt8,
    confidence Float32,
    band LowCardinality(String),
    gates UInt8,
    trust Float32,
    groups Array(Float32),
    fired Array(LowCardinality(String)),
    missing Array(LowCardinality(String))
) ENGINE = MergeTree ORDER BY (target_domain, workspace, run, source_domain, link_id)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE audit_domains (
    target_domain String,
    workspace UInt32,
    run UInt64,
    source_domain String,
    links UInt64,
    sharing UInt64,
    state LowCardinality(String),
    country LowCardinality(String),
    first_seen Date,
    last_seen Date,
    authority Float32,
    risk UInt8,
    confidence Float32,
    band LowCardinality(String),
    gates UInt8,
    link_id UInt64,
    markers Array(LowCardinality(String)),
    kinds Array(LowCardinality(String)),
    points Array(Float32)
) ENGINE = MergeTree ORDER BY (target_domain, workspace, run, source_domain)
SETTINGS non_replicated_deduplication_window = 10000;

-- The evidence: one row for each marker at each link, page or domain at which it fired.
CREATE TABLE audit_findings (
    target_domain String,
    workspace UInt32,
    run UInt64,
    source_domain String,
    marker LowCardinality(String),
    unit LowCardinality(String),
    page String,
    link_id UInt64,
    value Float32,
    said String,
    day Date,
    cluster Int32
) ENGINE = MergeTree ORDER BY (target_domain, workspace, run, source_domain, marker, page, link_id)
SETTINGS non_replicated_deduplication_window = 10000;

-- Domains that share one thing by a marker, and the networks that these things make together (marker '').
CREATE TABLE audit_clusters (
    target_domain String,
    workspace UInt32,
    run UInt64,
    marker LowCardinality(String),
    cluster Int32,
    what String,
    domains Array(String),
    things Array(String)
) ENGINE = MergeTree ORDER BY (target_domain, workspace, run, marker, cluster)
SETTINGS non_replicated_deduplication_window = 10000;
