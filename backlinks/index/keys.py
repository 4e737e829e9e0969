"""The key of a URL as SQL: what `weburl` makes of one that is in its normal form (no scheme, no leading www)."""

KEY = r"replaceRegexpOne({}, '^https?://(?:www\\.([^/:]*\\.))?', '\\1')"
