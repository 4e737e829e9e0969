"""Asking a client: a review that is shared by a link, and what the client answers.

Decided: a client review is a list of domains as they were decided, with their evidence frozen, a message, and a link
that opens without an account. What the client says never changes a decision: "agree" may stand for the second person
where the project says so, "keep it" is an objection, which holds the domain back from the disavow file until an editor
has taken it over or dismissed it with a reason. Refused: mail from here, and decisions by whoever holds a link.
"""
