-- Mail addresses at a page's own domain that the page offers to write to.
ALTER TABLE page_facts ADD COLUMN IF NOT EXISTS mails Array(String);
