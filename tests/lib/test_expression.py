"""The language of advanced filters: what is read, what is refused in which words, that text and tree agree."""

import random
from datetime import date

import pytest

from seoapp.lib import conditions, expression
from seoapp.lib.conditions import Condition, Day, Group, Negation
from seoapp.lib.listquery import Field

TODAY = date(2026, 3, 31)
FIELDS = (
    Field("title", "Title", filter="text"),
    Field("links", "Links", "int", "number"),
    Field("score", "Score", "score", "number"),
    Field("seen", "Seen", "date", "date"),
    Field("nofollow", "Nofollow", "bool", "flag"),
    Field("kind", "Kind", filter="choice", choices=("text", "image", "unknown")),
    Field("sources", "Known by", "list", "choice", choices=("gsc", "moz", "bing")),
    Field("ips", "IPs", "list", "text"),
    Field("fixed", "Fixed"),
)
BY_NAME = {one.name: one for one in FIELDS}


def read(text: str, **options) -> expression.Expression:
    return expression.parse(text, FIELDS, today=TODAY, **options)


def tree(text: str):
    found = read(text)
    assert not found.error, found.error
    return found.tree


def test_and_binds_closer_than_or_and_not_closest():
    assert tree("title is a or title is b and not links > 3") == Group(
        "or",
        (
            Condition("title", "is", ("a",)),
            Group("and", (Condition("title", "is", ("b",)), Negation(Condition("links", ">", (3,))))),
        ),
    )


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ('title contains "two words"', Condition("title", "contains", ("two words",))),
        ('TITLE Contains "say ""hi"""', Condition("title", "contains", ('say "hi"',))),
        ("title starts with https://a/b", Condition("title", "starts", ("https://a/b",))),
        (r'title matches "^\d+$"', Condition("title", "matches", (r"^\d+$",))),
        ("title is empty", Condition("title", "is empty")),
        ('title is "empty"', Condition("title", "is", ("empty",))),
        ("title is not x", Negation(Condition("title", "is", ("x",)))),
        ("title in (a, b,c)", Condition("title", "in", ("a", "b", "c"))),
        ("title is unknown", Condition("title", "is", ("unknown",))),
        ("title is nothing", Condition("title", "is", ("nothing",))),
        ("links between 1 and 4", Condition("links", "between", (1, 4))),
        ("links is 404", Condition("links", "=", (404,))),
        ("score >= -1.50", Condition("score", ">=", (-1.5,))),
        ("score is unknown", Condition("score", "is unknown")),
        ("seen in last 1 month", Condition("seen", "in last", (Day(date(2026, 2, 28), "1 month"),))),
        ("seen < 2 years ago", Condition("seen", "<", (Day(date(2024, 3, 31), "2 years ago"),))),
        ("seen >= today", Condition("seen", ">=", (Day(TODAY, "today"),))),
        ("seen = 9999 years ago", Condition("seen", "=", (Day(date(1971, 1, 1), "9999 years ago"),))),
        ("nofollow is Unknown", Condition("nofollow", "is", ("unknown",))),
        ("kind in (TEXT, image)", Condition("kind", "in", ("text", "image"))),
        ("kind is unknown", Condition("kind", "is", ("unknown",))),
        ("sources has any (gsc, moz)", Condition("sources", "has any", ("gsc", "moz"))),
        ("sources count = 1", Condition("sources", "count =", (1,))),
        ("ips has 192.0.2.1", Condition("ips", "has", ("192.0.2.1",))),
        ('title is "and"', Condition("title", "is", ("and",))),
        ('title is "e\u0301"', Condition("title", "is", ("\u00e9",))),
    ],
)
def test_conditions(text, made):
    assert tree(text) == made
    assert tree(conditions.text_of(made)) == made


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tilte is x", "Character 1: tilte is no column that can be filtered here; did you mean title?"),
        ("fixed is x", "Character 1: fixed is no column that can be filtered here; there are title, links"),
        ("title", "The expression ends where what is asked of the column"),
        ("title contains", "The expression ends where a value (in quotes"),
        ("title contains a b", "Character 18, “b”: “or” or “and” or the end was expected."),
        ("(title is a", "The expression ends where a closing bracket was expected."),
        ("title is a)", "Character 11: this bracket closes none."),
        ('title is "a', "Character 10: these quotes are never closed."),
        ("title is a and", "The expression ends where a column, “not” or an opening bracket was expected."),
        ("title = a", "Character 7: title cannot be asked “=”; it takes contains, is, starts"),
        ("links > many", "Character 9: “many” is no whole number."),
        ("links > 1.5", "Character 9: “1.5” is no whole number."),
        ("score > 9999999999999", "Character 9: “9999999999999” is larger than any number here."),
        ("seen > 2026-02-30", "Character 8: “2026-02-30” is no day; write 2026-01-31, today, or 30 days ago."),
        ("nofollow is maybe", "Character 13: nofollow is one of yes, no, unknown, not “maybe”."),
        ("kind is page", "Character 9: kind is one of text, image, unknown, not “page”."),
        ("title in list abc", "Character 15: this workspace keeps no list abc; paste its values again."),
        ("kind in text", "Character 9, “text”: an opening bracket was expected."),
        ("links between 1 or 2", "Character 17, “or”: “and” was expected."),
        (f'title matches "{"a" * 301}"', "Character 15: this value has 301 characters, and at most 300 are read."),
        ("a" * 2_001, "The expression has 2,001 characters, and at most 2,000 are read"),
        ("title is \x01", "The expression has a control character"),
        ("title is \ud800", "The expression has a control character"),
        (" or ".join(["links > 1"] * 41), "The expression has 41 conditions, and at most 40 are read."),
        ("not " * 12 + "links > 1", "Character 49: brackets and “not” stand more than 12 deep."),
        (
            "links > 1 or (links > 1 and (" * 6 + "links > 1" + "))" * 6,
            "brackets and “not” stand more than 12 deep.",
        ),
    ],
)
def test_an_error_names_the_place_and_what_was_expected(text, said):
    found = read(text)
    assert found.tree is None
    assert said in found.error
    assert found.error.endswith(".") or found.error.endswith("?") or found.error.endswith("“in list”.")


