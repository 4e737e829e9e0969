-- The open web: releases of a domain graph, popularity, addresses, ages of domains; and the authority that follows.

-- One row a release that was read whole. `batch` joins it to `batches`, which says whether it counts.
CREATE TABLE graph_releases (
    workspace UInt32,
    batch UInt64,
    release String,
    level LowCardinality(String),
    part LowCardinality(String),
    nodes UInt64,
    edges UInt64,
    first_day Date,
    last_day Date,
    version UInt64 DEFAULT toUnixTimestamp64Nano(now64(9))
) ENGINE = ReplacingMergeTree(version) ORDER BY (workspace, batch);

-- Domains of a release by an id that means nothing outside it; ids follow the order of `reversed` (com.example).
-- Values and positions are those of the release's own ranks; positions of tied values are their middle, 0 is unknown.
CREATE TABLE graph_domains (
    workspace UInt32,
    batch UInt64,
    id UInt32,
    reversed String,
    hosts UInt32,
    harmonic Float64,
    harmonic_at Float64,
    pagerank Float64,
    pagerank_at Float64,
    INDEX by_name reversed TYPE minmax GRANULARITY 1
) ENGINE = MergeTree PARTITION BY batch ORDER BY (workspace, batch, id)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 2048;

-- "A domain links to a domain": no page, no anchor, no rel, no count. Never a page link.
CREATE TABLE graph_edges (
    workspace UInt32,
    batch UInt64,
    target UInt32 CODEC(Delta, ZSTD),
    source UInt32 CODEC(Delta, ZSTD)
) ENGINE = MergeTree PARTITION BY batch ORDER BY (workspace, batch, target, source)
SETTINGS non_replicated_deduplication_window = 10000;

-- Scratch of a release that is being read, dropped once it counts. Names by their line number; `reversed` is the
-- registrable domain, `host` (host level only) the host without its www. Ranks by domain, as the file has them.
CREATE TABLE graph_names (
    workspace UInt32,
    batch UInt64,
    id UInt32,
    reversed String,
    host String,
    hosts UInt32
) ENGINE = MergeTree PARTITION BY batch ORDER BY (workspace, batch, reversed, id)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE graph_ranks (
    workspace UInt32,
    batch UInt64,
    reversed String,
    harmonic Float64,
    harmonic_at UInt32,
    pagerank Float64,
    pagerank_at UInt32
) ENGINE = MergeTree PARTITION BY batch ORDER BY (workspace, batch, reversed)
SETTINGS non_replicated_deduplication_window = 10000;

-- One row a domain that a list names. `signal`: traffic (visitors), or links (a rank made of links: never a traffic
-- part). `rank` 0: only the tier is known; `tier` is the upper end of a bucket, 0 where the rank is exact.
CREATE TABLE popularity (
    workspace UInt32,
    batch UInt64,
    list LowCardinality(String),
    day Date,
    domain String,
    signal LowCardinality(String),
    rank UInt32,
    tier UInt32,
    visits Float64 DEFAULT -1,
    subnets Int64 DEFAULT -1,
    score Float64 DEFAULT -1
) ENGINE = MergeTree PARTITION BY workspace ORDER BY (workspace, domain, list, batch)
SETTINGS non_replicated_deduplication_window = 10000;

-- Ranges of addresses: IPv4 as it is, IPv6 by its upper 64 bits. `family` 4 or 6; a newer `batch` replaces an older one.
-- No range reaches beyond one `bucket` (`first` without its last 16 bits, of IPv6 40), so that a few addresses are
-- placed by reading the few buckets that they lie in.
CREATE TABLE ip_ranges (
    workspace UInt32,
    batch UInt64,
    family UInt8,
    bucket UInt32,
    first UInt64,
    last UInt64,
    country LowCardinality(String),
    asn UInt32,
    network LowCardinality(String)
) ENGINE = MergeTree ORDER BY (workspace, batch, family, bucket, first)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 512;

-- When a domain was seen, and by which source: its age. Rows add up; read the least and the greatest.
CREATE TABLE domain_days (
    workspace UInt32,
    domain String,
    source LowCardinality(String),
    first_seen SimpleAggregateFunction(min, Date),
    last_seen SimpleAggregateFunction(max, Date)
) ENGINE = AggregatingMergeTree ORDER BY (workspace, domain, source);

-- One row a computation of scores. `workspace` 0 is the open graph alone; another one is the open graph joined with
-- what that workspace knows. A computation counts once its row is here; of two versions of one run, `shown` says which
-- one the pages show. `facts` is JSON: inputs, averages, agreement.
CREATE TABLE authority_runs (
    workspace UInt32,
    run UInt64,
    version LowCardinality(String),
    release String,
    computed_at DateTime('UTC'),
    domains UInt64,
    edges UInt64,
    shown UInt8,
    facts String
) ENGINE = MergeTree ORDER BY (workspace, run, version);

-- One row a domain of a computation. Part values are 0-100, -1 is unknown (left out of the score); positions 0 are
-- unknown. Penalties are points taken away, -1 is "not checked".
CREATE TABLE authority (
    workspace UInt32,
    run UInt64,
    version LowCardinality(String),
    domain String,
    score Float64,
    confidence Float32,
    pagerank Float64,
    harmonic Float64,
    trust Float64,
    bad_share Float32,
    subnets Int32,
    popularity_rank Float64,
    visits Float64,
    pagerank_at Float64,
    harmonic_at Float64,
    trust_at Float64,
    votes UInt32,
    linked_domains UInt32,
    passes Float64,
    parts Array(Float32),
    penalties Array(Float32)
) ENGINE = MergeTree ORDER BY (workspace, run, version, domain);

-- Scores of domains in some profile, kept for ever. `parts` is name -> points.
CREATE TABLE authority_days (
    workspace UInt32,
    domain String,
    day Date,
    run UInt64,
    version LowCardinality(String),
    score Float64,
    parts Map(LowCardinality(String), Float64)
) ENGINE = ReplacingMergeTree(run) ORDER BY (workspace, domain, version, day);

-- PageRank among the pages of one crawled site, over its internal links; its values sum to 1.
CREATE TABLE page_ranks (
    workspace UInt32,
    target_domain String,
    run UInt64,
    page_key String,
    value Float64,
    pages UInt32
) ENGINE = MergeTree ORDER BY (workspace, target_domain, run, page_key);
