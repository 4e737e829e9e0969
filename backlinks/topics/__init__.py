"""Topics of domains: which there are, which words speak for them, and what people chose instead.

Import `taxonomy`, `words` and `choices` from here; nothing in this package knows the index.
"""