@pytest.mark.parametrize(
    "text",
    ["(" * 900 + "links > 1" + ")" * 900, "not " * 450 + "links>1", '"' * 1999, "(" * 2000, "links in (" + "1," * 900],
)
def test_hostile_nesting_is_a_tree_or_a_sentence_never_an_exception(text):
    found = read(text)
    assert found.tree is not None or found.error


HOSTILE = [
    ("(" * 3_900_000, "Character 13: brackets and “not” stand more than 12 deep."),
    ("not " * 900_000, "Character 49: brackets and “not” stand more than 12 deep."),
    ("not (" * 700_000, "Character 31: brackets and “not” stand more than 12 deep."),
    ("links > 1 or " * 300_000, "Outside of its lists the expression has more than 2,000 characters"),
    ("title is x)" * 300_000, "Outside of its lists the expression has more than 2,000 characters"),
    (f'title is "{"(" * 3_900_000}"', "Outside of its lists the expression has more than 2,000 characters"),
    ("title in (" + "a," * 1_900_000, "The lists of the expression have more than 20,000 values in all"),
    (f'title in ("{"a" * 3_900_000}")', "Character 11: a value of this list has more than 2,048 characters."),
    ('title in (a, "' + '""a' * 1_300_000 + '")', "Character 13: a value of this list has more than 2,048 characters."),
    ("links in (1) and " * 200_000, "Outside of its lists the expression has more than 2,000 characters"),
]


@pytest.mark.parametrize(("text", "said"), HOSTILE)
def test_what_is_far_too_much_is_refused_before_the_grammar_reads_it(text, said, monkeypatch):
    monkeypatch.setattr(expression, "_PARSER", None)
    assert said in read(text, longest=expression.MAX_PASTED).error


def test_quotes_and_lists_do_not_count_as_depth():
    deep = "(" * 11 + 'title contains "((((not not (((((" and not title in ("(((((((((((((", x) and ips has any (y)'
    assert read(f"{deep}{')' * 11}").tree is not None
    assert "12 deep" in read(f"({deep}{')' * 12}").error
    assert read("not title is a and " * 30 + "not title is a").tree is not None


