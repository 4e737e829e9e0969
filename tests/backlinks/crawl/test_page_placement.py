# ruff: noqa: E501 - pages as their software writes them
"""Where links stand, on pages as WordPress, Blogger, forums, shops, wikis and documentation tools write them."""

import pytest

from backlinks.crawl import page
from backlinks.crawl.places import NAMES, PLACEMENTS, ROLES, TAGS

URL = "https://site.example/"

WORDPRESS = """<body class="single has-sidebar footer-widgets-3 menu-open comments-open"><div id="page" class="site">
<header id="masthead" class="site-header"><div class="site-branding"><a href="/header">Site</a></div>
 <nav id="site-navigation" class="main-navigation"><ul id="primary-menu" class="menu">
 <li class="menu-item"><a href="/navigation">About</a></li></ul></nav></header>
<div id="content" class="site-content"><main id="primary" class="site-main">
 <article id="post-1" class="post type-post"><header class="entry-header"><h1 class="entry-title"><a href="/content1">T</a>
 </h1><div class="entry-meta"><span class="byline"><span class="author vcard"><a href="/author1">Ann</a></span></span>
 <span class="comments-link"><a href="/content2">3 comments</a></span></div></header>
 <div class="entry-content"><p>Long text with <a href="/content3">a link</a> in it.</p>
  <nav class="toc_container"><a href="/navigation4">Part one</a></nav></div>
 <footer class="entry-footer"><span class="cat-links"><a href="/content5">Cat</a></span></footer>
 <div class="author-box"><p>Ann writes at <a href="/author2">her site</a>.</p></div></article>
 <nav class="navigation post-navigation"><a href="/navigation2">Next</a></nav>
 <div id="comments" class="comments-area"><ol class="comment-list"><li class="comment even thread-even">
  <article class="comment-body"><footer class="comment-meta"><div class="comment-author vcard"><b class="fn">
  <a href="/comment1" rel="ugc">Bob</a></b></div></footer><div class="comment-content"><p>See <a href="/comment2">this</a></p>
  </div></article></li></ol><div id="respond" class="comment-respond"><a href="/comment3">Cancel</a></div></div></main>
 <aside id="secondary" class="widget-area"><section class="widget widget_links"><h2>Blogroll</h2><ul>
  <li><a href="/sidebar1">Friend</a></li></ul></section>
  <section class="widget widget_nav_menu"><nav><a href="/sidebar2">Page</a></nav></section></aside></div>
<footer id="colophon" class="site-footer"><nav class="footer-navigation"><a href="/footer1">Imprint</a></nav>
 <div class="widget"><a href="/footer2">Partner</a></div><div class="site-info"><a href="/footer3">Theme by</a></div>
</footer></div>"""

BLOCK_THEME = """<body class="home wp-embed-responsive"><div class="wp-site-blocks"><header class="wp-block-template-part">
<div class="wp-block-group"><nav class="wp-block-navigation"><a class="wp-block-navigation-item__content" href="/navigation1">A</a>
</nav></div></header><main class="wp-block-group"><div class="wp-block-post-content entry-content">
<p>Text and <a href="/content1">a link</a></p><ul class="wp-block-list"><li><a href="/content2">b</a></li></ul>
<div class="wp-block-post-author"><a href="/author1">Ann</a></div></div></main>
<footer class="wp-block-template-part"><a href="/footer1">c</a></footer></div>"""

BLOGGER = """<body class="loading variant-x"><div class="header-outer"><div class="header section" id="header"><div class="widget Header">
<h1><a href="/header1">Blog</a></h1></div></div></div><div class="tabs-outer"><div class="widget PageList"><ul>
<li><a href="/widget1">Home</a></li></ul></div></div>
<div class="main-outer"><div class="column-center-outer"><div class="main section" id="main"><div class="widget Blog" id="Blog1">
<div class="blog-posts hfeed"><div class="post hentry"><h3 class="post-title"><a href="/content2">T</a></h3>
<div class="post-body entry-content" itemprop="articleBody">Text <a href="/content1">link</a> more</div></div></div>
<div class="comments" id="comments"><div class="comment-thread"><li class="comment"><div class="comment-block">
<a href="/comment1">x</a></div></li></div></div></div></div></div>
<div class="column-right-outer"><aside><div class="sidebar section" id="sidebar-right-1"><div class="widget LinkList">
<a href="/sidebar1">Friend</a></div></div></aside></div></div>
<footer><div class="footer-outer"><div class="footer section"><div class="widget Attribution"><a href="/footer1">Blogger</a></div>
</div></div></footer>"""

