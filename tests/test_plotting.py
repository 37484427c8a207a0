"""What the pictures show: heights of bars, values on curves, places of points."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="the pictures are of the extra `plot`")

import thetahat as th
from matplotlib.figure import Figure
from registry import FAMILIES, fit_like, quick_share
from thetahat import plotting

REAL_LINE = next(cls for cls in FAMILIES if np.isinf(cls.info.support.lower))


@pytest.fixture(params=FAMILIES, ids=lambda cls: cls.info.name)
def model(request):
    """Every family at its first case."""
    return request.param(*request.param.info.cases[0])


@pytest.fixture
def x(model):
    return model.sample(5000, seed=11)


@pytest.fixture
def ax():
    return Figure().subplots()


def logarithmic(ax):
    return ax.get_xscale() == "log"


def curve(ax, label):
    (line,) = [line for line in ax.lines if line.get_label() == label]
    return line.get_xdata(), line.get_ydata()


@quick_share(5)
def test_the_density_curve_is_the_model_s(model, x, ax):
    assert plotting.density(model, x, ax=ax) is ax
    where, height = curve(ax, type(model).__name__)
    np.testing.assert_array_equal(height, model.prob(where) * (where if logarithmic(ax) else 1.0))
    assert np.isfinite(height).all()


@quick_share(5)
def test_the_bars_are_shares_of_the_observations(model, x, ax):
    plotting.density(model, x, ax=ax)
    for bar in ax.patches:
        left, right = bar.get_x(), bar.get_x() + bar.get_width()
        if model.info.kind == "discrete":
            # A bar stands for the counts under it and is drawn a tenth narrower than they are wide.
            centre, width = (left + right) / 2, bar.get_width() / 0.9
            share = np.mean((x > centre - width / 2) & (x < centre + width / 2)) / width
        else:
            inside = (x >= left) & ((x < right) | (bar is ax.patches[-1]) & (x <= right))
            width = math.log(right / left) if logarithmic(ax) else right - left
            share = inside.mean() / width
        # A rounded edge may take an observation to the next bar.
        assert bar.get_height() == pytest.approx(share, abs=1.5 / len(x) / width)


@quick_share(5)
def test_the_bars_hold_all_but_the_extremes(model, x, ax):
    plotting.density(model, x, ax=ax)
    low = ax.patches[0].get_x()
    high = ax.patches[-1].get_x() + ax.patches[-1].get_width()
    assert np.mean((x >= low) & (x <= high)) >= 1 - 2 * plotting.BEYOND - 1 / len(x)


@quick_share(5)
def test_quantiles_stand_at_the_middle_of_the_jumps(model, x, ax):
    assert plotting.quantile_quantile(model, x, ax=ax) is ax
    diagonal, points = ax.lines
    np.testing.assert_array_equal(diagonal.get_xdata(), diagonal.get_ydata())
    for quantile, value in list(zip(points.get_xdata(), points.get_ydata(), strict=True))[::97]:
        middle = (np.mean(x < value) + np.mean(x <= value)) / 2
        assert quantile == pytest.approx(model.icdf(middle), rel=1e-9)


@quick_share(5)
def test_probabilities_stand_at_the_middle_of_the_jumps(model, x, ax):
    assert plotting.probability_probability(model, x, ax=ax) is ax
    points = ax.lines[1]
    values, counts = np.unique(x, return_counts=True)
    middle = (np.cumsum(counts) - counts / 2) / len(x)
    shown = np.abs(middle[:, None] - points.get_ydata()).argmin(axis=0)
    np.testing.assert_allclose(points.get_ydata(), middle[shown], rtol=1e-12)
    below = model.cdf(values[shown] - 1) if model.info.kind == "discrete" else model.cdf(values[shown])
    np.testing.assert_allclose(points.get_xdata(), (model.cdf(values[shown]) + below) / 2, rtol=1e-12)


@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
@quick_share(1)
def test_the_band_is_that_of_dvoretzky_kiefer_and_wolfowitz(model, x, ax, level):
    assert plotting.cumulative(model, x, level=level, ax=ax) is ax
    reach = math.sqrt(math.log(2 / (1 - level)) / (2 * len(x)))
    where, height = curve(ax, "observations")
    np.testing.assert_allclose(height, [np.mean(x <= value) for value in where], atol=1e-12)
    (band,) = ax.collections
    corners = {tuple(corner) for corner in band.get_paths()[0].vertices}
    for value, share in list(zip(where, height, strict=True))[::211]:
        assert any(a == value and b == pytest.approx(max(share - reach, 0), abs=1e-12) for a, b in corners)
        assert any(a == value and b == pytest.approx(min(share + reach, 1), abs=1e-12) for a, b in corners)
    where, height = curve(ax, type(model).__name__)
    np.testing.assert_array_equal(height, model.cdf(where))


@quick_share(5)
def test_the_band_holds_the_law_that_was_drawn_from(model, x):
    grid = np.unique(x)
    upto = np.searchsorted(np.sort(x), grid, "right") / len(x)
    assert np.abs(upto - model.cdf(grid)).max() <= math.sqrt(math.log(2 / 1e-6) / (2 * len(x)))


@quick_share(5)
def test_weights_count_observations(model, ax):
    x, counts = np.unique(model.sample(400, seed=5), return_counts=True)
    other = Figure().subplots()
    plotting.density(model, x, weights=2.0 * counts, ax=ax)
    plotting.density(model, np.repeat(x, 2 * counts), ax=other)
    assert [bar.get_height() for bar in ax.patches] == pytest.approx([bar.get_height() for bar in other.patches])


@quick_share(3)
def test_a_fit_has_four_panels(model, x):
    fit = fit_like(model, x)
    axes = fit.plot()
    second = "rootogram" if model.info.kind == "discrete" else "Q–Q"
    assert [ax.get_title() for ax in axes] == ["density", second, "distribution function", "P–P"]
    where, height = curve(axes[0], type(model).__name__)
    np.testing.assert_array_equal(height, fit.model.prob(where) * (where if logarithmic(axes[0]) else 1.0))
    given = list(Figure().subplots(2, 2).ravel())
    assert plotting.plot_fit(fit, x, axes=given) == given


@pytest.mark.parametrize("kind", ["continuous", "discrete"])
def test_a_comparison_shows_the_best_densities_and_all_differences(kind):
    truth = next(cls for cls in FAMILIES if cls.info.kind == kind and cls.info.support.lower == 0)
    comparison = th.compare(truth(*truth.info.cases[0]).sample(2000, seed=3))
    left, right = comparison.plot(best=2)
    for row in comparison.rows[:2]:
        where, height = curve(left, row.class_name)
        expected = comparison.fits[row.family].model.prob(where)
        np.testing.assert_array_equal(height, expected * (where if logarithmic(left) else 1.0))
    assert len([line for line in left.lines]) == min(2, len(comparison.rows))
    assert [bar.get_width() for bar in right.patches] == [row.delta for row in comparison.rows]
    assert [bool(bar.get_hatch()) for bar in right.patches] == [bool(row.mark) for row in comparison.rows]
    names = [label.get_text() for label in right.get_yticklabels()]
    assert [name.split()[0] for name in names] == [row.class_name for row in comparison.rows]
    assert right.yaxis_inverted(), "the best stands on top"


COUNTS = [cls for cls in FAMILIES if cls.info.kind == "discrete"]


@pytest.mark.parametrize("counts", COUNTS, ids=lambda cls: cls.info.name)
def test_a_rootogram_hangs_from_the_expected_frequencies(counts, ax):
    model = counts(*counts.info.cases[0])
    x = model.sample(2000, seed=9)
    values, weights = np.unique(x, return_counts=True)
    assert plotting.rootogram(model, values, weights=weights, ax=ax) is ax
    where, root = curve(ax, type(model).__name__)
    width = ax.patches[0].get_width() / 0.9
    for centre, top, bar in zip(where, root, ax.patches, strict=True):
        low, high = math.ceil(centre - width / 2), math.floor(centre + width / 2)
        expected = 2000 * (model.cdf(high) - model.cdf(low - 1))
        observed = np.sum((x >= low) & (x <= high))
        assert top == pytest.approx(math.sqrt(expected), rel=1e-9, abs=1e-6)
        assert max(bar.get_y(), bar.get_y() + bar.get_height()) == pytest.approx(top)
        assert abs(bar.get_height()) == pytest.approx(math.sqrt(observed))
    bottom, upper = ax.get_ylim()
    assert upper > root.max() and bottom < min(bar.get_y() + bar.get_height() for bar in ax.patches)


def test_a_rootogram_shows_counts_that_never_came(ax):
    model = COUNTS[0](*COUNTS[0].info.cases[0])
    plotting.rootogram(model, np.full(100, 7), ax=ax)
    where, _ = curve(ax, type(model).__name__)
    assert where[0] <= model.icdf(0.005) and where[-1] >= 7
    with pytest.raises(th.DataError, match="family of counts"):
        plotting.rootogram(REAL_LINE(*REAL_LINE.info.cases[0]), [1.0])


def test_long_positive_tails_are_drawn_over_a_logarithm(ax):
    x = np.exp(3 * np.linspace(-3, 3, 2001))
    plotting.density(REAL_LINE(*REAL_LINE.info.cases[0]), x, ax=ax)
    assert logarithmic(ax)
    width = [math.log((bar.get_x() + bar.get_width()) / bar.get_x()) for bar in ax.patches]
    assert width == pytest.approx([width[0]] * len(width))


def test_equal_observations_make_one_bar(ax):
    plotting.density(REAL_LINE(*REAL_LINE.info.cases[0]), np.full(30, 2.5), ax=ax)
    (bar,) = ax.patches
    assert bar.get_height() * bar.get_width() == pytest.approx(1.0)


@quick_share(3)
def test_pyplot_is_left_alone(model, x):
    sys.modules.pop("matplotlib.pyplot", None)
    for draw in (plotting.density, plotting.quantile_quantile, plotting.probability_probability, plotting.cumulative):
        assert draw(model, x).figure is not None
    assert "matplotlib.pyplot" not in sys.modules


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": []}, "observation"),
        ({"x": [float("nan")]}, "observation"),
        ({"x": [1.0, 2.0], "weights": [1.0]}, "weights"),
    ],
)
def test_what_cannot_be_drawn_is_refused(arguments, message):
    with pytest.raises(th.DataError, match=message):
        plotting.density(REAL_LINE(*REAL_LINE.info.cases[0]), **arguments)


@quick_share(5)
def test_wrong_axes_and_levels_are_refused(x, model, ax):
    with pytest.raises(th.DataError, match="axes"):
        plotting.plot_fit(fit_like(model, x), x, axes=[ax])
    with pytest.raises(th.ParameterError, match="level"):
        plotting.cumulative(model, x, level=1.5)
