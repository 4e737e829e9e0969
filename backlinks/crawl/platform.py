"""Which software made a page: what it says itself, else what it cannot hide.

Decided: the generator tag first, then traces in addresses and markup that only that software leaves. The table is
data; its order is the order of trust. An unknown platform is "", never a guess.
"""

import re
from collections.abc import Iterable

from .markup import Script

SCRIPT_READ = 5_000

GENERATORS = (
    ("woocommerce", "WooCommerce"), ("wordpress", "WordPress"), ("elementor", "WordPress"),
    ("blogger", "Blogger"), ("joomla", "Joomla"), ("drupal", "Drupal"), ("typo3", "TYPO3"), ("wix.com", "Wix"),
    ("squarespace", "Squarespace"), ("shopify", "Shopify"), ("webflow", "Webflow"), ("ghost", "Ghost"),
    ("mediawiki", "MediaWiki"), ("dokuwiki", "DokuWiki"), ("discourse", "Discourse"), ("vbulletin", "vBulletin"),
    ("phpbb", "phpBB"), ("xenforo", "XenForo"), ("mybb", "MyBB"), ("prestashop", "PrestaShop"),
    ("magento", "Magento"), ("opencart", "OpenCart"), ("hugo", "Hugo"), ("jekyll", "Jekyll"),
    ("docusaurus", "Docusaurus"), ("mkdocs", "MkDocs"), ("sphinx", "Sphinx"), ("docutils", "Sphinx"),
    ("gatsby", "Gatsby"), ("hexo", "Hexo"), ("astro", "Astro"), ("eleventy", "Eleventy"), ("mdbook", "mdBook"),
    ("rustdoc", "rustdoc"), ("weebly", "Weebly"), ("contao", "Contao"), ("concrete", "Concrete CMS"),
    ("bitrix", "Bitrix"), ("plone", "Plone"), ("doxygen", "Doxygen"), ("moodle", "Moodle"),
    ("hubspot", "HubSpot"), ("umbraco", "Umbraco"), ("docbook", "DocBook"),
)  # fmt: skip
TRACES = (
    ("WordPress", r"/wp-content/|/wp-includes/|/wp-json/"),
    ("Shopify", r"cdn\.shopify\.com|/cdn/shop/|shopify-section"),
    ("Blogger", r"\.blogspot\.com/feeds/|www\.blogger\.com/(?:static|dyn-css|feeds)|blogblog\.com"),
    ("Wix", r"static\.wixstatic\.com|static\.parastorage\.com"),
    ("Squarespace", r"static1\.squarespace\.com|assets\.squarespace\.com"),
    ("Webflow", r"assets(?:-global)?\.website-files\.com| data-wf-page=\""),
    ("Tumblr", r"assets\.tumblr\.com|static\.tumblr\.com"),
    ("Medium", r"cdn-client\.medium\.com|content=\"com\.medium\.reader\""),
    ("Substack", r"substackcdn\.com"),
    ("Weebly", r"cdn\d?\.editmysite\.com"),
    ("Drupal", r"/sites/(?:default|all)/(?:files|themes|modules)/|data-drupal-"),
    ("Joomla", r"/media/jui/|/media/system/js/|/components/com_content/"),
    ("TYPO3", r"/typo3(?:conf|temp)/"),
    ("Magento", r"/static/version\d+/frontend/|Magento_|/skin/frontend/"),
    ("PrestaShop", r"var prestashop =|/modules/ps_"),
    ("BigCommerce", r"cdn\d+\.bigcommerce\.com"),
    ("XenForo", r"<html[^>]* id=\"XF\"|data-xf-init=|Community platform by XenForo"),
    ("vBulletin", r"vbulletin_(?:global|menu|css)|vb_meta_bburl|id=\"vbflink"),
    ("phpBB", r"\bid=\"phpbb\"|phpbb\.com/\">phpBB|\./styles/prosilver/"),
    ("Simple Machines Forum", r"smf_(?:theme_url|default_theme_url|scripturl)|simplemachines\.org"),
    ("MyBB", r"mybb\.com|MyBB\.|mybbgroup"),
    ("Invision Community", r"ipsLayout_|ips_usernameSuffix|invisioncommunity\.com"),
    ("Discourse", r"data-discourse-|discourse-cdn"),
    ("Flarum", r"flarum-(?:content|loading)"),
    ("NodeBB", r"nodebb"),
    ("MediaWiki", r"mw-parser-output|wgCanonicalNamespace|/load\.php\?"),
    ("Sphinx", r"_static/(?:documentation_options|doctools)\.js|sphinxsidebar|Created using <a[^>]*>Sphinx"),
    ("Read the Docs", r"assets\.readthedocs\.org"),
    ("rustdoc", r"rustdoc-vars|static\.files/rustdoc"),
    ("Ghost", r"ghost-(?:sdk|url)|/ghost/api/"),
    ("HubSpot", r"/hs/hsstatic/|js\.hs-scripts\.com"),
    ("Bitrix", r"/bitrix/(?:js|templates|cache)/"),
    ("Tilda", r"static\.tildacdn\.(?:com|info)"),
)  # fmt: skip
TRACE = re.compile("|".join(f"(?P<p{number}>{rule})" for number, (_, rule) in enumerate(TRACES)))
KINDS = {
    "blog": ["WordPress", "Blogger", "Ghost", "Medium", "Tumblr", "Substack", "Hexo", "Jekyll", "Hugo"],
    "shop": ["Shopify", "WooCommerce", "PrestaShop", "Magento", "OpenCart", "BigCommerce"],
    "forum": [
        "phpBB", "vBulletin", "XenForo", "MyBB", "Discourse", "Simple Machines Forum", "Invision Community", "Flarum",
        "NodeBB",
    ],
    "wiki": ["MediaWiki", "DokuWiki"],
    "documentation": ["Sphinx", "Docusaurus", "MkDocs", "mdBook", "rustdoc", "Read the Docs", "Doxygen", "DocBook"],
}  # fmt: skip
KIND_OF = {name: kind for kind, names in KINDS.items() for name in names}


def platform_of(generator: str, html: str, scripts: Iterable[Script] = ()) -> str:
    """The software behind the page; "" where nothing says so."""
    said = generator.lower()
    for mark, name in GENERATORS:
        if mark in said:
            return name
    for text in (html, *(script.source or script.text[:SCRIPT_READ] for script in scripts)):
        found = TRACE.search(text)
        if found:
            return TRACES[int((found.lastgroup or "p0")[1:])][0]
    return ""


def kind_of(platform: str) -> str:
    """What such software is made for: blog, shop, forum, wiki, documentation, site; "" for none known."""
    return KIND_OF.get(platform, "site") if platform else ""
