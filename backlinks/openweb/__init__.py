"""The open web: releases of Common Crawl, popularity lists, tables of addresses, registration data."""
