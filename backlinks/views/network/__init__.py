"""How sites hang together: the network around a target, what a site links to, topics."""

from django.urls import URLPattern, path

from .graph import network, network_file
from .outbound import outbound
from .topicchoice import domain_topics, domain_topics_change
from .topics import topics

URLS: list[URLPattern] = [
    path("network/", network, name="network"),
    path("network/picture.svg", network_file, {"form": "svg"}, name="network_svg"),
    path("network/network.graphml", network_file, {"form": "graphml"}, name="network_graphml"),
    path("outbound/", outbound, name="outbound"),
    path("topics/", topics, name="topics"),
    path("topics/of/<str:domain>/", domain_topics, name="domain_topics"),
    path("topics/of/<str:domain>/change/", domain_topics_change, name="domain_topics_change"),
]
