-- The names in the certificate of the page's server, of the visits that opened the connection.
ALTER TABLE page_facts ADD COLUMN IF NOT EXISTS certificate Array(String);