def test_the_lists_that_an_expression_names_come_with_it():
    found = read("title in list AB12 or ips in list ab12", lists={"ab12": ("x", "y")}.get)
    assert found.lists == (("ab12", ("x", "y")),)
    assert found.text == "title in list ab12 or ips in list ab12"
    assert not read("links in list ab12", lists={"ab12": ("1",)}.get).tree


def test_a_pasted_text_may_hold_ten_thousand_values_and_no_more():
    values = [f"d{number}.example" for number in range(10_001)]
    pasted = {"longest": expression.MAX_PASTED}
    assert len(read(f"title in ({', '.join(values[:-1])})", **pasted).tree.values) == 10_000
    assert "has 10,001 values, and at most 10,000" in read(f"title in ({', '.join(values)})", **pasted).error


def test_all_lists_together_have_twenty_thousand_values_and_stored_ones_count_where_they_are_named():
    kept = {"long": tuple(map(str, range(10_000))), "short": ("x",)}
    assert read("title in list long or ips in list long", lists=kept.get).tree is not None
    for text in (
        "title in list long or ips in list long or title in list short",
        " or ".join(["title in list long"] * 40),
        "title in list long and not ips in list long and title is x",
    ):
        found = read(text, lists=kept.get)
        assert found.tree is None
        assert found.error == "The lists of the expression have more than 20,000 values in all: ask with fewer."


def test_parts_can_be_taken_away():
    found = read("title is a and (links > 1 or links < 0) and not kind is text")
    assert found.without(1).text == "title is a and not kind is text"
    assert found.without(0).without(0).without(0) == expression.NOTHING
    assert read("title is a or links > 1").without(0).text == ""


def test_in_words():
    said = conditions.words_of(
        tree('not title contains "a" or (links >= 3 and kind in (text, image) and sources count = 1)'),
        BY_NAME,
        {"text": "Text"},
    )
    assert said == ("not Title contains “a” or (Links ≥ 3 and Kind is one of Text, image and Known by (how many) = 1)")
    long = tree(f"title in ({', '.join('abcdefg')})")
    assert conditions.words_of(long, BY_NAME, {}) == "Title is one of “a”, “b”, “c”, “d”, “e”, 2 more"


# --- Any tree reads back as itself ----------------------------------------------------------------------------------
WORDS = [
    "x",
    "two words",
    'q"uote',
    "and",
    "empty",
    "ünï",
    "a(b)",
    "=1",
    "in",
    "\u202egpj",
    "'; DROP TABLE links",
    "{x}",
]


def some_value(dice: random.Random, column: Field):
    if column.filter == "number":
        return dice.choice((0, -3, 12, 10**12) if column.kind == "int" else (0, 1.5, -0.000001))
    if column.filter == "date":
        return dice.choice((Day(date(2025, 1, 2), "2025-01-02"), Day(TODAY, "today")))
    if column.filter == "flag":
        return dice.choice(conditions.FLAG_WORDS)
    return dice.choice(column.choices or WORDS)


def some_condition(dice: random.Random) -> Condition:
    column = dice.choice(FIELDS[:-1])
    op = dice.choice([one for one in conditions.operators(column) if one != "in list"])
    if op.startswith("count"):
        return Condition(column.name, op, (dice.randrange(4),))
    if op == "in last":
        return Condition(column.name, op, (Day(date(2026, 3, 1), "30 days"),))
    several = {"is empty": 0, "is known": 0, "is unknown": 0, "between": 2}.get(op, 1)
    several = dice.randint(1, 4) if op in ("in", "has any", "has all") else several
    return Condition(column.name, op, tuple(some_value(dice, column) for _ in range(several)))


def some_tree(dice: random.Random, depth: int = 3):
    shape = dice.random()
    if depth == 0 or shape < 0.3:
        return some_condition(dice)
    if shape < 0.45:
        return Negation(some_tree(dice, depth - 1))
    parts = [some_tree(dice, depth - 1) for _ in range(dice.randint(2, 3))]
    return conditions.group(dice.choice(("and", "or")), parts)


@pytest.mark.parametrize("seed", range(150))
def test_any_tree_written_reads_back_as_itself(seed):
    made = some_tree(random.Random(seed))
    text = conditions.text_of(made)
    found = read(text, longest=100_000)
    assert not found.error, text
    assert found.tree == made, text
    assert found.text == text