PHPBB = """<body id="phpbb" class="nojs notouch section-viewtopic ltr"><div id="wrap" class="wrap"><div id="page-header">
<div class="headerbar" role="banner"><a href="/header1" id="logo">Forum</a></div>
<div class="navbar" role="navigation"><ul id="nav-main" class="nav-main linklist"><li><a href="/navigation1">FAQ</a></li></ul>
</div></div><div id="page-body" class="page-body" role="main"><h2 class="topic-title"><a href="/content1">Topic</a></h2>
<div class="action-bar bar-top"><div class="pagination"><a href="/navigation2">2</a></div></div>
<div id="p1" class="post has-profile bg2"><div class="inner"><dl class="postprofile" id="profile1"><dt>
<a href="/author1" class="username">Bob</a></dt></dl><div class="postbody"><div id="post_content1"><div class="content">
I use <a href="/content3" class="postlink" rel="nofollow">this tool</a> daily</div>
<div id="sig1" class="signature"><a href="/signature1" class="postlink">My shop</a></div></div></div></div></div></div>
<div id="page-footer" class="page-footer" role="contentinfo"><div class="navbar"><a href="/footer1">Home</a></div>
<div class="copyright"><a href="/footer2">phpBB</a></div></div></div>"""

XENFORO = """<html id="XF" class="has-no-js template-thread_view"><body data-template="thread_view"><div class="p-pageWrapper">
<header class="p-header"><a href="/header1">F</a></header><nav class="p-nav"><a href="/navigation1">Forums</a></nav>
<div class="p-body"><div class="p-body-inner"><ul class="p-breadcrumbs"><li><a href="/navigation2">Home</a></li></ul>
<div class="p-body-main"><div class="p-body-content"><article class="message message--post"><div class="message-inner">
<div class="message-cell message-cell--main"><div class="message-content"><article class="message-body"><div class="bbWrapper">
text <a href="/content1">link</a></div></article></div><aside class="message-signature"><div class="bbWrapper">
<a href="/signature1">My site</a></div></aside></div></div></article></div>
<div class="p-body-sidebar"><div class="block"><a href="/sidebar1">Latest</a></div></div></div></div></div>
<footer class="p-footer"><a href="/footer1">Terms</a></footer></div>"""

VBULLETIN = """<body><div class="above_body"><div id="header" class="floatcontainer"><a href="/header1">L</a></div>
<div id="navbar" class="navbar"><a href="/navigation1">N</a></div></div><div class="body_wrapper"><ol id="posts" class="posts">
<li class="postbitlegacy postbitim postcontainer"><div class="postdetails"><div class="postbody"><div class="content">
<blockquote class="postcontent restore">text <a href="/content1">x</a></blockquote></div></div>
<blockquote class="signature restore"><div class="signaturecontainer"><a href="/signature1">Sig</a></div></blockquote></div></li>
</ol></div><div id="footer" class="floatcontainer footer"><a href="/footer1">Contact</a></div>"""

SHOPIFY = """<body class="template-product"><a class="skip-to-content-link" href="#x">Skip</a>
<div id="shopify-section-header" class="shopify-section shopify-section-header"><header class="header">
<a href="/header1">Shop</a><nav class="header__inline-menu"><a href="/navigation1">Men</a></nav></header></div>
<main id="MainContent" class="content-for-layout"><div class="product__description rte"><p>Made by <a href="/content1">us</a>.
</p></div></main><div id="shopify-section-footer"><footer class="footer"><a href="/footer1">Refunds</a></footer></div>"""

SPHINX = """<body><div class="related" role="navigation"><ul><li><a href="/navigation1">next</a></li></ul></div>
<div class="document"><div class="documentwrapper"><div class="bodywrapper"><div class="body" role="main"><section id="x">
<h1>X<a class="headerlink" href="/content1">#</a></h1><p>See <a class="reference external" href="/content2">y</a>.</p>
<div class="toctree-wrapper compound"><ul><li><a href="/navigation2">Part</a></li></ul></div></section></div></div></div>
<div class="sphinxsidebar" role="navigation"><h3><a href="/navigation3">Contents</a></h3></div></div>
<div class="footer" role="contentinfo"><a href="/footer1">Sphinx</a></div>"""

MEDIAWIKI = """<body class="mediawiki ltr sitedir-ltr mw-hide-empty-elt ns-0 skin-vector"><div id="mw-page-base"></div>
<div id="content" class="mw-body" role="main"><h1>Page</h1><div id="bodyContent"><div id="mw-content-text">
<div class="mw-parser-output"><p>Text <a href="/content1" class="external text">source</a></p>
<div class="navbox"><a href="/navigation1">Related</a></div></div></div>
<div id="catlinks" class="catlinks"><a href="/navigation2">Cat</a></div></div></div>
<div id="mw-navigation"><a href="/navigation3">Main page</a></div>
<footer id="footer" class="mw-footer" role="contentinfo"><a href="/footer1">Privacy</a></footer>"""

