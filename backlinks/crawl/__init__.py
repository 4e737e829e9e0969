"""The crawler: fetch politely, read a page, decide the state of a link."""
