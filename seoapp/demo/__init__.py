"""The demo: an invented agency, its clients, and the exports that they would really have.

Decided: the demo goes in by the front door. It writes vendor files (in their own formats, dated relative to today) and
imports them as a user would, so everything it shows has a source, a date and a run. All names end in .example or .test
and all addresses are documentation ranges: nothing in it can be a real site. Refused: rows written straight into the
index, because a demo that the product could not have made sells something else.
"""
