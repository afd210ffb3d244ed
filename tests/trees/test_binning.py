"""Cuts, bins and bundles against what they promise, by counting."""

import numpy as np
import pytest

from tenon.team import Team
from tenon.trees.binning import FeatureBins, bin_table, category_bins, find_bins, quantile_cuts, round_down, rows_for_cuts
from tenon.trees.bundling import bundle_dense, codes_of_bins, pack_dense


def test_few_values_get_a_bin_each():
    cuts = quantile_cuts(np.array([3.0, 1.0, np.nan, 3.0, 2.0]), np.ones(5), 255)
    assert cuts.tolist() == [1.5, 2.5]


@pytest.mark.mission("C12")
@pytest.mark.parametrize("max_bins", [2, 16, 255])
@pytest.mark.parametrize("seed", range(3))
def test_bins_weigh_about_the_same(seed, max_bins):
    """XGBoost's eq. 9 with exact ranks: two neighbouring cuts are no further apart than 1/B and one value."""
    rng = np.random.default_rng(seed)
    values, weight = rng.normal(size=5000), rng.random(5000)
    cuts = quantile_cuts(values, weight, max_bins)
    share = np.bincount(np.searchsorted(cuts, values), weight) / weight.sum()
    assert len(share) == max_bins
    assert share.max() < 1 / max_bins + 2 * weight.max() / weight.sum()


def test_a_heavy_value_leaves_the_other_bins_to_the_others():
    values = np.r_[np.zeros(9000), np.random.default_rng(0).normal(size=1000)]
    cuts = quantile_cuts(values, np.ones(10_000), 100)
    sizes = np.bincount(np.searchsorted(cuts, values))
    assert len(sizes) > 90
    assert np.sort(sizes)[-2] < 25  # 1000 others in 99 bins


def test_cuts_of_float32_part_float32_as_those_of_float64():
    x = np.random.default_rng(0).normal(size=1000).astype(np.float32)
    cuts = quantile_cuts(x, np.ones(1000), 50)
    rounded = round_down(cuts, np.dtype(np.float32))
    assert rounded.dtype == np.float32
    assert np.array_equal(x[:, None].astype(np.float64) <= cuts, x[:, None] <= rounded)


def test_the_choice_of_rows_depends_on_what_they_hold_only(monkeypatch):
    monkeypatch.setattr("tenon.trees.binning.ROWS_FOR_CUTS", 1000)
    X = np.random.default_rng(0).normal(size=(5000, 3))
    order = np.random.default_rng(1).permutation(5000)
    chosen, again = rows_for_cuts(X), rows_for_cuts(X[order])
    assert 800 < len(chosen) < 1200
    assert set(chosen.tolist()) == set(order[again].tolist())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_table_holds_each_bin_twice(dtype):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 21)).astype(dtype)
    X[rng.random(X.shape) < 0.1] = np.nan
    with Team(2) as team:
        bins = find_bins(X, np.ones(500), {}, 20, [""] * 21, team)
        table = bin_table(X, bins, 11, team)
    for f, feature in enumerate(bins):
        expected = np.where(np.isnan(X[:, f]), 0, 1 + np.searchsorted(feature.cuts, X[:, f]))
        assert np.array_equal(table.columns[f], expected)
        assert np.array_equal(table.blocks.view(np.uint8).reshape(2, 500, 16)[f // 11, :, f % 11], expected)


def test_thresholds_and_codes_say_what_goes_left():
    feature = FeatureBins(np.array([1.5, 2.5]))
    assert [feature.threshold(cut) for cut in range(4)] == [-np.inf, 1.5, 2.5, np.inf]
    categories = category_bins(np.array([0.0, 1.0, 2.0]), 3, 255, "x")
    assert categories.codes(np.array([0, 1, 0, 1])).tolist() == [0, 2]


@pytest.mark.mission("C15")
def test_bundled_columns_hold_every_bin_once():
    rng = np.random.default_rng(0)
    owner = rng.integers(0, 12, 2000)  # the one feature of each row that is not zero
    X = np.where(owner[:, None] == np.arange(10), rng.integers(1, 5, (2000, 10)), 0.0)
    with Team(1) as team:
        bins = find_bins(X, np.ones(2000), {}, 255, [""] * 10, team)
        plain = bin_table(X, bins, 16, team).columns
    features = bundle_dense(plain, bins)
    assert features is not None
    assert features["column"].max() == 0  # 10 features of 4 codes go into one column
    columns = pack_dense(plain, features)
    for f, feature in enumerate(features):
        rows = plain[f] != feature["zero_bin"]
        assert np.array_equal(columns[0, rows], codes_of_bins(plain[f, rows], feature))
    assert np.array_equal(columns[0] == 0, owner >= 10)
