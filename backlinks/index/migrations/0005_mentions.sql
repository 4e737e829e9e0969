-- Pages that name a project's brand without linking to its domain (`target_domain`).
-- A row without a page says that its batch has looked for mentions of that domain: a later visit that found none counts.
CREATE TABLE mentions (
    target_domain String,
    workspace UInt32,
    source_domain String,
    source_key String,
    source_url String,
    batch UInt64,
    row UInt64,
    source LowCardinality(String),
    report LowCardinality(String),
    mentioned_at DateTime('UTC'),
    title String,
    language LowCardinality(String),
    term LowCardinality(String),
    terms Array(LowCardinality(String)),
    times UInt32,
    snippet_left String,
    snippet_term String,
    snippet_right String
) ENGINE = MergeTree ORDER BY (target_domain, workspace, source_domain, source_key, mentioned_at)
SETTINGS non_replicated_deduplication_window = 10000;
