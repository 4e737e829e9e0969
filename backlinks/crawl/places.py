"""The words by which the parts of a page are known: tags, roles, schema.org names, ids and classes of themes.

They come from themes, shops, forums, wikis and documentation tools.
Decided: this is data, and `placement` reads it. A whole id or class that a theme, shop or forum is known by is trusted
more than a word in a compound name. Names are in lower case.
"""

CONTENT, NAVIGATION, HEADER, FOOTER, SIDEBAR = "content", "navigation", "header", "footer", "sidebar"
COMMENT, SIGNATURE, AUTHOR, WIDGET = "comment", "signature", "author", "widget"
PLACEMENTS = (CONTENT, NAVIGATION, HEADER, FOOTER, SIDEBAR, COMMENT, SIGNATURE, AUTHOR, WIDGET)
NAME_SURE, VAGUE_SURE, WORD_SURE = 0.85, 0.7, 0.6

TAGS = {
    "nav": (NAVIGATION, 0.95), "header": (HEADER, 0.8), "footer": (FOOTER, 0.9), "aside": (SIDEBAR, 0.8), "main":
    (CONTENT, 0.9), "article": (CONTENT, 0.85), "menu": (NAVIGATION, 0.5),
}  # fmt: skip
ROLES = {
    "navigation": (NAVIGATION, 0.95), "banner": (HEADER, 0.9), "contentinfo": (FOOTER, 0.95), "main": (CONTENT,
    0.95), "complementary": (SIDEBAR, 0.85), "article": (CONTENT, 0.85), "menubar": (NAVIGATION, 0.85), "menu":
    (NAVIGATION, 0.7), "doc-toc": (NAVIGATION, 0.8), "doc-pagelist": (NAVIGATION, 0.8), "comment": (COMMENT, 0.9),
}  # fmt: skip
# schema.org: itemprop, and the last part of itemtype.
ITEMS = {
    "articlebody": (CONTENT, 0.95), "author": (AUTHOR, 0.7), "comment": (COMMENT, 0.9), "usercomments": (COMMENT,
    0.9), "wpheader": (HEADER, 0.9), "wpfooter": (FOOTER, 0.95), "wpsidebar": (SIDEBAR, 0.95),
    "sitenavigationelement": (NAVIGATION, 0.95), "breadcrumblist": (NAVIGATION, 0.9), "breadcrumb": (NAVIGATION,
    0.9),
}  # fmt: skip

# Whole ids and classes by which themes, shops, forums and wikis are known.
KNOWN = {
    CONTENT: """
        quote
        blog1 entry-content post-content post-body article-body article-content article__body article__content
        post__content entry-body story-body storycontent td-post-content post_content postcontent post-entry
        single-content page-content mw-parser-output mw-body-content bodycontent markdown-body rst-content
        documentwrapper bodywrapper rte postbody post_body cooked message-body bbwrapper postmessage messagecontent
        blog-post-body blog-content main-content maincontent main_content primary-content site-main td-main-content
        et_pb_post_content elementor-widget-text-editor elementor-widget-theme-post-content product-description
        product__description product-single__description docstring theme-doc-markdown content-body body-content
        gh-content kg-card notion-page-content available-content node__content field--name-body
        com-content-article__body item-page w-richtext blog-item-content sqs-block-content onebox footnote footnotes
        footnote-list message--post crawler-post b-post inhaltsbereich beitrag-inhalt elementor-widget-posts
        sqs-html-content honbun
    """,
    NAVIGATION: """
        navbar navigation site-navigation main-navigation main-nav primary-menu main-menu nav-menu menu-item nav-links
        breadcrumb breadcrumbs pagination pager page-numbers post-navigation nav-previous nav-next related-posts-nav
        sphinxsidebar wy-nav-side wy-menu toctree-wrapper toc tableofcontents table-of-contents localtoc rst-versions
        mw-navigation mw-panel p-navbar vector-menu elementor-nav-menu mega-menu megamenu skip-link skip-to-content
        navibar linklist navlinks p-breadcrumbs blog-pager catlinks printfooter navheader navfooter contextual
        wp-block-navigation mobile-menu offcanvas-menu nav-main topnav sidenav navbox vertical-navbox skiplink
        jump-link mw-jump-link page-links post-page-numbers item-pagination breadcrumb-list mw-portlet pagenav
        pagination_top back-to-top back-to-top-link backtotop back2top back-top scroll-to-top jumpbox-return
        navpopupmenu hauptnavigation hauptmenue metanavigation seitennavigation brotkrumen sprungmarke lien-evitement
        fil-ariane arbo gnav pankuzu topicpath menu-principal migas-de-pan
    """,
    HEADER: """
        site-header masthead page-header-wrapper header-wrapper main-header top-bar topbar top-header site-branding
        global-header headerbar branding announcement-bar elementor-location-header mw-head p-header
        shopify-section-header section-header-group header-outer header-inner td-header-wrap fusion-header-wrapper
        et-top-navigation kopf kopfbereich kopfzeile entete en-tete cabecera globalheader-container
    """,
    FOOTER: """
        site-footer colophon page-footer footer-wrapper footer-widgets footer-widget-area footer-widget main-footer
        global-footer copyright site-info credits footer-credits powered-by elementor-location-footer footer-outer
        footer-area bottom-bar sub-footer subfooter td-footer-wrapper shopify-section-footer p-footer
        page-footer-wrapper sitefooter footer-bottom td-sub-footer-container et-footer-nav mw-footer foot fuss
        fusszeile fussbereich pied pied-de-page pie-de-pagina rodape
    """,
    SIDEBAR: """
        sidebar side-bar secondary widget-area blogroll left-sidebar right-sidebar sidebar-primary primary-sidebar
        sidebar-wrapper main-sidebar sidebar-container rightcol leftcol right-column left-column right-rail rail
        sidebar-right sidebar-left sidebar-inner p-body-sidebar td-pb-span4 td-main-sidebar linkcat blog-sidebar
        column-right sidebar-section seitenleiste barre-laterale barra-lateral
    """,
    COMMENT: """
        comments comment commentlist comment-list comment-body comment-content comment-text comment-author
        comment-metadata commentmetadata comment-respond respond comments-area comment_container disqus_thread
        fb-comments comment-thread blog-comments comment-block comments-content comment-wrapper comments-wrapper
        comment-item comment-form commentform pingback trackback pinglist guestbook guestbook-entry commentarea
        comment-entry kommentare kommentar kommentarliste commentaires commentaire comentarios comentario commenti
        commento comment-box ghost-comments-root
    """,
    SIGNATURE: """
        signature message-signature signaturecontainer post-signature postsignature user-signature usersignature
        sigblock forum-signature ipssignature member-signature bbp-signature moderatorbar_signature js-signature
        usersig post_sig postsig signature-block post_signature
    """,
    AUTHOR: """
        author-box authorbox author-bio author-info about-author about-the-author author-description author-profile
        author-card post-author-box author_bio saboxplugin-wrap abh_box pp-multiple-authors-boxes-wrapper m-a-box
        td-author-box author-block authorbio author-area entry-author-box author__bio contributor-bio author-bio-box
        wp-block-post-author wp-block-post-author-biography guest-author postprofile userinfo b-userinfo
        username_container message-user postuseravatar wp-block-post-author-name elementor-widget-author-box
        field--name-uid blog-item-author-profile-wrapper autorenbox user-profile post-author-info
    """,
    WIDGET: """
        widget textwidget widget_text widget-content popular-posts related-posts relatedposts jp-relatedposts
        yarpp-related sharedaddy social-share share-buttons addtoany_share_save_container tagcloud outbrain taboola
        newsletter-widget featured-posts ob-widget wp-block-latest-posts wp-block-latest-posts__list
        elementor-widget-share-buttons elementor-location-popup sqs-block-summary-v2 footer-cta read-more-wrap
        relateditems mod-relateditems sponsored-content ad-slot adsbygoogle portable-archive canvas-widget
        more-topics__list cookie-banner aehnliche-beitraege articles-similaires
    """,
}
NAMES = {name: place for place, names in KNOWN.items() for name in names.split()}
# Some software calls everything a widget.
VAGUE = frozenset(("widget", "textwidget", "widget_text", "widget-content", "canvas-widget"))

