-- Who knows a referring domain, as an audit saw it: vendors whose files name it, our crawler, Common Crawl; and whether a
-- Search Console list names it (-1: none was imported, or the audit is older than these columns).
ALTER TABLE audit_domains ADD COLUMN IF NOT EXISTS sources Array(LowCardinality(String));
ALTER TABLE audit_domains ADD COLUMN IF NOT EXISTS known_to_google Int8 DEFAULT -1;
