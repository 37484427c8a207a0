"""Pictures of censored, truncated and binned rows: each shows the law that the rows are of, and no other."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="the pictures are of the extra `plot`")

import thetahat as th
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from registry import FAMILIES, fit_like, quick_share
from thetahat import plotting

rows_of = th.observations
KINDS = ["right", "left", "rounded", "binned", "window", "delayed", "both ends", "right in a window"]


def rows_like(model, kind, n=300):
    """Rows of one kind, drawn from a model."""
    x = np.sort(model.sample(n, seed=4).astype(np.float64))
    discrete = model.info.kind == "discrete"
    low, middle, high = np.floor(np.quantile(x, [0.2, 0.5, 0.8])) if discrete else np.quantile(x, [0.2, 0.5, 0.8])
    shuffled = np.random.default_rng(7).permutation(n)
    unit = 1.0 if discrete else 2.0 ** round(math.log2((high - low) / 4))
    right = rows_of.censored(np.minimum(x, high), np.where(x >= high, np.inf, x))
    match kind:
        case "right":
            return right
        case "left":
            return rows_of.censored(np.where(x <= low, -np.inf, x), np.maximum(x, low))
        case "rounded":
            return rows_of.rounded(np.round(x / unit) * unit, unit)
        case "binned":
            edges = np.unique(np.concatenate([[x[0]], np.linspace(low, high, 5), [x[-1] + 1]]))
            edges = np.unique(np.floor(edges)) if discrete else edges
            return rows_of.binned(np.histogram(x, edges)[0], edges)
        case "window":
            return rows_of.truncated(x[(x >= low) & (x <= high)], low, high)
        case "delayed":
            entry = np.where(shuffled % 2 == 0, low, x[0])
            return rows_of.truncated(x[x >= entry], entry[x >= entry])
        case "both ends":
            end = np.where(shuffled % 2 == 0, high, x[-1])
            return rows_of.truncated(x[x <= end], x[0], end[x <= end])
        case "right in a window":
            return rows_of.truncated(right, np.where(x < low, -np.inf, low))
    raise AssertionError(kind)


@pytest.fixture(params=FAMILIES, ids=lambda cls: cls.info.name)
def model(request):
    return request.param(*request.param.info.cases[0])


@pytest.fixture
def ax():
    return Figure().subplots()


def line(ax, label):
    (found,) = [line for line in ax.lines if line.get_label() == label]
    return np.asarray(found.get_xdata(), float), np.asarray(found.get_ydata(), float)


def shares(model, window, points):
    """P(X <= point | window) by differences of the distribution function."""
    below = window[0] - 1 if model.info.kind == "discrete" else window[0]
    low, high = float(model.cdf(below)), float(model.cdf(window[1]))
    return (np.clip(model.cdf(points), low, high) - low) / (high - low)


def drawn(axes):
    canvas = FigureCanvasAgg(axes[0].figure)
    canvas.draw()


@pytest.mark.parametrize("kind", KINDS)
@quick_share(1)
def test_every_kind_of_row_of_every_family_draws(model, kind):
    rows = rows_like(model, kind)
    discrete = model.info.kind == "discrete"
    curve = th.survival_curve(rows, kind=model.info.kind)
    fit = fit_like(model, rows)
    if not math.isfinite(fit.log_likelihood) or fit.status not in ("converged", "boundary"):
        pytest.skip(f"no model: {fit.status}")
    axes = fit.plot(axes=Figure().subplots(2, 2))
    assert [ax.get_title() for ax in axes] == ["survival", "hazard", "rootogram" if discrete else "density", "P–P"]
    drawn(axes)
    name, window = type(fit.model).__name__, curve.window
    where, height = line(axes[0], name)
    np.testing.assert_allclose(height, 1 - shares(fit.model, window, where), atol=1e-9)
    where, rate = line(axes[1], name)
    assert np.isfinite(rate).all() and (rate >= 0).all()
    where, height = line(axes[2], name)
    assert np.isfinite(height).all()
    if not discrete:
        factor = where if axes[2].get_xscale() == "log" else 1.0
        total = fit.model.cdf(window[1]) - fit.model.cdf(window[0])
        np.testing.assert_allclose(height, fit.model.prob(where) * factor / total, rtol=1e-6)
    (points,) = [line for line in axes[3].lines if line.get_marker() == "."]
    assert ((np.asarray(points.get_xdata()) >= 0) & (np.asarray(points.get_xdata()) <= 1 + 1e-12)).all()
    for panel in axes[:3]:
        low, high = panel.get_xlim()
        assert np.isfinite([low, high]).all() and low < high


@pytest.mark.parametrize("kind", KINDS)
@quick_share(3)
def test_the_survival_panel_shows_the_estimate(model, kind, ax):
    rows = rows_like(model, kind)
    curve = th.survival_curve(rows, kind=model.info.kind)
    assert plotting.survival(model, rows, ax=ax) is ax
    where, height = line(ax, curve.method)
    for time, share in zip(curve.time, curve.survival, strict=True):
        assert np.any((where == time) & (np.abs(height - share) < 1e-12))
    assert height[0] == 1.0 or np.isneginf(curve.start[0])


@pytest.mark.parametrize("kind", KINDS)
@quick_share(3)
def test_the_bars_are_masses_of_the_estimate(model, kind, ax):
    if model.info.kind == "discrete":
        pytest.skip("counts have a rootogram")
    rows = rows_like(model, kind)
    curve = th.survival_curve(rows)
    # What is open below begins where the support does.
    start = np.maximum(curve.start, model.support[0])
    plotting.density(model, rows, ax=ax)
    total = 0.0
    for bar in ax.patches:
        left, right = bar.get_x(), bar.get_x() + bar.get_width()
        # Up to rounding in right, which may lie on either side of a fall.
        slack = 1e-9 * max(abs(left), abs(right))
        inside = (start >= left - slack) & (curve.time <= right + slack)
        width = math.log(right / left) if ax.get_xscale() == "log" else right - left
        mass = (curve.before - curve.survival)[inside & (curve.time > left + slack)].sum()
        first = (curve.before - curve.survival)[inside & (np.abs(curve.time - left) <= slack)].sum()
        last = (curve.before - curve.survival)[inside & (np.abs(curve.time - right) <= slack)].sum()
        assert mass - last - 1e-9 <= bar.get_height() * width <= mass + first + 1e-9
        total += bar.get_height() * width
    assert 0 < total <= 1 + 1e-9


def test_censored_times_are_no_events(ax):
    """All that is censored at 5 would be a peak there: the density shows none."""
    model = th.Exponential(rate=0.2)
    x = model.sample(2000, seed=2)
    rows = rows_of.from_events(np.minimum(x, 5.0), x <= 5.0)
    plotting.density(model, rows, ax=ax)
    for bar in ax.patches:
        middle = bar.get_x() + bar.get_width() / 2
        assert bar.get_height() == pytest.approx(model.prob(middle), abs=0.05)
    assert f"{np.mean(x <= 5.0):.0%} of the mass" in [text.get_text() for text in ax.get_legend().get_texts()][0]


def test_rates_are_events_over_time_at_risk(ax):
    model = th.Exponential(rate=0.2)
    x, entry, last = (th.Exponential(rate=r).sample(3000, seed=s) for r, s in ((0.2, 1), (0.5, 2), (0.1, 3)))
    kept = x > entry
    x, entry, last = x[kept], entry[kept], (entry + last)[kept]
    rows = rows_of.truncated(rows_of.from_events(np.minimum(x, last), x <= last), low=entry)
    plotting.hazard(model, rows, ax=ax)
    (bars,) = ax.containers
    (spread, error) = bars.lines[2]
    seen, end = np.minimum(x, last), x <= last
    for i, ((left, rate), (right, _)) in enumerate(spread.get_segments()):
        exposure = np.clip(np.minimum(seen, right) - np.maximum(entry, left), 0, None).sum()
        events = (end & (seen > left) & (seen <= right)).sum()
        assert rate == pytest.approx(events / exposure, rel=1e-9)
        (_, lower), (_, upper) = error.get_segments()[i]
        assert math.log(upper / rate) == pytest.approx(1.959964 / math.sqrt(events), rel=1e-6)
        assert math.log(rate / lower) == pytest.approx(1.959964 / math.sqrt(events), rel=1e-6)
    assert len(spread.get_segments()) == 20
    held = sum(lower <= 0.2 <= upper for (_, lower), (_, upper) in error.get_segments())
    assert held >= 16
    where, height = line(ax, "Exponential")
    np.testing.assert_allclose(height, 0.2)


def test_rates_of_counts_are_shares_of_those_at_risk(ax):
    model = th.Geometric(probs=0.3)
    x = model.sample(4000, seed=3)
    rows = rows_of.censored(np.minimum(x, 6), np.where(x >= 6, np.inf, x))
    plotting.hazard(model, rows, ax=ax)
    (bars,) = ax.containers
    for (left, rate), (right, _) in bars.lines[2][0].get_segments():
        values = np.arange(left, right + 1)
        assert rate == pytest.approx(np.isin(x, values).sum() / sum((x >= v).sum() for v in values))
        assert rate == pytest.approx(0.3, abs=0.05)


def test_rates_of_a_life_table(ax):
    """Halves that go in each of two units of time: 1/2 over a mean of 3/4, twice."""
    rows = rows_of.binned([50, 25, 25], [0.0, 1.0, 2.0, np.inf])
    plotting.hazard(th.Exponential(rate=0.7), rows, ax=ax)
    (bars,) = ax.containers
    assert [segment[0][1] for segment in bars.lines[2][0].get_segments()] == pytest.approx([2 / 3, 2 / 3])


def test_bins_are_drawn_as_they_are(ax):
    counts, edges = np.array([5, 20, 10, 4, 1]), np.array([0.0, 0.5, 1.5, 3.0, 6.0, np.inf])
    plotting.density(th.Gamma(concentration=2.0, rate=1.0), rows_of.binned(counts, edges), ax=ax)
    assert [bar.get_x() for bar in ax.patches] == pytest.approx(edges[:4])
    assert [bar.get_width() for bar in ax.patches] == pytest.approx(np.diff(edges[:5]))
    assert [bar.get_height() for bar in ax.patches] == pytest.approx(counts[:4] / 40 / np.diff(edges[:5]))


def test_a_window_conditions_the_density(ax):
    model = th.Normal(loc=0.0, scale=1.0)
    x = model.sample(5000, seed=1)
    rows = rows_of.truncated(x[x > 1.0], low=1.0)
    plotting.density(model, rows, ax=ax)
    where, height = line(ax, "Normal")
    np.testing.assert_allclose(height, model.prob(where) / model.sf(1.0))
    assert where[0] == 1.0
    seen = x[x > 1.0]
    for bar in ax.patches[1:]:
        left, right = bar.get_x(), bar.get_x() + bar.get_width()
        assert bar.get_height() == pytest.approx(np.mean((seen > left) & (seen <= right)) / (right - left))


def test_far_windows_keep_their_digits(ax):
    model = th.Exponential(rate=1.0)
    plotting.survival(model, rows_of.truncated([60.5, 61.0, 62.0, 64.0], low=60.0), ax=ax)
    where, height = line(ax, "Exponential")
    np.testing.assert_allclose(height, np.exp(60.0 - where), rtol=1e-9)


def test_a_rootogram_of_censored_counts(ax):
    model = th.Poisson(rate=3.0)
    x = model.sample(1000, seed=6)
    rows = rows_of.censored(np.minimum(x, 5), np.where(x >= 5, np.inf, x))
    plotting.rootogram(model, rows, ax=ax)
    where, root = line(ax, "Poisson")
    np.testing.assert_array_equal(where, np.arange(5))
    np.testing.assert_allclose(root, np.sqrt(1000 * model.prob(where)))
    assert [abs(bar.get_height()) for bar in ax.patches] == pytest.approx([math.sqrt((x == k).sum()) for k in range(5)])


def test_a_rootogram_of_counts_in_bins(ax):
    model = th.Poisson(rate=3.0)
    plotting.rootogram(model, rows_of.binned([10, 40, 30, 4], [0, 1, 3, 6, 9]), ax=ax)
    _, root = line(ax, "Poisson")
    bins = [(0, 0), (1, 2), (3, 5), (6, 9)]
    np.testing.assert_allclose(root**2, [84 * sum(model.prob(np.arange(a, b + 1))) for a, b in bins])
    assert [bar.get_height() ** 2 for bar in ax.patches] == pytest.approx([10, 40, 30, 4])


def test_a_rootogram_of_counts_without_zeros(ax):
    model = th.Poisson(rate=1.0)
    plotting.rootogram(model, rows_of.truncated([1, 1, 1, 2, 2, 3], 1), ax=ax)
    where, root = line(ax, "Poisson")
    np.testing.assert_array_equal(where, [1, 2, 3])
    np.testing.assert_allclose(root**2, 6 * model.prob(where) / model.sf(0))


def test_probabilities_stand_at_the_middle_of_the_falls(ax):
    model = th.Weibull(scale=10.0, concentration=1.5)
    x = model.sample(100, seed=1)
    rows = rows_of.from_events(np.minimum(x, 12.0), x <= 12.0)
    curve = th.survival_curve(rows)
    plotting.probability_probability(model, rows, ax=ax)
    (points,) = [line for line in ax.lines if line.get_marker() == "."]
    np.testing.assert_allclose(points.get_xdata(), model.cdf(curve.time))
    np.testing.assert_allclose(points.get_ydata(), 1 - (curve.before + curve.survival) / 2)
    corners = ax.collections[0].get_paths()[0].vertices
    assert any(np.allclose(corner, [model.cdf(curve.time[3]), 1 - curve.upper[3]]) for corner in corners)


def test_a_comparison_shows_the_best_survival_curves():
    x = th.Weibull(scale=2.0, concentration=1.5).sample(400, seed=8)
    rows = rows_of.from_events(np.minimum(x, 2.5), x <= 2.5)
    ranking = th.compare(rows)
    left, right = ranking.plot(best=2)
    drawn([left])
    for row in ranking.rows[:2]:
        where, height = line(left, row.class_name)
        np.testing.assert_allclose(height, ranking.fits[row.family].model.sf(where), rtol=1e-6, atol=1e-12)
    assert ranking.rows[2].class_name not in [one.get_label() for one in left.lines]
    np.testing.assert_allclose(line(left, "Kaplan–Meier")[1].min(), th.survival_curve(rows).survival[-1])
    assert len(right.patches) == len(ranking.rows)


def test_weights_given_to_the_fit_are_drawn():
    rows = rows_of.from_events([1.0, 2.0, 3.0, 4.0], [1, 0, 1, 1])
    for x, weights in (
        (rows, [1, 2, 3, 4]),
        (rows_of.from_events(rows.lower, [1, 0, 1, 1], weights=[1, 2, 3, 4]), None),
    ):
        axes = th.fit("exponential", x, weights=weights).plot()
        heights = line(axes[0], "Kaplan–Meier")[1]
        np.testing.assert_allclose(np.unique(heights), [0.0, 0.9 * 4 / 7, 0.9, 1.0])
    reliable = th.fit("exponential", rows, weights=th.precision([10, 20, 30, 40])).plot()
    plain = th.fit("exponential", rows, weights=[0.4, 0.8, 1.2, 1.6]).plot()
    for one, other in zip(reliable[0].collections, plain[0].collections, strict=True):
        np.testing.assert_allclose(one.get_paths()[0].vertices, other.get_paths()[0].vertices)


def test_known_rows_are_drawn_as_plain_values():
    x = th.Gamma(concentration=2.0, rate=1.0).sample(200, seed=1)
    fit = th.fit("gamma", rows_of.censored(x, x))
    assert [ax.get_title() for ax in fit.plot()] == ["density", "Q–Q", "distribution function", "P–P"]
    seen = th.fit("gamma", rows_of.truncated(x[x > 1], 1.0))
    assert [ax.get_title() for ax in seen.plot()] == ["survival", "hazard", "density", "P–P"]
    assert [ax.get_title() for ax in fit.plot(seen.data)] == ["survival", "hazard", "density", "P–P"]
    counts = rows_of.repeated([0, 1, 2], [10, 5, 5])
    assert [ax.get_title() for ax in th.fit("poisson", counts).plot()][1] == "rootogram"


def test_the_curve_alone(ax):
    curve = th.survival_curve(rows_of.from_events([1.0, 2.0, 4.0], [1, 0, 1]))
    assert curve.plot(ax) is ax
    where, height = line(ax, "Kaplan–Meier")
    np.testing.assert_allclose(where, [0, 1, 1, 4, 4, 4])
    np.testing.assert_allclose(height, [1, 1, 2 / 3, 2 / 3, 0, 0])
    assert curve.plot().figure is not None
    assert th.survival_curve(rows_of.from_events([1.0, 2.0], [0, 0])).plot().lines[0].get_ydata()[-1] == 1.0


def test_what_cannot_be_drawn_is_refused(ax):
    rows = rows_of.from_events([1.0, 2.0, 3.0], [1, 0, 1])
    model = th.Exponential(rate=1.0)
    for draw in (plotting.quantile_quantile, plotting.cumulative):
        with pytest.raises(th.DataError, match="x: must be known values, seen through no window.*Draw survival"):
            draw(model, rows)
    with pytest.raises(th.DataError, match="no density to draw. Draw rootogram"):
        plotting.density(th.Poisson(rate=1.0), rows)
    with pytest.raises(th.DataError, match="axes: must be 4; got 1"):
        th.fit("exponential", rows).plot(axes=[ax])
    with pytest.raises(th.ParameterError, match="level: must be below 1"):
        plotting.survival(model, rows, level=1.0)
    with pytest.raises(th.FitError, match="read from a document"):
        th.Fit.from_json(th.fit("exponential", rows).to_json()).plot()
