"""The web of the tests: small sites with known links, and hostile servers, all on loopback."""
