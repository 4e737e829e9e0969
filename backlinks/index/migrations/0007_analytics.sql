-- What the analytics pages read beside links and edges. All of it is derived.

-- A profile as it was known on a day, kept for ever: one row a day of a whole domain (scope root, key its name) and of
-- each of its hosts (scope host). The newest settle of a day counts.
CREATE TABLE profile_days (
    target_domain String,
    workspace UInt32,
    scope LowCardinality(String),
    key String,
    day Date,
    generation UInt64,
    links UInt64,
    live UInt64,
    lost UInt64,
    unknown UInt64,
    follow UInt64,
    nofollow UInt64,
    domains UInt64,
    hosts UInt64,
    ips UInt64,
    subnets UInt64
) ENGINE = ReplacingMergeTree(generation) ORDER BY (target_domain, workspace, scope, key, day);

-- The edges of a generation by the domain that links: what a site links to. A row counts where its generation is the
-- newest of its target.
CREATE TABLE outbound (
    workspace UInt32,
    source_domain String,
    target_domain String,
    generation UInt64,
    links UInt64,
    live UInt64,
    lost UInt64,
    unknown UInt64,
    follow UInt64,
    nofollow UInt64,
    first_seen DateTime('UTC'),
    last_seen DateTime('UTC'),
    state LowCardinality(String),
    sources Array(LowCardinality(String))
) ENGINE = MergeTree ORDER BY (workspace, source_domain, target_domain, generation);

-- A sixteenth of the referring domains of a target, chosen by their 32-bit hashes, to compare many profiles at once.
CREATE TABLE domain_sets (
    target_domain String,
    workspace UInt32,
    generation UInt64,
    domains UInt64,
    links UInt64,
    sample Array(UInt32)
) ENGINE = MergeTree ORDER BY (target_domain, workspace, generation);

-- The domains of a saved benchmark as they were (batch: the benchmark's).
CREATE TABLE benchmark_domains (
    workspace UInt32,
    batch UInt64,
    source_domain String,
    links UInt64,
    live UInt64,
    lost UInt64,
    unknown UInt64,
    follow UInt64,
    nofollow UInt64,
    ugc UInt64,
    sponsored UInt64,
    text UInt64,
    image UInt64,
    form UInt64,
    frame UInt64,
    redirect UInt64,
    other UInt64,
    hosts UInt64,
    first_seen DateTime('UTC'),
    last_seen DateTime('UTC'),
    lost_at DateTime('UTC'),
    state LowCardinality(String),
    authority Float64 DEFAULT -1,
    sources Array(LowCardinality(String))
) ENGINE = MergeTree ORDER BY (workspace, batch, source_domain)
SETTINGS non_replicated_deduplication_window = 10000;

-- Topics of the referring domains of a target, at most three each, by what titles, anchors and contexts say. `evidence`
-- is what the words of all its topics weigh together.
CREATE TABLE topics (
    target_domain String,
    workspace UInt32,
    run UInt64,
    source_domain String,
    topic LowCardinality(String),
    weight Float32,
    evidence Float32,
    links UInt64,
    words Array(LowCardinality(String))
) ENGINE = MergeTree ORDER BY (target_domain, workspace, run, source_domain, topic);

-- One row a target whose topics were judged: of which generation, by which words. The newest run counts.
CREATE TABLE topic_runs (
    target_domain String,
    workspace UInt32,
    run UInt64,
    generation UInt64,
    taxonomy UInt64
) ENGINE = MergeTree ORDER BY (target_domain, workspace, run);

-- The words of topics in one row, under a number made of all of them: spelled forms, phrases as codes of their parts,
-- and what their numbers mean, by places in the names.
CREATE TABLE topic_words (
    workspace UInt32,
    taxonomy UInt64,
    forms Array(String),
    form_numbers Array(UInt16),
    codes Array(UInt64),
    code_numbers Array(UInt16),
    numbers Array(UInt16),
    topics Array(UInt16),
    levels Array(UInt16),
    weights Array(Float32),
    words Array(UInt16),
    topic_names Array(String),
    word_names Array(String)
) ENGINE = ReplacingMergeTree ORDER BY (workspace, taxonomy);

-- Links without a text, images and others apart.
ALTER TABLE anchors ADD COLUMN IF NOT EXISTS is_image UInt8;

-- How many addresses, subnets and networks the referring domains of a target stand at; `placed` of them say where they
-- do. Networks are -1 where no table of ranges was loaded.
CREATE TABLE address_counts (
    target_domain String,
    workspace UInt32,
    generation UInt64,
    domains UInt64,
    placed UInt64,
    ips UInt64,
    subnets UInt64,
    networks Int64
) ENGINE = MergeTree ORDER BY (target_domain, workspace, generation);