OLD_TABLES = """<body><table width=760><tr><td id="left-sidebar"><a href="/sidebar1">a</a></td><td id="main-content">
<p>Text text <a href="/content1">b</a></p></td></tr><tr><td class="footer"><a href="/footer1">c</a></td></tr></table>"""

BOOTSTRAP = """<body><div class="navbar navbar-expand"><a href="/navigation1" class="nav-link">a</a></div><div class="container">
<div class="row"><div class="col-md-8 blog-main"><div class="blog-post"><p>t <a href="/content1">b</a></p></div>
<div class="card"><div class="card-header"><a href="/content2">c</a></div><div class="card-footer"><a href="/content3">d</a>
</div></div></div><div class="col-md-4 blog-sidebar"><a href="/sidebar1">e</a></div></div></div>
<div class="footer-links"><a href="/footer1">f</a></div>"""

ELEMENTOR = """<body class="elementor-default elementor-page"><div class="elementor-location-header"><a href="/header1">L</a>
<nav class="elementor-nav-menu--main"><a href="/navigation1">M</a></nav></div><div class="elementor elementor-12">
<section class="elementor-section"><div class="elementor-widget elementor-widget-text-editor">
<div class="elementor-widget-container"><p>Text <a href="/content1">x</a></p></div></div></section></div>
<div class="elementor-location-footer"><div class="elementor-widget"><a href="/footer1">y</a></div></div>"""

ASPECTS = """<body itemscope itemtype="https://schema.org/WebPage"><div itemscope itemtype="http://schema.org/WPHeader">
<a href="/header1">a</a></div><div itemscope itemtype="https://schema.org/BreadcrumbList"><a href="/navigation1">b</a></div>
<div role="main"><div itemprop="articleBody"><p><a href="/content1">c</a></p></div>
<div itemprop="comment"><a href="/comment1">d</a></div></div><div role="complementary"><a href="/sidebar1">e</a></div>
<div itemscope itemtype="https://schema.org/WPFooter"><a href="/footer1">f</a></div>"""

PLATFORMS = {
    "WordPress": WORDPRESS, "block theme": BLOCK_THEME, "Blogger": BLOGGER, "phpBB": PHPBB, "XenForo": XENFORO, "vBulletin": VBULLETIN,
    "Shopify": SHOPIFY, "Sphinx": SPHINX, "MediaWiki": MEDIAWIKI, "tables": OLD_TABLES, "Bootstrap": BOOTSTRAP,
    "Elementor": ELEMENTOR, "schema.org": ASPECTS,
}  # fmt: skip


def places(html: str) -> dict[str, tuple[str, float]]:
    """Place and sureness by the path of the link."""
    links = page.read(html.encode(), URL, content_type="text/html; charset=utf-8").links
    return {link.key.partition("/")[2]: (link.placement, link.sure) for link in links}


@pytest.mark.parametrize("name", PLATFORMS)
def test_placements_of_platforms(name: str) -> None:
    """Each link of the pages above is called by the place where it stands."""
    found = {path: place for path, (place, _) in places(PLATFORMS[name]).items() if path}
    assert found == {path: path.rstrip("0123456789") for path in found}
    assert found


def one(html: str) -> tuple[str, float]:
    (found,) = places(html).values()
    return found


@pytest.mark.parametrize(
    ("html", "place"),
    [
        ("<article><footer><a href=/x>x</a></footer></article>", "content"),
        ("<section><header><h2><a href=/x>x</a></h2></header></section>", "content"),
        ("<blockquote>q<footer><cite><a href=/x>x</a></cite></footer></blockquote>", "content"),
        ("<footer><nav><a href=/x>x</a></nav></footer>", "footer"),
        ("<footer><div class=author-box><a href=/x>x</a></div></footer>", "footer"),
        ("<aside><nav><a href=/x>x</a></nav></aside>", "sidebar"),
        ("<main><aside><a href=/x>x</a></aside></main>", "widget"),
        ("<header><nav><a href=/x>x</a></nav></header>", "navigation"),
        ("<div class=sidebar-layout><main><p><a href=/x>x</a></p></main></div>", "content"),
        ("<div class=comment><div class=signature><a href=/x>x</a></div></div>", "signature"),
        ("<div class=comment><nav><a href=/x>x</a></nav></div>", "comment"),
        ("<div id=respond><footer><a href=/x>x</a></footer></div>", "comment"),
        ("<div class='content-sidebar-wrap'><p>t <a href=/x>x</a></p></div>", "content"),
        ("<div class='no-sidebar with-footer'><p>t <a href=/x>x</a></p></div>", "content"),
        ("<div class='comments-link'><a href=/x>x</a></div>", "content"),
        ("<div class='post-header'><a href=/x>x</a></div>", "content"),
        ("<div class='section-footer-row'><a href=/x>x</a></div>", "content"),
        ("<div class='siteFooter'><a href=/x>x</a></div>", "footer"),
        ("<div id='ft-copyright'><a href=/x>x</a></div>", "footer"),
        ("<div class='restaurant-description'><a href=/x>x</a></div>", "content"),
        ("<body class='sidebar footer comment'><a href=/x>x</a>", "content"),
        ("<nav class='comment-navigation'><a href=/x>x</a></nav>", "comment"),
    ],
)
def test_what_a_cue_means_where_it_stands(html: str, place: str) -> None:
    assert one(html)[0] == place


