"""What vendors' files say of one linking domain: each figure under its own name, with the day of its newest file."""

from dataclasses import dataclass
from datetime import date

from . import kept
from .settle import OPEN_DATA

PROFILES = 200
# Figures of a domain on a vendor's own scale -> how the vendor calls them.
DOMAIN_SCORES = {
    "ahrefs_dr": "Ahrefs DR",
    "semrush_domain_as": "Semrush AS",
    "majestic_domain_tf": "Majestic TF",
    "majestic_domain_cf": "Majestic CF",
    "moz_da": "Moz DA",
}
# The profiles that the domain links to are found by `outbound`, which is in the order of the domain that links; of one
# that links to everybody, the profiles that saw it last speak.
# Of each name the newest; of two of one day the greater one, so that the answer does not depend on the order of rows.
FIGURES_SQL = """SELECT name, toFloat64(argMax(value, (last_seen, value))) AS value, toDate(max(last_seen)) AS day
FROM (
    SELECT last_seen, arrayJoin(metrics) AS metric, metric.1 AS name, metric.2 AS value FROM edges
    WHERE source_domain = {domain:String} AND (target_domain, workspace, generation) IN (
        SELECT target_domain, workspace, max(generation) FROM generations
        WHERE workspace IN {scope:Array(UInt32)} AND (workspace, target_domain) IN (
            SELECT workspace, target_domain FROM outbound
            WHERE workspace IN {scope:Array(UInt32)} AND source_domain = {domain:String}
            ORDER BY last_seen DESC LIMIT {profiles:UInt64})
        GROUP BY workspace, target_domain)
) WHERE name IN {names:Array(String)} GROUP BY name"""


@dataclass(frozen=True, slots=True)
class VendorScore:
    """A vendor's own figure, unchanged, and when the newest file that gives it saw the domain."""

    name: str
    label: str
    value: float
    day: date


def vendor_scores_of(workspace: int, domain: str) -> list[VendorScore]:
    """The figures of a domain that links to somebody in this workspace's profiles."""
    asked = {"scope": sorted({OPEN_DATA, workspace}), "domain": domain}
    parameters = asked | {"names": list(DOMAIN_SCORES), "profiles": PROFILES}
    found = {row["name"]: row for row in kept.read(FIGURES_SQL, parameters, epoch=kept.epoch_of(workspace))}
    return [
        VendorScore(name, label, found[name]["value"], found[name]["day"])
        for name, label in DOMAIN_SCORES.items()
        if name in found
    ]
