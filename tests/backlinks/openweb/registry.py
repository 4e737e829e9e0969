"""A registry on the small web: its list of servers, its answers, and a command to ask it."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command

from tests.web.pages import Page, document
from tests.web.server import SmallWeb

LIST, REGISTRY, OTHER = "shop1.localhost", "news2.localhost", "forum3.localhost"
JSON = "application/rdap+json"


def card(**properties: Any) -> list[Any]:
    return ["vcard", [["version", {}, "text", "4.0"], *([name, {}, "text", one] for name, one in properties.items())]]


def entity(role: str, **properties: Any) -> dict[str, Any]:
    return {"objectClassName": "entity", "roles": [role], "vcardArray": card(**properties)}


def event(action: str, moment: Any) -> dict[str, Any]:
    return {"eventAction": action, "eventDate": moment}


def about(domain: str, *, registrant: str = "", **fields: Any) -> dict[str, Any]:
    """What a registry says of a registered domain."""
    entities = [entity("registrar", fn="Names & Sons")]
    if registrant:
        entities.append(entity("registrant", fn="Pat Person", org=registrant))
    events = [event("registration", "2001-02-03T04:05:06Z"), event("expiration", "2031-02-03T04:05:06Z")]
    said = {"objectClassName": "domain", "ldhName": domain.upper(), "status": ["active"], "entities": entities}
    return said | {"events": events} | fields


class Registry:
    """Servers of two registries: .example and .test are one's, .org the other's."""

    def __init__(self, web: SmallWeb) -> None:
        self.web = web
        self.list_url = web.url(LIST, "/dns.json")
        services = [
            [["example", "test", "xn--p1ai"], [web.url(REGISTRY, "/v1")]],
            [["org"], [web.url(OTHER, "/")]],
        ]
        self.publish({"version": "1.0", "services": services})

    def publish(self, said: Any) -> None:
        self.web.edit(LIST, "/dns.json", document(json.dumps(said).encode(), "application/json", validators=False))

    def answers(self, domain: str, page: Page, *, host: str = REGISTRY) -> None:
        self.web.edit(host, f"{'/v1' if host == REGISTRY else ''}/domain/{domain}", page)

    def knows(self, domain: str, *, host: str = REGISTRY, **fields: Any) -> None:
        self.answers(domain, document(json.dumps(about(domain, **fields)).encode(), JSON, validators=False), host=host)

    def asked(self, host: str = REGISTRY) -> list[str]:
        """Domains that were asked for, in order."""
        return [one.target.rpartition("/")[2] for one in self.web.log if one.host == host]


@pytest.fixture
def registry(small_web: SmallWeb, free_web: None, settings: Any) -> Iterator[Registry]:
    """RDAP is on and asks the small web without a pause."""
    made = Registry(small_web)
    settings.RDAP_ENABLED, settings.RDAP_DELAY_SECONDS, settings.RDAP_PER_HOUR = True, 0.0, 60
    settings.RDAP_BOOTSTRAP_URL = made.list_url
    yield made


def looked_up(*arguments: str) -> dict[str, Any]:
    """What the command prints."""
    out = io.StringIO()
    call_command("look_up_registrations", *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())
