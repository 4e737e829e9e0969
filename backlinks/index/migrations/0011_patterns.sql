-- What an audit's scores were made of besides weights, so that other weights can be tried without reading the profile:
-- links of which every marker says the same have one pattern.

-- One row for each thing that is true of some patterns (a marker fired, was known, applied; a link is lost): its bits.
CREATE TABLE audit_patterns (
    target_domain String,
    workspace UInt32,
    run UInt64,
    flag LowCardinality(String),
    words Array(UInt64)
) ENGINE = MergeTree ORDER BY (target_domain, workspace, run, flag)
SETTINGS non_replicated_deduplication_window = 10000;

-- The patterns of a domain's links, and how fresh the newest look at one of each is.
CREATE TABLE audit_domain_patterns (
    target_domain String,
    workspace UInt32,
    run UInt64,
    source_domain String,
    pattern UInt32,
    links UInt64,
    freshness Float32
) ENGINE = MergeTree ORDER BY (target_domain, workspace, run, source_domain, pattern)
SETTINGS non_replicated_deduplication_window = 10000;
