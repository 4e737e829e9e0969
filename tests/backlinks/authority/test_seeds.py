"""Seeds are data: what the lists mean, which nodes they name, what a wrong list says."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from backlinks.authority.graph import Known
from backlinks.authority.seeds import Placed, Seeds, WrongSeeds, lines, place, read, shipped

NAMES = sorted(
    ["edu.mit", "uk.ac.ox", "uk.ac", "com.edu", "pl.edu.x", "org.ietf", "com.popular", "com.young", "com.facebook",
     "com.googleapis", "com.bad", "uk.gov.hmrc", "io.ac"]
)  # fmt: skip


def names_of(nodes: np.ndarray) -> list[str]:
    return [NAMES[node] for node in nodes]


def placed(seeds: Seeds, **known: dict[str, float]) -> Placed:
    arrays = {
        what: np.array([values.get(name, np.nan) for name in NAMES], np.float64) for what, values in known.items()
    }
    return place(seeds, pa.array(NAMES), Known(**arrays))


def test_the_shipped_list_knows_controlled_names_and_sites() -> None:
    found = placed(shipped())
    assert names_of(found.good) == ["edu.mit", "org.ietf", "uk.ac.ox", "uk.gov.hmrc"]
    assert (found.controlled, found.sites, found.popular, len(found.bad)) == (3, 1, 0, 0)


def test_the_shipped_list_is_what_it_says() -> None:
    seeds = shipped()
    assert 150 <= len(seeds.sites) <= 250
    assert not set(seeds.sites) & set(seeds.open)
    assert {"googleapis.com", "gmpg.org", "w3.org", "schema.org"} <= set(seeds.technical)
    assert seeds.bad == ()


def test_popular_and_long_lived_sites_are_seeds_unless_everybody_can_write_there() -> None:
    ranks = {"com.popular": 9_000, "com.young": 100, "com.facebook": 1, "com.googleapis": 2, "org.ietf": 500}
    found = placed(shipped(), popularity=ranks, years=dict.fromkeys(ranks, 5.0) | {"com.young": 1.0})
    assert names_of(found.good) == ["com.popular", "edu.mit", "org.ietf", "uk.ac.ox", "uk.gov.hmrc"]
    assert found.popular == 1


def test_an_operator_adds_good_and_bad_ones() -> None:
    mine = shipped().joined(sites=["Young.com"], bad=["bad.com", "ietf.org", "absent.com"])
    found = placed(mine)
    assert names_of(found.good) == ["com.young", "edu.mit", "uk.ac.ox", "uk.gov.hmrc"]
    assert names_of(found.bad) == ["com.bad", "org.ietf"]
    assert mine.digest != shipped().digest
    assert mine.technical_digest == shipped().technical_digest


def test_the_hash_follows_the_content_alone() -> None:
    one, other = Seeds("1", sites=("a.com", "b.com")), Seeds("1", sites=("a.com", "b.com"), technical=("t.com",))
    assert one.digest == other.digest
    assert one.digest != replace(one, sites=("a.com",)).digest


def test_an_own_file_has_a_name_a_line() -> None:
    assert lines("# ours\nExample.com  # a client\n\nother.org.\nexample.com\n") == ("example.com", "other.org")


@pytest.mark.parametrize("text", ["https://example.com", "a b.com", "me@example.com"])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(WrongSeeds, match="no name of a domain"):
        lines(text)


@pytest.mark.parametrize(
    ("content", "said"),
    [("version = ", "no TOML"), ("sites = []", "needs a version"), ('version = "1"\n[popular]\nrank = "x"', "needs a")],
)
def test_a_broken_file_says_what_to_mend(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "seeds.toml").write_text(content)
    with pytest.raises(WrongSeeds, match=said):
        read(tmp_path / "seeds.toml")
