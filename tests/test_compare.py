"""compare: every family that holds the data, ranked by what the fits say."""

import math

import numpy as np
import pytest
import thetahat as th
from registry import FAMILIES
from thetahat import _core

CONTINUOUS = [cls for cls in FAMILIES if cls.info.kind == "continuous"]
DISCRETE = [cls for cls in FAMILIES if cls.info.kind == "discrete"]
CRITERIA = ("aic", "aicc", "bic")


def positive(n=2000):
    """Continuous positive data with a heavy tail, by inversion of an equidistributed sequence."""
    u = (np.arange(1, n + 1) * math.sqrt(2)) % 1
    return np.round((1 / (1 - u) ** 0.3 - 1) * 10 + 0.5 * u, 6) + 1e-3


def counts(n=2000):
    u = (np.arange(1, n + 1) * math.sqrt(3)) % 1
    return np.floor(-3 * np.log1p(-u)).astype(np.int64)


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("data", [positive, counts], ids=["continuous", "discrete"])
def test_the_ranking_is_that_of_the_fits(data, criterion):
    x = data()
    comparison = th.compare(x, criterion=criterion)
    assert comparison.criterion == criterion and comparison.n == len(x)
    scores = []
    for place, row in enumerate(comparison.rows, start=1):
        fit = th.fit(row.family, x)
        assert row.rank == place and row.class_name == th.family_class(row.family).__name__
        assert comparison.fits[row.family].log_likelihood == pytest.approx(fit.log_likelihood, rel=1e-9)
        assert comparison.fits[row.family].status == fit.status == row.status
        assert (row.aic, row.aicc, row.bic) == tuple(getattr(comparison.fits[row.family], name) for name in ("aic", "aicc", "bic"))
        assert row.k == fit.free and row.parameters == comparison.fits[row.family].parameters
        assert bool(row.mark) == any(p.boundary and p.default is None for p in th.family_class(row.family).info.parameters)
        scores.append(getattr(row, criterion))
    assert scores == sorted(scores)
    deltas = np.array([row.delta for row in comparison.rows])
    np.testing.assert_allclose(deltas, np.array(scores) - scores[0], atol=1e-9)
    np.testing.assert_allclose([row.weight for row in comparison.rows], np.exp(-deltas / 2) / np.exp(-deltas / 2).sum())
    assert comparison.best == comparison.fits[comparison.rows[0].family]
    assert np.isfinite(comparison.best.log_likelihood)


def test_every_family_of_the_kind_is_named_once():
    for x, expected in ((positive(), CONTINUOUS), (counts(), DISCRETE)):
        comparison = th.compare(x)
        named = [row.family for row in comparison.rows] + [row.family for row in comparison.unranked]
        assert sorted(named) == sorted(cls.info.name for cls in expected)
        assert all(row.reason for row in comparison.unranked)
        text = comparison.table()
        assert all(cls.__name__ in text for cls in expected)
        assert text == repr(comparison) and "<table" in comparison._repr_html_()


def test_densities_and_probabilities_never_share_a_ranking():
    x = counts()
    assert th.compare(x).kind == "discrete"
    assert th.compare(x.astype(np.uint8)).kind == "discrete"
    assert th.compare(x.astype(float), kind="discrete").kind == "discrete"
    with pytest.warns(th.ThetahatWarning, match="distinct.*kind='discrete'"):
        comparison = th.compare(x + 1, kind="continuous")
    assert comparison.kind == "continuous"
    assert all(th.family_class(row.family).info.kind == "continuous" for row in comparison.rows)
    with pytest.raises(th.ParameterError, match="kind"):
        th.compare(x, families=[CONTINUOUS[0], DISCRETE[0]])


def test_chosen_families():
    x = positive()
    chosen = [cls for cls in CONTINUOUS if not cls.info.support.lower_closed][:3]
    for families in (chosen, [cls.info.name for cls in chosen], [cls.__name__ for cls in chosen] * 2):
        comparison = th.compare(x, families=families)
        assert {row.family for row in (*comparison.rows, *comparison.unranked)} == {cls.info.name for cls in chosen}
    single = th.compare(x, families=chosen[0])
    assert len(single.rows) + len(single.unranked) == 1
    with pytest.raises(th.UnknownNameError, match="did you mean"):
        th.compare(x, families=[chosen[0].info.name[:-1]])
    with pytest.raises(th.ParameterError, match="at least one"):
        th.compare(x, families=[])
    for options in ({"criterion": "bik"}, {"kind": "mixed"}):
        with pytest.raises(th.UnknownNameError):
            th.compare(x, **options)


def test_fits_without_a_maximum_are_unranked():
    with pytest.warns(th.ThetahatWarning, match="distinct"):
        comparison = th.compare(np.full(50, 2.5), kind="continuous")
    excluded = {row.family for row in comparison.unranked}
    for name, fit in comparison.fits.items():
        assert (name in excluded) == (fit.status in ("unbounded", "degenerate", "not_identified"))
    assert any(row.status == "degenerate" for row in comparison.unranked)
    shifted = th.compare(-positive())
    outside = [row for row in shifted.unranked if row.status == "not_applicable"]
    assert {row.family for row in outside} >= {cls.info.name for cls in CONTINUOUS if cls.info.support.lower == 0}
    half_lines = {cls.info.name for cls in CONTINUOUS if cls.info.support.lower == 0}
    # An interval about zero, such as a circle, may hold the first rows.
    assert all(("index 0" if row.family in half_lines else "at index") in row.reason for row in outside)


def test_weights_and_missing_values():
    x = positive(400)
    weights = np.arange(400) % 3
    weighted, repeated = th.compare(x, weights=weights), th.compare(np.repeat(x, weights))
    assert [row.family for row in weighted.rows] == [row.family for row in repeated.rows]
    assert weighted.n == repeated.n
    np.testing.assert_allclose([row.bic for row in weighted.rows], [row.bic for row in repeated.rows], rtol=1e-9)
    gaps = np.insert(x, 7, np.nan)
    with pytest.raises(th.DataError, match="index 7"):
        th.compare(gaps)
    dropped = th.compare(gaps, missing="drop")
    assert dropped.dropped == 1 and dropped.n == 400
    assert [row.family for row in dropped.rows] == [row.family for row in th.compare(x).rows]


@pytest.mark.parametrize("number", [1, 2, 7])
def test_threads_and_targets_do_not_change_the_ranking(threads, target, number):
    def plain(comparison):
        document = comparison.to_dict()
        for part in (*document["rows"], *document["fits"].values()):
            del part["seconds"]
        return document

    x = positive(20_000)
    threads(1)
    expected = plain(th.compare(x))
    threads(number)
    for name in _core.targets():
        target(name)
        assert plain(th.compare(x)) == expected


def test_data_that_no_family_holds():
    with pytest.raises(th.DataError, match="x:"):
        th.compare([1.5, np.inf, 2.0])
    counts = [cls for cls in th.families("discrete") if cls.info.support.lower >= 0]
    with pytest.raises(th.DataError):
        th.compare([-1, -2, -3], families=counts)
    with pytest.raises(th.DataError, match="empty"):
        th.compare([])
