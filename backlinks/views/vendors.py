"""Names of the sources, for people."""

LABELS = {
    "ahrefs": "Ahrefs",
    "bing": "Bing Webmaster Tools",
    "commoncrawl": "Common Crawl",
    "crawl": "Own crawler",
    "csv": "Own CSV files",
    "gsc": "Search Console",
    "majestic": "Majestic",
    "moz": "Moz",
    "semrush": "Semrush",
}


def vendor_label(name: str) -> str:
    return LABELS.get(name, name)
