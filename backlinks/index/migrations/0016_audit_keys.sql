-- What the links of an audit are grouped by: the words of their anchor, folded as anchors are (folding.py), also of audits
-- before this one; and the linked page by its key ('' in audits before this one).
ALTER TABLE audit_links ADD COLUMN IF NOT EXISTS words String DEFAULT trimBoth(replaceRegexpAll(normalizeUTF8NFC(replaceAll(replaceAll(replaceAll(replaceAll(translateUTF8(replaceRegexpAll(lowerUTF8(normalizeUTF8NFKD(anchor)), '[\\x{0300}-\\x{036f}]+', ''), 'øłđðħıς', 'olddhiσ'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')), '[^\\p{L}\\p{N}\\p{M}]+', ' '));
ALTER TABLE audit_links ADD COLUMN IF NOT EXISTS target_key String;
