-- What lists of malware, phishing and blocked sites name. `kind`: malware or blocklist. `reach`: name (the entry names a
-- host: it stands for all below it) or url (it names one page, whose key is `page`). Rows are read by domain.
CREATE TABLE listed_hosts (
    workspace UInt32,
    batch UInt64,
    list LowCardinality(String),
    kind LowCardinality(String),
    day Date,
    domain String,
    host String,
    reach LowCardinality(String),
    page String,
    entry String
) ENGINE = MergeTree PARTITION BY workspace ORDER BY (workspace, domain, list, batch)
SETTINGS non_replicated_deduplication_window = 10000;
