"""The words of a report: what the figures mean, and what to do next.

Decided: the first sentence says whether anything is to be done, and mostly that is nothing; a number never stands
without how sure it is. Steps are what the rows of the project say is undone, never advice to disavow.
"""

from collections.abc import Iterator

from seoapp.lib.words import counted

from .contents import Contents

MOST_MISSING = 3


def verdict(told: Contents) -> str:
    if told.toxic:
        carry = "carries" if told.toxic == 1 else "carry"
        return f"{counted(told.toxic, 'referring domain')} {carry} evidence of manipulation."
    return "Nothing here calls for action."


def meaning(told: Contents) -> Iterator[str]:
    """What the figures mean, in a few sentences."""
    yield from _risk(told)
    yield _sure(told)
    if told.previous is not None:
        yield _since(told)


def _risk(told: Contents) -> Iterator[str]:
    of = counted(told.audit.domains, "referring domain")
    if not told.toxic:
        yield f"Of {of}, none carries evidence from two independent groups of signs. Most links need nothing."
    else:
        yield (
            f"That is {told.toxic_share} of {of}. It is no list of things to do: search engines ignore most such links "
            "by themselves, and a good link that is disavowed by mistake is lost."
        )
    if told.doubtful:
        one = told.doubtful == 1
        yield (
            f"{counted(told.doubtful, 'more domain' if told.toxic else 'domain')} "
            f"{'is' if one else 'are'} worth a look: one group of signs alone proves nothing."
        )


def _sure(told: Contents) -> str:
    said = f"Confidence is {told.percent} %: so much of what applies could be looked at."
    return f"{said} What could not be looked at is unknown, which is neither clean nor bad." if told.missing else said


def _since(told: Contents) -> str:
    before, now, day = told.previous.risk, told.audit.risk, f"{told.previous.as_of:%-d %B %Y}"  # type: ignore[union-attr]
    if before == now:
        return f"The risk is what it was in the audit of {day}."
    return f"The risk {'rose' if now > before else 'fell'} from {before} to {now} since the audit of {day}."


def steps(told: Contents) -> list[str]:
    """What is to be done next, as far as it is known here; never empty."""
    about = [*_about_links(told)] or ["Nothing about the links: the audit keeps watching what is new."]
    return [*about, *_surer(told)]


def _about_links(told: Contents) -> Iterator[str]:
    states = {one.label: one.count for one in told.states}
    if told.open_toxic:
        many = "its" if told.open_toxic == 1 else "their"
        yield (
            f"Look at {many} evidence and decide: {counted(told.open_toxic, 'domain')} with evidence of manipulation, "
            "about which nobody has decided."
        )
    if told.waiting:
        yield f"A second person looks at {counted(told.waiting, 'disavowal')} that nobody has approved."
    if states.get("To send"):
        yield f"Send {counted(states['To send'], 'request')} for removal that nobody has sent yet."
    if told.version and told.version.uploaded_at is None and not told.version.is_imported:
        yield (
            f"Version {told.version.number} of the disavow file is written and not marked as uploaded: upload it in "
            "Search Console, or leave it if it is no longer wanted."
        )


def _surer(told: Contents) -> Iterator[str]:
    if told.percent < 50 and told.missing:
        names = ", ".join(one.name[0].lower() + one.name[1:] for one in told.missing[:MOST_MISSING])
        yield f"Make the next audit surer. Missing at most links: {names}."
