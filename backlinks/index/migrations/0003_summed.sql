-- Anchors and linked pages of a whole target domain, summed up by the settle that wrote the generation.

CREATE TABLE anchors (
    target_domain String,
    workspace UInt32,
    generation UInt64,
    anchor String,
    anchor_known UInt8,
    links UInt64,
    domains UInt64,
    live UInt64,
    lost UInt64,
    unknown UInt64,
    follow UInt64,
    nofollow UInt64,
    first_seen DateTime('UTC'),
    last_seen DateTime('UTC')
) ENGINE = MergeTree ORDER BY (target_domain, workspace, generation);

CREATE TABLE pages (
    target_domain String,
    workspace UInt32,
    generation UInt64,
    target_key String,
    target_url String,
    links UInt64,
    domains UInt64,
    live UInt64,
    lost UInt64,
    unknown UInt64,
    follow UInt64,
    nofollow UInt64,
    first_seen DateTime('UTC'),
    last_seen DateTime('UTC')
) ENGINE = MergeTree ORDER BY (target_domain, workspace, generation);
