"""Which software made a page: what it says itself, else what it cannot hide.

Decided: the generator tag first, then traces in addresses and markup that only that software leaves. The table is
data; its order is the order of trust. An unknown platform is "", never a guess.
"""

from collections.abc import Iterable

from .markup import Script

SCRIPT_READ = 300

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
    ("WordPress", ("/wp-content/", "/wp-includes/", "/wp-json/")),
    ("Shopify", ("cdn.shopify.com", "/cdn/shop/", "shopify-section")),
    ("Blogger", (".blogspot.com/feeds/", "www.blogger.com/static", "www.blogger.com/dyn-css", "blogblog.com")),
    ("Wix", ("static.wixstatic.com", "static.parastorage.com")),
    ("Squarespace", ("static1.squarespace.com", "assets.squarespace.com")),
    ("Webflow", ("website-files.com", ' data-wf-page="')),
    ("Tumblr", ("assets.tumblr.com", "static.tumblr.com")),
    ("Medium", ("cdn-client.medium.com", 'content="com.medium.reader"')),
    ("Substack", ("substackcdn.com",)),
    ("Weebly", ("editmysite.com",)),
    ("Drupal", ("/sites/default/files", "/sites/all/modules", "/sites/all/themes", "data-drupal-")),
    ("Joomla", ("/media/jui/", "/media/system/js/", "/components/com_content/")),
    ("TYPO3", ("/typo3conf/", "/typo3temp/")),
    ("Magento", ("Magento_", "/skin/frontend/")),
    ("PrestaShop", ("var prestashop =", "/modules/ps_")),
    ("BigCommerce", (".bigcommerce.com/",)),
    ("XenForo", (' id="XF"', "data-xf-init=", "Community platform by XenForo")),
    ("vBulletin", ("vbulletin_global", "vbulletin_menu", "vbulletin_css", 'id="vbflink', "vb_meta_bburl")),
    ("phpBB", (' id="phpbb"', 'phpbb.com/">phpBB', "./styles/prosilver/")),
    ("Simple Machines Forum", ("smf_theme_url", "smf_default_theme_url", "smf_scripturl", "simplemachines.org")),
    ("MyBB", ("mybb.com", "mybbgroup")),
    ("Invision Community", ("ipsLayout_", "invisioncommunity.com")),
    ("Discourse", ("data-discourse-", "discourse-cdn")),
    ("Flarum", ("flarum-content", "flarum-loading")),
    ("NodeBB", ("nodebb",)),
    ("MediaWiki", ("mw-parser-output", "wgCanonicalNamespace", "/load.php?")),
    ("Sphinx", ("_static/documentation_options.js", "_static/doctools.js", "sphinxsidebar")),
    ("Read the Docs", ("assets.readthedocs.org",)),
    ("rustdoc", ("rustdoc-vars", "static.files/rustdoc")),
    ("Ghost", ("ghost-sdk", "/ghost/api/")),
    ("HubSpot", ("/hs/hsstatic/", "js.hs-scripts.com")),
    ("Bitrix", ("/bitrix/js/", "/bitrix/templates/", "/bitrix/cache/")),
    ("Tilda", ("static.tildacdn.",)),
)
HEAD, TOP, TAIL = 15_000, 3_000, 3_000  # characters of head, body and foot where software leaves its traces
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
    body = html.find("<body") + 1
    sources = "\n".join(script.source or script.text[:SCRIPT_READ] for script in scripts)[:HEAD]
    text = f"{html[: min(body, HEAD)]}\n{html[body : body + TOP]}\n{html[body + TOP :][-TAIL:]}\n{sources}"
    return next((name for name, marks in TRACES if any(mark in text for mark in marks)), "")


def kind_of(platform: str) -> str:
    """What such software is made for: blog, shop, forum, wiki, documentation, site; "" for none known."""
    return KIND_OF.get(platform, "site") if platform else ""
