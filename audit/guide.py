"""Does a site need a disavow file at all? Questions, and where their answers lead. Pure.

Decided: the guide stands before every file that goes out. Most answers end at doing nothing, and say why in the words
of somebody who fears a penalty. Who does not know an answer is told where to look, and is treated as if nothing had
happened until he has: a file that is not needed takes good links with it. Refused: leading to a file because an audit
found many bad links, which a search engine ignores by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass

YES, NO, UNKNOWN = "yes", "no", "unknown"
ANSWERS = ((YES, "Yes"), (NO, "No"), (UNKNOWN, "I do not know"))
MANUAL, BOUGHT, FELL = "manual", "bought", "fell"
QUESTIONS = {
    MANUAL: (
        "Does Search Console show a manual action for “unnatural links to your site”?",
        "Open Search Console, choose the site, then “Security & manual actions” and “Manual actions”. A green tick and "
        "“No issues detected” is a No. A bad ranking alone is no manual action.",
    ),
    BOUGHT: (
        "Were links bought, exchanged or placed for this site, also by an earlier owner or agency?",
        "Guest posts for money, link packages, link exchanges, paid directories, footer links or widgets with "
        "keywords, networks of one's own. Links that others set by themselves, however ugly, are a No.",
    ),
    FELL: (
        "Did visits from search fall in the weeks after this began?",
        "Compare the clicks of Search Console before and after. A fall at another time has another cause.",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ending:
    """Where answers lead. `prepares`: to a file; the form that writes one stands on the page then."""

    name: str
    title: str
    words: str
    prepares: bool = False


ASK_FIRST = (
    "Ask the owners for removal first where you can reach them; what stays goes into the file, as whole domains and "
    "for reasons that you can name. Read what the file changes before you upload it."
)
ENDINGS = {
    one.name: one
    for one in (
        Ending(
            "nothing",
            "Do nothing: you should not disavow anything",
            "There is no manual action, nobody placed links for this site, and no attack shows. Search engines ignore "
            "random and spammy links by themselves: they do not harm you, and disavowing them gains nothing. A file "
            "can only lose: whatever good link is listed by mistake stops counting. The audit keeps watching.",
        ),
        Ending(
            "unseen",
            "Do nothing: there is no reason to disavow anything",
            "There is no manual action and nobody placed links for this site. Search engines ignore random links by "
            "themselves. Only an attack could be a reason, and this project was not audited yet: audit it to be sure.",
        ),
        Ending(
            "look",
            "Look into Search Console first, and disavow nothing until then",
            "Without a manual action, and without links that somebody placed, nothing should be disavowed. Looking "
            "takes two minutes: if there is no manual action, you are done.",
        ),
        Ending(
            "ask",
            "Do nothing for now, and ask who might know",
            "There is no manual action and no attack shows, so nothing presses. Ask earlier owners and agencies, and "
            "look for invoices. As long as nobody says that links were bought or placed, nothing should be disavowed: "
            "search engines ignore what strangers set.",
        ),
        Ending(
            "watch",
            "Watch, and disavow nothing",
            "There is a pattern, but no sign of harm: search engines have ignored it so far, and a file would change "
            "nothing. You get an alert if it grows; if visits fall with it, come back here.",
        ),
        Ending(
            "manual",
            "Prepare a file: there is a manual action",
            f"This is what the file is for. {ASK_FIRST} Then send a reconsideration request: the history of removals "
            "and disavowals is made for it. A manual action is lifted when a person has read it, usually after weeks.",
            prepares=True,
        ),
        Ending(
            "bought",
            "Prepare a file of the links that were placed, and of nothing else",
            "Nobody has complained so far, so this is to prevent a manual action. List what you know to be bought, "
            f"exchanged or placed; leave out what strangers have set. {ASK_FIRST}",
            prepares=True,
        ),
        Ending(
            "precaution",
            "Prepare a file as a precaution",
            "The attack and the fall of visits may belong together, although search engines say that they ignore such "
            f"links. List the domains of the attack alone, and look for other causes of the fall too. {ASK_FIRST}",
            prepares=True,
        ),
    )
}  # fmt: skip


def asked(answers: Mapping[str, str], *, attack: bool) -> dict[str, str]:
    """Question -> its answer, "" for none yet, of those that are to be asked: the last one only where an attack
    shows."""
    names = (MANUAL, BOUGHT, *((FELL,) if attack else ()))
    known = dict(ANSWERS)
    return {name: answers.get(name, "") if answers.get(name) in known else "" for name in names}


def ending(answers: Mapping[str, str], *, attack: bool, audited: bool = True) -> Ending | None:
    """Where the answers lead; None while one is missing."""
    told = asked(answers, attack=attack)
    if told[MANUAL] == YES:
        return ENDINGS["manual"]
    if told[BOUGHT] == YES:
        return ENDINGS["bought"]
    if not all(told.values()):
        return None
    if told[MANUAL] == UNKNOWN:
        return ENDINGS["look"]
    if attack:
        return ENDINGS["precaution" if told[FELL] == YES else "watch"]
    if told[BOUGHT] == UNKNOWN:
        return ENDINGS["ask"]
    return ENDINGS["nothing" if audited else "unseen"]
