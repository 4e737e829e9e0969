-- What the first reading of a profile needs beside links and edges.

-- How often a batch has been thrown away: its blocks get new tokens afterwards, or a second reading would add nothing.
ALTER TABLE batches ADD COLUMN IF NOT EXISTS epoch UInt32;

-- day or second: how exactly this row's dates are known.
ALTER TABLE observations ADD COLUMN IF NOT EXISTS precision LowCardinality(String)
    DEFAULT if(toUInt32(first_seen) % 86400 + toUInt32(last_seen) % 86400 + toUInt32(lost_at) % 86400 = 0, 'day', 'second');

-- Every country that links of the domain or a domain-level row name; `country` is the newest of them.
ALTER TABLE edges ADD COLUMN IF NOT EXISTS countries Array(LowCardinality(String));
ALTER TABLE edges ADD COLUMN IF NOT EXISTS subnets Array(String);

-- Headline of a whole target domain, counted exactly by the settle that wrote the generation.
CREATE TABLE profiles (
    target_domain String,
    workspace UInt32,
    generation UInt64,
    links UInt64,
    live UInt64,
    lost UInt64,
    unknown UInt64,
    follow UInt64,
    nofollow UInt64,
    rel_unknown UInt64,
    ugc UInt64,
    sponsored UInt64,
    text UInt64,
    image UInt64,
    form UInt64,
    frame UInt64,
    redirect UInt64,
    other UInt64,
    referring_domains UInt64,
    hosts UInt64,
    ips UInt64,
    subnets UInt64,
    first_seen DateTime('UTC'),
    last_seen DateTime('UTC')
) ENGINE = MergeTree ORDER BY (target_domain, workspace, generation);
