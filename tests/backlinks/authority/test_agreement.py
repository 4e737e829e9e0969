"""Rank correlation with other ranks."""

import numpy as np
import pytest
from scipy.stats import rankdata, spearmanr

from backlinks.authority.agreement import Agreement, Reference, agreement
from backlinks.authority.positions import middles, positions


def test_it_agrees_with_scipy_ties_included() -> None:
    dice = np.random.default_rng(4)
    ours, theirs = dice.integers(0, 30, 500).astype(float), dice.integers(0, 10, 500).astype(float)
    (found,) = agreement(ours, [Reference("ahrefs_dr", theirs)])
    assert found.rho == pytest.approx(spearmanr(ours, theirs).statistic)
    assert np.array_equal(middles(ours), rankdata(ours))


def test_only_domains_that_both_know_are_compared() -> None:
    ours = np.array([1.0, 2.0, 3.0, 4.0, np.nan])
    low = Reference("tranco", np.array([40.0, 30.0, np.nan, 10.0, 1.0]), best="low")
    assert agreement(ours, [low]) == [Agreement("tranco", 3, 1.0)]


def test_too_few_or_all_equal_say_nothing() -> None:
    ours = np.array([1.0, 2.0, 3.0])
    few, flat = Reference("few", np.array([1.0, np.nan, 2.0])), Reference("flat", np.full(3, 5.0))
    assert agreement(ours, [few, flat]) == [Agreement("few", 2, None), Agreement("flat", 3, None)]


def test_positions_are_best_first_with_ties_in_the_middle() -> None:
    found = positions(np.array([5.0, 9.0, 5.0, np.nan, 1.0]))
    assert found[[0, 1, 2, 4]].tolist() == [2.5, 1, 2.5, 4]
    assert np.isnan(found[3])


def test_differences_below_the_solver_s_error_are_ties() -> None:
    assert positions(np.array([1.0, 1.0 + 1e-9, 2.0])).tolist() == [2.5, 2.5, 1]