def test_how_sure() -> None:
    semantic, named, word, none = (
        one(f"{tag}<a href=/x>x</a>")[1]
        for tag in ("<nav>", "<div class=breadcrumbs>", "<div class=shop-nav-area>", "<div class=qwerty>")
    )
    assert 1 >= semantic > named > word > none > 0


def test_without_cues_the_text_decides_and_is_not_sure() -> None:
    prose = one(
        "<div>This is a sentence that goes on for quite a while before <a href=/x>a link</a> and after it</div>"
    )
    row = places("<div><a href=/a>Home</a> | <a href=/b>About</a> | <a href=/c>Contact</a></div>")
    assert prose == ("content", 0.6)
    assert {place for place, _ in row.values()} == {"navigation"} and {sure for _, sure in row.values()} == {0.4}


SENTENCE = "<div>This is a sentence that goes on for quite a while before <a href=/text>a link</a> and after it.</div>"


def order(before: str, after: str) -> dict[str, str]:
    return {path: place for path, (place, _) in places(before + SENTENCE + after).items()}


def test_without_cues_the_order_of_the_page_decides_and_is_not_sure() -> None:
    tail = "<div><a href=/about>About</a></div><div><a href=http://b.example/>Made by B</a></div>"
    found = places(f"<div><a href=/logo>Name</a></div>{SENTENCE}{tail}")
    assert found["logo"] == ("header", 0.4) and found["text"] == ("content", 0.6)
    assert [found["about"], found[""]] == [("footer", 0.4), ("footer", 0.4)]


def test_the_order_decides_nothing_that_is_known_or_may_be_a_list() -> None:
    away = "".join(f"<li><a href=http://b.example/{n}>B {n}</a></li>" for n in range(2))
    assert set(order("", f"<ul>{away}</ul>").values()) == {"content"}
    many = "".join(f"<li><a href=/{n}>B {n}</a></li>" for n in range(30))
    assert set(order("", f"<ul>{many}</ul>").values()) == {"content"}
    assert order("<h1>Title</h1><div><a href=/first>First</a></div>", "")["first"] == "content"
    assert order("", "<div><a href=/last>Last</a></div><footer><a href=/foot>Foot</a></footer>")["last"] == "content"


@pytest.mark.parametrize(
    ("link", "place"),
    [
        ("<a class=username href=/x>x</a>", "author"),
        ("<a rel='author nofollow' href=/x>x</a>", "author"),
        ("<a rel=next href=/x>x</a>", "navigation"),
        ("<a class=skip-link href=/x>x</a>", "navigation"),
        ("<a class='comment-link' href=/x>x</a>", "content"),
        ("<a class='link external' rel='nofollow tag' href=/x>x</a>", "content"),
    ],
)
def test_a_link_in_content_may_say_that_it_is_none_of_it(link: str, place: str) -> None:
    assert one(f"<main><p>Words and words {link} and words</p></main>")[0] == place
    assert (
        one(f"<div>A sentence that is long enough to be one, with {link} in it, and then some more words</div>")[0]
        == place
    )
    assert one(f"<footer>{link}</footer>")[0] == "footer"


def test_a_place_ends_with_its_element() -> None:
    found = places(
        "<div><nav><div><a href=/1>x</a></div></nav><p><a href=/2>x</a></p></div><footer></footer><a href=/3>x</a>"
    )
    assert [place for place, _ in found.values()] == ["navigation", "content", "content"]


def test_the_tables_name_places_that_exist() -> None:
    assert set(NAMES.values()) == set(PLACEMENTS)
    assert all(place in PLACEMENTS and 0 < sure < 1 for place, sure in (*TAGS.values(), *ROLES.values()))
    assert not [name for name in NAMES if name != name.lower()]