# Words that count inside a compound name, unless a word of `ELSE` stands beside them.
COMPOUND = {
    NAVIGATION: "nav navigation navbar menu submenu breadcrumb breadcrumbs pagination pagenav pager toc navlinks",
    HEADER: "masthead topbar header",
    FOOTER: "footer colophon copyright",
    SIDEBAR: "sidebar blogroll",
    COMMENT: "comment comments guestbook kommentar kommentare commentaire commentaires",
    SIGNATURE: "signature",
    AUTHOR: "author byline username autor auteur auteurs",
    WIDGET: """
        widget related recommended recommendations similar popular trending sponsored share sharing social partage
        newsletter ad ads advert adverts advertisement werbung ticker cookie cookies popup modal outbrain taboola
    """,
}
WORDS = {word: place for place, words in COMPOUND.items() for word in words.split()}
RANKED = (SIGNATURE, COMMENT, FOOTER, SIDEBAR, NAVIGATION, HEADER, WIDGET, AUTHOR)

# Ids that are what they say, though the same word as a class says nothing.
IDS = {"content": CONTENT, "main": CONTENT, "main-content": CONTENT, "inhalt": CONTENT, "contenu": CONTENT}
# What a link says of itself where it stands in content: by its rel, or by a name that may speak for a link alone.
RELS = {"author": AUTHOR, "prev": NAVIGATION, "next": NAVIGATION}
OF_LINKS = frozenset((AUTHOR, NAVIGATION, WIDGET))
LOGOS = frozenset(("logo", "brand", "site-title", "site-name", "custom-logo-link", "navbar-brand"))


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


ELSE = _set(
    """
    active after before brand btn button content count counts disabled elementor enabled et fixed for fusion has hidden
    hide icon image img is item js layout link logged main no none not number offset open overlay reply scroll settings
    show sticky text title toggle toggled with without wrap
    """
)
# `header`, `footer` and `author` are parts of anything; they count beside words of a whole page only.
PARTS = frozenset(("header", "footer", "author"))
WHOLE_PAGE = _set(
    """
    about app area author avatar bar bg bio block blocks blog bottom box c card col cols column columns container
    copyright desc description footer global group header info inner left legal links list lists main menu meta
    middle name nav outer page post primary profile right row secondary section site social sub the theme top w
    widget widgets wrapper
    """
)
PART_OF_ENTRY = _set("article block box card entry list meta page post section")
# Elements with a header and footer of their own.
ENTRY_TAGS = _set("article section blockquote figure details fieldset")
