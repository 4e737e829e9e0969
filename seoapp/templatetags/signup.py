"""`{% signup_open as open %}`: whether this visitor may open an account, as the log-in library's adapter decides."""

from allauth.account.adapter import get_adapter
from django import template

register = template.Library()


@register.simple_tag(takes_context=True)
def signup_open(context: template.Context) -> bool:
    """False where the page has no request (an error page)."""
    request = context.get("request")
    return request is not None and get_adapter(request).is_open_for_signup(request)
