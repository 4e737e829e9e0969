"""Asking a client: the link and its secret, answers in parts, what counts, and what the client may see."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.core.files.base import ContentFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from audit import approving, disavowing, review
from audit.clients import plainly, sharing, standing
from audit.clients.models import ClientAnswer, ClientReview
from audit.clients.sharing import Asking, Link
from audit.markers import MARKERS
from audit.models import Audit, ListedEntry, Removal, ReviewSettings
from audit.views import objections
from audit.views.asked import run_of
from audit.views.clientlink import PER_PAGE
from projects.models import AuditEntry
from tests.audit.audited import FARM, audited
from tests.backlinks.pages import csv_of, rows_of, soup_of, url_of
from tests.conftest import Cast, Hold

PAIR = ("a.example", "b.example")
NASTY = "<script>alert(1)</script> & 'x'"


@pytest.fixture
def shared(cast: Cast) -> Link:
    """A client is asked about two domains; a third one is decided and was not shared."""
    review.decide(cast.project, PAIR, "disavow", "a <b>farm</b>", cast.editor)
    review.decide(cast.project, ["secret.example"], "disavow", "not shared", cast.editor)
    return ask(cast, PAIR)


def ask(cast: Cast, names: tuple[str, ...], audit: Audit | None = None, *, reasons: bool = True) -> Link:
    asking = Asking("Please look", "Hello,\nwhy we ask", 30, reasons)
    return sharing.share(sharing.draft(cast.project, names, cast.editor), asking, run_of(audit) if audit else None)


def path(link: Link, page: str = "") -> str:
    return f"/client-review/{link.token}/{page}"


def form(link: Link, answers: dict[str, tuple[str, str]] | None = None, **fields: str) -> dict[str, str]:
    """The form as a browser has it now, with these answers (answer, note) by domain."""
    page = soup_of(Client().get(path(link)))
    made = {one["name"]: one.get("value", "") for one in page.select("form input[type=hidden]")}
    made |= {one["name"]: one["value"] for one in page.select("form input[checked]")}
    made |= {one["name"]: one.get_text().removeprefix("\n") for one in page.select("form textarea")}
    return {**made, **said(link, answers or {}), **fields}


def said(link: Link, answers: dict[str, tuple[str, str]]) -> dict[str, str]:
    ids = dict(link.review.answers.values_list("domain", "pk"))
    return {
        f"{kind}-{ids[domain]}": value
        for domain, both in answers.items()
        for kind, value in zip(("answer", "note"), both, strict=True)
        if value
    }


def post(link: Link, data: dict[str, str], client: Client | None = None) -> BeautifulSoup:
    response = (client or Client()).post(path(link, "answer/"), data, follow=True)
    assert response.status_code == 200
    return soup_of(response)


def send(link: Link, answers: dict[str, tuple[str, str]], name: str = "Anna") -> BeautifulSoup:
    return post(link, form(link, answers, action="send", name=name))


def answers_of(link: Link) -> dict[str, tuple[str, str]]:
    return {one.domain: (one.answer, one.note) for one in link.review.answers.all()}


def entries(cast: Cast) -> list[str]:
    return [one.value for one in disavowing.planned(cast.project).entries]


def actions() -> list[str]:
    found = AuditEntry.objects.filter(action__startswith="client_review.").order_by("pk")
    return [one.removeprefix("client_review.") for one in found.values_list("action", flat=True)]


# --- The link ---------------------------------------------------------------------------------------------------------
def test_only_the_hash_of_a_link_is_kept_and_it_is_shown_once(cast: Cast, browse: type[Client]) -> None:
    review.decide(cast.project, PAIR, "disavow", "bought", cast.editor)
    client = browse(cast.editor)
    begun = client.post(url_of(cast.project, "audit/client-reviews/begin/"), {"list": "disavow"})
    assert client.get(begun["Location"]).status_code == 200
    asked = {"title": NASTY, "message": NASTY, "days": "30", "with_reasons": "on"}
    made = client.post(f"{begun['Location']}share/", asked)
    url = soup_of(made).select_one("input[data-select]")["value"]
    token = url.rstrip("/").rpartition("/")[2]
    assert (len(token), made["Cache-Control"]) == (43, "private, no-store")  # 256 bits
    kept = [str(value) for row in ClientReview.objects.values() for value in row.values()]
    kept += [f"{one.what} {one.detail}" for one in AuditEntry.objects.all()]
    assert not [text for text in kept if token in text]
    assert sharing.find(token) == ClientReview.objects.get()
    again = client.post(f"{begun['Location']}share/", asked, follow=True)
    assert "is asked already" in again.content.decode()
    assert token not in again.content.decode() + client.get(begun["Location"]).content.decode()
    assert (actions(), ClientReview.objects.count()) == (["made"], 1)
    page = Client().get(f"/client-review/{token}/").content.decode()
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page


def test_a_whole_list_leaves_out_what_an_owner_has_removed(cast: Cast, browse: type[Client]) -> None:
    review.decide(cast.project, PAIR, "remove", "", cast.editor)
    Removal.objects.filter(project=cast.project, domain=PAIR[0]).update(state=Removal.State.REMOVED)
    client = browse(cast.editor)
    page = client.get(url_of(cast.project, "audit/client-reviews/")).content.decode()
    assert "all to be removed (1)" in page
    client.post(url_of(cast.project, "audit/client-reviews/begin/"), {"list": "remove"})
    assert list(ClientReview.objects.get().answers.values_list("domain", flat=True)) == [PAIR[1]]


def test_a_wrong_expired_replaced_or_revoked_link_says_so(shared: Link, cast: Cast, browse: type[Client]) -> None:
    wrong = Client().get("/client-review/nothing/")
    assert wrong.status_code == 404 and "not known" in wrong.content.decode()
    fresh = sharing.renew(shared.review, 5)
    assert (Client().get(path(shared)).status_code, Client().get(path(fresh)).status_code) == (404, 200)
    ClientReview.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    for page in (
        Client().get(path(fresh)),
        Client().post(path(fresh, "answer/")),
        Client().post(path(fresh, "opened/")),
    ):
        assert page.status_code == 410 and "has expired" in page.content.decode()
        assert page["X-Robots-Tag"].startswith("noindex") and page["Cache-Control"] == "private, no-store"
    ClientReview.objects.update(expires_at=timezone.now() + timedelta(days=1))
    change = url_of(cast.project, f"audit/client-reviews/{fresh.review.pk}/change/")
    browse(cast.editor).post(change, {"action": "revoke"})
    gone = Client().get(path(fresh))
    assert gone.status_code == 410 and "withdrawn" in gone.content.decode()
    assert "a.example" not in gone.content.decode() + wrong.content.decode()
    browse(cast.editor).post(change, {"action": "link"})
    assert ClientReview.objects.get().token_hash == fresh.review.token_hash
    assert actions() == ["revoked"]
    cast.project.removed_at = timezone.now()
    cast.project.save()
    assert Client().get(path(fresh)).status_code == 404


def test_links_that_nobody_knows_and_posts_are_limited(shared: Link) -> None:
    codes = [Client().get("/client-review/guess/").status_code for _ in range(21)]
    assert codes == [404] * 20 + [429]
    assert Client().get(path(shared)).status_code == 200
    assert [Client().post(path(shared, "opened/")).status_code for _ in range(61)][58:] == [204, 204, 429]


# --- What the client sees ---------------------------------------------------------------------------------------------
def test_reading_changes_nothing_and_openings_are_told_by_the_page(
    shared: Link, cast: Cast, browse: type[Client]
) -> None:
    before = ClientReview.objects.values().get()
    for answer in (Client().get(path(shared)), Client().head(path(shared))):
        assert answer["Referrer-Policy"] == "same-origin" and "sessionid" not in answer.cookies
    assert Client().get(path(shared, "answer/")).status_code == Client().get(path(shared, "opened/")).status_code == 405
    assert (ClientReview.objects.values().get(), actions()) == (before, [])
    page = soup_of(Client().get(path(shared)))
    assert page.select_one("[hx-trigger=load]")["hx-post"] == path(shared, "opened/")
    for client in (Client(), Client(), browse(cast.client), browse(cast.editor)):
        client.post(path(shared, "opened/"))
    assert (ClientReview.objects.get().openings, actions()) == (3, ["opened"])  # of members the client's alone
    assert Client(enforce_csrf_checks=True).post(path(shared, "answer/"), {"action": "all"}).status_code == 403


def test_the_client_sees_what_was_shared_and_nothing_else(cast: Cast, held_index: Hold, browse: type[Client]) -> None:
    audit = audited(cast, held_index)
    review.decide(cast.project, FARM[:3], "disavow", "a <i>farm</i>", cast.editor, run_of(audit))
    review.decide(cast.project, [FARM[3]], "remove", "", cast.editor, run_of(audit))
    link = ask(cast, (FARM[0], FARM[3]), audit)
    response = Client().get(path(link))
    page, text = soup_of(response), response.content.decode()
    assert page.select_one(".client-head").get_text(strip=True) == cast.workspace.name
    assert [one.get_text() for one in page.select(".client-card h2")] == [FARM[0], FARM[3]]
    card = page.select_one(".client-card").get_text(" ", strip=True)
    for words in ("a <i>farm</i>", "6 websites have the linking page", "cheap shoes", f"https://{FARM[0]}/all/938"):
        assert words in card
    assert "https://client.example/" in card
    assert not [one for one in page.select("a[href]") if "example" in one["href"]], "addresses are text"
    for leak in (*FARM[1:3], *FARM[4:], "LEAK-B", "second.example", "203.0.113.7", "rival.example", cast.editor.email):
        assert leak not in text
    for client in (browse(cast.client), browse(cast.stranger)):
        assert soup_of(client.get(path(link))).select("button[value=send]")
    inside = soup_of(browse(cast.viewer).get(path(link)))
    assert "member of this workspace" in inside.get_text() and not inside.select("button[value=send]")
    assert not page.select(".client-head img")
    cast.workspace.logo.save("logo.png", ContentFile(b"picture"))
    logo = soup_of(Client().get(path(link))).select_one(".client-head img")
    assert (logo["src"], logo["alt"]) == ("data:image/png;base64,cGljdHVyZQ==", cast.workspace.name)
    hidden = ask(cast, (FARM[1],), audit, reasons=False)
    assert "a <i>farm</i>" not in soup_of(Client().get(path(hidden))).get_text()


def test_every_marker_that_is_evidence_has_plain_words() -> None:
    strong = {one.id for one in MARKERS if one.kind != "C" and one.group != "TRU"}
    assert strong == set(plainly.PLAIN)
    shown = plainly.sentences(["NET01", "NET03", "PAG14"], {"NET03": (7.0, "Title"), "NET01": (float("nan"), "x")})
    assert shown == ["Mirror pages.", "7 websites have the linking page under exactly the same title.",
                     "Poison words in text."]  # fmt: skip
    assert plainly.sentences(["NET06", "PLC01"], {"NET06": (9.0, "203.0.113.7")}) == [], "context alone is no evidence"
    said_words = {marker for marker, text in plainly.PLAIN.items() if "{said}" in text}
    assert said_words == {"ANC05", "PLC08", "PAG14", "DOM03"}, "words of the linking page, never other domains"


# --- Answering --------------------------------------------------------------------------------------------------------
def test_answers_are_kept_in_parts_and_count_when_they_are_sent(shared: Link, cast: Cast) -> None:
    saved = post(shared, form(shared, {"a.example": ("keep", f"{NASTY}\r\nsince 2009")}, action="save"))
    assert "not sent yet" in saved.select_one(".messages").get_text()
    assert answers_of(shared) == {"a.example": ("keep", f"{NASTY}\nsince 2009"), "b.example": ("", "")}
    assert (standing.objected(cast.project), entries(cast)) == (frozenset(), [*PAIR, "secret.example"])
    nameless = send(shared, {}, name="  ")
    assert "write your name" in nameless.select_one(".messages").get_text()
    assert post(shared, form(shared, action="send", name="A", email="no")).select_one(".alert-danger")
    assert ClientReview.objects.get().sent_at is None
    sent = send(shared, {}, name="Anna <Fern>")
    assert "1 website without an answer" in sent.select_one(".messages").get_text()
    assert "Anna <Fern>" in sent.select_one("#name")["value"]
    assert (standing.objected(cast.project), entries(cast)) == ({"a.example"}, ["b.example", "secret.example"])
    first = ClientReview.objects.get().sent_at
    post(shared, form(shared, action="send", name="Anna"))  # once more, by a double click
    assert (ClientReview.objects.get().sent_at, actions()) == (first, ["opened", "answered"])
    entry = AuditEntry.objects.get(action="client_review.answered")
    assert entry.who is None and "Anna" in entry.who_text and entry.detail["answers"] == {"a.example": "keep"}
    send(shared, {"a.example": ("agree", "")}, name="Bert")  # changed, and counts at once
    assert (standing.objected(cast.project), answers_of(shared)["a.example"][0]) == (frozenset(), "agree")
    assert actions() == ["opened", "answered", "answered"]
    assert [one.who_text.split()[0] for one in AuditEntry.objects.filter(detail__has_key="answers").order_by("pk")] == [
        "Anna", "Bert",
    ], "who sends the change, not who sent first"  # fmt: skip


def test_nothing_is_sent_without_an_answer_and_all_can_be_agreed_to_at_once(shared: Link) -> None:
    assert "Nothing is answered yet" in send(shared, {}).get_text()
    post(shared, form(shared, {"a.example": ("unsure", "")}, action="all"))
    assert answers_of(shared) == {"a.example": ("unsure", ""), "b.example": ("agree", "")}
    assert ClientReview.objects.get().sent_at is None


def test_of_two_windows_each_writes_what_was_touched_in_it(shared: Link) -> None:
    other = form(shared)  # loaded before anything was answered
    post(shared, form(shared, {"a.example": ("keep", "ours")}, action="save"))
    post(shared, {**other, **said(shared, {"b.example": ("agree", "")}), "action": "save"})
    assert answers_of(shared) == {"a.example": ("keep", "ours"), "b.example": ("agree", "")}
    late = post(shared, {**other, **said(shared, {"a.example": ("unsure", "?")}), "action": "save"})
    assert "1 answer had been changed in another window" in late.get_text()
    assert answers_of(shared)["a.example"] == ("unsure", "?")


def test_foreign_answers_and_odd_values_change_nothing(shared: Link, cast: Cast) -> None:
    other = ask(cast, ("secret.example",))
    theirs = other.review.answers.get().pk
    ours = shared.review.answers.first().pk
    odd = {f"answer-{theirs}": "keep", f"was-{theirs}": "", f"answer-{ours}": "burn", f"was-{ours}": "x", "page": "٩٩"}
    post(shared, {**odd, f"note-{ours}": "\0" + "n" * 2_000, "action": "next"})
    assert answers_of(other) == {"secret.example": ("", "")}
    assert answers_of(shared)["a.example"] == ("", "n" * 1_000)


def test_closed_is_read_only_and_open_again_takes_answers(shared: Link, cast: Cast, browse: type[Client]) -> None:
    change, client = url_of(cast.project, f"audit/client-reviews/{shared.review.pk}/change/"), browse(cast.editor)
    send(shared, {"a.example": ("agree", "fine")})
    loaded = form(shared, {"a.example": ("keep", "")}, action="send", name="Anna")
    client.post(change, {"action": "close"})
    assert "closed" in post(shared, loaded).select_one(".alert-danger").get_text()
    page = soup_of(Client().get(path(shared)))
    assert "Agree: fine" in page.get_text(" ", strip=True).replace(" :", ":") and not page.select("button[value=send]")
    assert not page.select("[hx-trigger=load]")
    assert answers_of(shared)["a.example"] == ("agree", "fine")
    client.post(change, {"action": "reopen"})
    send(shared, {"a.example": ("keep", "")})
    assert answers_of(shared)["a.example"][0] == "keep"
    assert actions() == ["opened", "answered", "closed", "reopened", "answered"]
    assert client.post(change, {"action": "drop"}, follow=True).status_code == 200
    assert ClientReview.objects.exists(), "a draft alone can be dropped"
    assert browse(cast.viewer).post(change, {"action": "close"}).status_code == 403


def test_members_cannot_answer_in_the_clients_name(shared: Link, cast: Cast, browse: type[Client]) -> None:
    answer = form(shared, {"a.example": ("agree", "")}, action="send", name="Anna")
    assert "only the client answers" in post(shared, answer, browse(cast.editor)).get_text()
    assert answers_of(shared)["a.example"] == ("", "")
    post(shared, answer, browse(cast.client))
    assert answers_of(shared)["a.example"] == ("agree", "")
    assert AuditEntry.objects.get(action="client_review.answered").who == cast.client


# --- What counts ------------------------------------------------------------------------------------------------------
def test_an_agreement_is_the_second_person_only_where_the_project_says_so(
    shared: Link, cast: Cast, browse: type[Client]
) -> None:
    own = ReviewSettings.objects.create(project=cast.project, needs_second=True)
    assert not own.client_is_second
    send(shared, {"a.example": ("agree", ""), "b.example": ("unsure", "")})
    assert (entries(cast), disavowing.planned(cast.project).waiting) == ([], 3)
    page = url_of(cast.project, "audit/settings/")
    values = {"every_days": "7", "needs_second": "on", "client_is_second": "on"}
    assert browse(cast.editor).post(page, values).status_code == 403
    assert browse(cast.admin).post(page, values).status_code == 302
    assert objections.said_of(cast.project, "a.example")["client_approves"]
    assert not objections.said_of(cast.project, "b.example")["client_approves"]
    assert (entries(cast), approving.waiting_names(cast.project)) == (["a.example"], {"b.example", "secret.example"})
    review.decide(cast.project, ["a.example"], "disavow", "another reason", cast.editor)
    assert entries(cast) == [], "the client agreed to another decision"
    review.undo(cast.project, cast.editor)
    assert entries(cast) == ["a.example"]
    send(shared, {"a.example": ("unsure", "")})
    assert entries(cast) == []
    send(shared, {"a.example": ("agree", "")})
    sharing.revoke(shared.review)
    assert entries(cast) == [], "somebody else may have had the link"


def test_an_objection_holds_the_domain_back_until_it_is_resolved(
    shared: Link, cast: Cast, browse: type[Client]
) -> None:
    send(shared, {"a.example": ("keep", "our\ndealer"), "b.example": ("keep", "")})
    ListedEntry.objects.create(project=cast.project, kind="domain", value="shop.a.example")
    assert disavowing.planned(cast.project).left_out == {"domain:shop.a.example": "the client objects to a.example"}
    plan = disavowing.planned(cast.project)
    assert ([one.value for one in plan.entries], plan.objected) == (["secret.example"], 2)
    assert review.decided(cast.project)["a.example"].verdict == "disavow", "an objection changes no decision"
    client, back = browse(cast.editor), url_of(cast.project, "audit/client-reviews/")
    one, two = (
        url_of(cast.project, f"audit/objections/{pk}/") for pk in shared.review.answers.values_list("pk", flat=True)
    )
    assert browse(cast.viewer).post(one, {"action": "keep"}).status_code == 403
    taken = client.post(one, {"action": "keep", "back": back})
    assert taken["Location"] == back
    kept = review.decided(cast.project)["a.example"]
    assert (kept.verdict, kept.reason, kept.made_by) == ("keep", "The client (Anna) keeps it: our dealer", cast.editor)
    assert "resolved already" in client.post(one, {"action": "keep", "back": back}, follow=True).content.decode()
    review.undo(cast.project, cast.editor)
    assert standing.objected(cast.project) == set(PAIR), "undone, it is open again"
    assert "Say why" in client.post(two, {"action": "dismiss", "back": back}, follow=True).content.decode()
    client.post(two, {"action": "dismiss", "why": NASTY, "back": "https://elsewhere.example/"})
    assert (standing.objected(cast.project), entries(cast)) == ({"a.example"}, ["b.example", "secret.example"])
    assert actions()[2:] == ["taken_over", "dismissed"]
    send(shared, {"b.example": ("keep", "really")})
    assert standing.objected(cast.project) == set(PAIR), "a new word asks anew"
    sharing.revoke(shared.review)
    assert standing.objected(cast.project) == set(PAIR)


# --- The team's pages -------------------------------------------------------------------------------------------------
def test_the_team_sees_answers_once_they_are_sent(shared: Link, cast: Cast, browse: type[Client]) -> None:
    listed = url_of(cast.project, "audit/client-reviews/")
    page, client = f"{listed}{shared.review.pk}/", browse(cast.viewer)
    post(shared, form(shared, {"a.example": ("keep", NASTY)}, action="save"))
    assert "alert(1)" not in client.get(page).content.decode()
    heads, row = csv_of(client.get(f"{listed}?export=csv"))
    told = dict(zip(heads, row, strict=True))
    assert (told["State"], told["Answered"], told["Opened"]) == ("Opened", "1 of 2", "1")
    send(shared, {})
    answer = client.get(page)
    text, lines = answer.content.decode(), rows_of(soup_of(answer))
    assert "&lt;script&gt;alert(1)" in text and "<script>alert" not in text
    assert "Objection, to be resolved" in lines[0].get_text() and "no answer" in lines[1].get_text()
    heads, row = csv_of(client.get(f"{listed}?export=csv&state=sent"))
    told = dict(zip(heads, row, strict=True))
    assert (told["State"], told["Objections"]) == ("Answered", "1")
    assert not rows_of(soup_of(client.get(f"{listed}?state=closed")))
    assert browse(cast.client).get(listed).status_code == 403
    assert browse(cast.stranger).get(page).status_code == 404
    assert client.get(url_of(cast.second_project, f"audit/client-reviews/{shared.review.pk}/")).status_code == 404
    card = soup_of(client.get(f"/w/{cast.workspace.slug}/")).get_text(" ", strip=True)
    assert "Client answers" in card and "1 objection to be resolved" in card
    sharing.close(shared.review)
    assert "Client answers" not in client.get(f"/w/{cast.workspace.slug}/").content.decode()


def test_the_review_leads_to_the_client_and_shows_the_answer(
    cast: Cast, held_index: Hold, browse: type[Client]
) -> None:
    audited(cast, held_index)
    client, listed = browse(cast.editor), url_of(cast.project, "audit/domains/?list=disavow")
    review.decide(cast.project, FARM[:2], "disavow", "bought", cast.editor)
    review.decide(cast.project, [FARM[2]], "keep", "", cast.editor)
    decide = url_of(cast.project, "audit/decide/")
    ticked = client.post(decide, {"action": "ask_client", "row": [FARM[0], FARM[2], "unknown.example"], "back": listed})
    assert set(ClientReview.objects.get().answers.values_list("domain", flat=True)) == {FARM[0]}
    assert "2 domains left out" in client.get(ticked["Location"]).content.decode()
    client.post(f"{ticked['Location']}change/", {"action": "drop"})
    assert not ClientReview.objects.exists()
    none = client.post(decide, {"action": "ask_client", "row": [FARM[2]], "back": listed}, follow=True)
    assert "asked about nothing else" in none.content.decode()
    client.post(decide, {"action": "ask_client", "all": "yes", "query": "", "back": listed})
    assert set(ClientReview.objects.get().answers.values_list("domain", flat=True)) == set(FARM[:2])
    ClientReview.objects.all().delete()
    link = ask(cast, FARM[:2])
    send(link, {FARM[0]: ("keep", "our dealer")})
    for page in (f"audit/domains/{FARM[0]}/", f"audit/review/?domain={FARM[0]}"):
        found = soup_of(client.get(url_of(cast.project, page))).select_one("#client").find_parent("section")
        assert "our dealer" in found.get_text() and found.select("button[value=keep]")
    assert "the client objects" in client.get(listed).content.decode()
    objected = soup_of(client.get(url_of(cast.project, "audit/domains/?list=objected")))
    assert len(rows_of(objected)) == 1
    assert "#client" not in browse(cast.client).get(url_of(cast.project, f"audit/domains/{FARM[0]}/")).content.decode()
    removal = client.post(url_of(cast.project, f"audit/objections/{ClientAnswer.objects.get(domain=FARM[0]).pk}/"),
                          {"action": "keep"}, follow=True)  # fmt: skip
    assert "as the client wants" in removal.content.decode()
    assert review.decided(cast.project)[FARM[0]].evidence, "decided with what was on the table"


def test_many_domains_come_in_pages(cast: Cast) -> None:
    names = tuple(f"d{at:02}.example" for at in range(PER_PAGE + 1))
    review.decide(cast.project, names, "disavow", "bought", cast.editor)
    link = ask(cast, names)
    assert len(soup_of(Client().get(path(link))).select(".client-card")) == PER_PAGE
    onward = Client().post(path(link, "answer/"), form(link, {names[0]: ("agree", "")}, action="next"))
    assert onward["Location"] == f"{path(link)}?page=2"
    last: HttpResponse = Client().get(onward["Location"])
    assert [one.get_text() for one in soup_of(last).select(".client-card h2")] == [names[-1]]
    many = [f"{at}.example" for at in range(sharing.MOST + 1)]
    with pytest.raises(sharing.NotShared, match="about nothing else"):
        sharing.draft(cast.project, many, cast.editor)
    review.decide(cast.project, many, "disavow", "bought", cast.editor)
    with pytest.raises(sharing.NotShared, match="more than 1,000"):
        sharing.draft(cast.project, many, cast.editor)
    with pytest.raises(sharing.NotShared, match="more than 5,000"):
        sharing.draft(cast.project, [f"{at}.example" for at in range(review.MOST_AT_ONCE + 1)], cast.editor)
