"""Random disavow files, good and bad, from a seed."""

import random

NAMES = ["spam.example", "a.spam.example", "b.a.spam.example", "www.spam.example", "links.test", "www.links.test",
         "shop.co.uk", "x.shop.co.uk", "me.github.io", "xn--e1afmkfd.xn--p1ai", "foo_bar.tumblr.com",
         "farm7.test"]  # fmt: skip
PATHS = ["", "/", "/a", "/a?b=1", "/a/b.html#c", "/A/%7Eb", "/é"]
BAD = ["hello", "domain:", "domain:a b.example", "domain:http://spam.example/x", "domain:*.spam.example",
       "spam.example", "spam.example/path", "http://spam.example/a b", "domain:spam.example:80", "ftp://spam.example/",
       "domain:org.br", "domain:github.io", "domain:192.0.2.7", "http://spam.example/\u202e/x", "domain:-x.example",
       "domain:spam.example # bad", "domain:a.test domain:b.test", "http:/spam.example", "// note",
       "domain:пример.рф", "domain:FARM7.test.", "domain:a\u200bb.test"]  # fmt: skip
COMMENTS = ["# bought in 2024", "# Entfernt, müßig", "#", "# -----", "# domains", "# a\u200bb"]
ENDS = ["\n", "\n", "\n", "\r\n", "\r"]


def good(dice: random.Random) -> str:
    """A line in its written form, or a blank one."""
    kind = dice.random()
    if kind < 0.1:
        return ""
    if kind < 0.2:
        return dice.choice(COMMENTS[:5])
    if kind < 0.6:
        return f"domain:{dice.choice(NAMES)}"
    return f"https://{dice.choice(NAMES)}{dice.choice(PATHS[:6])}"


def any_line(dice: random.Random) -> str:
    """A line with anything that people do to it."""
    line = dice.choice(BAD) if dice.random() < 0.2 else dice.choice(COMMENTS) if dice.random() < 0.1 else good(dice)
    if dice.random() < 0.1:
        line = line.replace("domain:", dice.choice(["domain: ", "Domain:", "DOMAIN:\t", "domain:\xa0"]))
    if dice.random() < 0.1:
        line = line.replace("spam", "SPAM").replace("https", "HTTPS")
    if dice.random() < 0.1:
        line = dice.choice(['"{}"', "'{}'", "\u201c{}\u201d"]).format(line)
    if dice.random() < 0.2:
        line = dice.choice([" ", "\t", "\u200b", "\xa0", ""]) + line + dice.choice([" ", "\t", "\ufeff", "\u202c", ""])
    return line


def clean_file(seed: int, lines: int = 60) -> str:
    dice = random.Random(seed)
    return "".join(f"{good(dice)}\n" for _ in range(lines))


def any_file(seed: int, lines: int = 60) -> str:
    dice = random.Random(seed)
    return "".join(any_line(dice) + dice.choice(ENDS) for _ in range(lines))
