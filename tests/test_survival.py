"""The survival function without a family: published tables, hand computation, and the likelihood itself."""

from __future__ import annotations

import doctest
import math

import numpy as np
import pytest
import thetahat as th
from scipy.optimize import minimize
from thetahat import survival, turnbull

rows_of = th.observations

# Remission in weeks of 21 patients given 6-mercaptopurine: Freireich et al. (1963), Blood 21.
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSE = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
LEUKEMIA = rows_of.from_events(WEEKS, RELAPSE)


def self_consistent(rows, weights=None, discrete=False):
    """Turnbull's estimate, also where the product limit would do."""
    return survival._self_consistent(survival.usable_rows(rows, weights, discrete))


def interval_rows(generator, n, *, exact=False, distinct=False):
    """Rows between two of a few times, some of them open at either end."""
    ends = np.sort(generator.integers(0, 8, (n, 2)).astype(float), axis=1)
    if distinct:
        ends += np.sort(generator.uniform(0, 1, (n, 2)), axis=1)
    lower, upper = ends[:, 0], ends[:, 1] + 1.0
    lower = np.where(generator.random(n) < 0.2, -np.inf, lower)
    upper = np.where(generator.random(n) < 0.2, np.inf, upper)
    if exact:
        upper = np.where(generator.random(n) < 0.4, np.where(np.isinf(lower), upper, lower), upper)
    return lower, np.where(np.isinf(lower) & np.isinf(upper), 3.0, upper)


def random_rows(seed, n=25, **kind):
    return rows_of.censored(*interval_rows(np.random.default_rng(seed), n, **kind))


# Kaplan and Meier -----------------------------------------------------------------------------------------------------


def test_the_table_of_the_leukemia_remissions():
    curve = th.survival_curve(LEUKEMIA)
    assert curve.method == "Kaplan–Meier"
    np.testing.assert_array_equal(curve.time, [6, 7, 10, 13, 16, 22, 23])
    np.testing.assert_array_equal(curve.start, curve.time)
    np.testing.assert_array_equal(curve.at_risk, [21, 17, 15, 12, 11, 7, 6])
    np.testing.assert_array_equal(curve.events, [3, 1, 1, 1, 1, 1, 1])
    np.testing.assert_allclose(curve.survival, [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], atol=5e-4)
    np.testing.assert_allclose(
        curve.standard_error, [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346], atol=5e-5
    )
    # survfit(..., conf.type = "log-log")
    np.testing.assert_allclose(curve.lower, [0.620, 0.563, 0.503, 0.432, 0.368, 0.268, 0.188], atol=5e-4)
    np.testing.assert_allclose(curve.upper, [0.952, 0.923, 0.889, 0.849, 0.805, 0.747, 0.680], atol=5e-4)
    assert (curve.n, curve.last, curve.shortfall, curve.notes) == (21.0, 35.0, 0.0, ())
    np.testing.assert_allclose(curve.at([5.9, 6.0, 9.99, 100.0]), [1.0, 18 / 21, 0.806722689, 0.448179272])


def test_without_censoring_it_is_the_share_that_is_larger():
    x = np.random.default_rng(1).normal(size=200).round(1)
    curve = th.survival_curve(x)
    np.testing.assert_allclose(curve.survival, [(x > t).mean() for t in curve.time], atol=1e-15)
    share = curve.survival
    np.testing.assert_allclose(curve.standard_error, np.sqrt(share * (1 - share) / 200), atol=1e-12)


def test_the_end_at_zero_has_limits():
    curve = th.survival_curve([1.0, 2.0, 3.0])
    assert (curve.survival[-1], curve.standard_error[-1], curve.lower[-1]) == (0.0, 0.0, 0.0)
    assert curve.upper[-1] == curve.upper[-2] < 1
    (only,) = (th.survival_curve([2.0, 2.0]),)
    assert (only.lower[0], only.upper[0]) == (0.0, 1.0)
    for one in (curve, only):
        assert np.isfinite([one.survival, one.standard_error, one.lower, one.upper]).all()


def test_level_of_the_limits():
    wide, narrow = th.survival_curve(LEUKEMIA, 0.99), th.survival_curve(LEUKEMIA, 0.5)
    assert (wide.lower < narrow.lower).all() and (wide.upper > narrow.upper).all()
    none = th.survival_curve(LEUKEMIA, 0.0)
    np.testing.assert_allclose(none.lower, none.survival)


def test_the_limits_hold_the_truth_as_often_as_they_say():
    truth = th.Weibull(scale=10.0, concentration=1.5)
    held = np.zeros(2)
    for seed in range(200):
        x, c = truth.sample(100, seed=seed), th.Exponential(scale=15.0).sample(100, seed=seed, stream=1)
        curve = th.survival_curve(rows_of.from_events(np.minimum(x, c), x <= c))
        for i, t in enumerate((5.0, 10.0)):
            at = np.searchsorted(curve.time, t, "right") - 1
            held[i] += curve.lower[at] <= truth.sf(t) <= curve.upper[at]
    assert (held >= 180).all()  # 190 expected, three standard deviations


@pytest.mark.parametrize("discrete", [False, True])
def test_turnbull_s_estimate_of_censored_rows_is_kaplan_and_meier_s(discrete):
    for seed in range(20):
        generator = np.random.default_rng(seed)
        time, event = generator.integers(1, 12, 40), generator.random(40) < 0.6
        rows = rows_of.from_events(time, event)
        curve = th.survival_curve(rows, kind="discrete" if discrete else "continuous")
        assert curve.method == "Kaplan–Meier"
        found = self_consistent(rows, discrete=discrete)
        np.testing.assert_array_equal(found.time, curve.time)
        np.testing.assert_array_equal(found.start, curve.time)
        np.testing.assert_allclose(found.survival, curve.survival, atol=1e-6)
        if found.standard_error is not None:
            np.testing.assert_allclose(found.standard_error, curve.standard_error, atol=1e-6)
        np.testing.assert_allclose(found.events / found.at_risk, curve.events / curve.at_risk, rtol=1e-5)


def test_ties_with_censored_rows():
    rows = rows_of.from_events([2.0, 2.0, 3.0], [1, 0, 1])
    np.testing.assert_allclose(th.survival_curve(rows).survival, [2 / 3, 0.0])
    # Of counts the second row says "2 or more", and is no evidence against 2.
    np.testing.assert_allclose(th.survival_curve(rows, kind="discrete").survival, [1 / 2, 0.0])


def test_delayed_entry_by_hand():
    #      entry, time, event
    rows = [(0, 3, 1), (0, 5, 0), (2, 4, 1), (3, 6, 1), (4, 7, 1), (1, 7, 0)]
    entry, time, event = np.array(rows, float).T
    curve = th.survival_curve(rows_of.truncated(rows_of.from_events(time, event.astype(int)), low=entry))
    np.testing.assert_array_equal(curve.time, [3, 4, 6, 7])
    # At 3 are rows 1, 2, 3, 6; the fourth enters at 3, and is at risk after it.
    np.testing.assert_array_equal(curve.at_risk, [4, 4, 3, 2])
    np.testing.assert_allclose(curve.survival, np.cumprod([3 / 4, 3 / 4, 2 / 3, 1 / 2]))
    variance = np.cumsum([1 / (4 * 3), 1 / (4 * 3), 1 / (3 * 2), 1 / (2 * 1)])
    np.testing.assert_allclose(curve.standard_error, curve.survival * np.sqrt(variance))
    assert curve.window == (0.0, math.inf)


def test_who_is_seen_at_the_edge_of_a_window_is_at_risk_there():
    curve = th.survival_curve(rows_of.truncated([1.0, 2.0, 3.0, 1.0], 1.0))
    np.testing.assert_allclose(curve.survival, [0.5, 0.25, 0.0])
    mixed = th.survival_curve(rows_of.truncated([1.0, 2.0, 3.0, 4.0], [1.0, 0.0, 1.0, 2.0]))
    np.testing.assert_array_equal(mixed.at_risk, [3, 2, 2, 1])


def test_turnbull_s_estimate_with_delayed_entry_is_the_product_limit():
    generator = np.random.default_rng(5)
    x, entry = generator.weibull(1.5, 300) * 10, generator.exponential(2, 300)
    x, entry = x[x > entry], entry[x > entry]
    last = entry + generator.exponential(12, len(x))
    rows = rows_of.truncated(rows_of.from_events(np.minimum(x, last), x <= last), low=entry)
    curve, found = th.survival_curve(rows), self_consistent(rows)
    np.testing.assert_allclose(found.survival, curve.survival, atol=1e-6)


def test_what_the_risk_set_cannot_tell_is_noted():
    early = rows_of.truncated(rows_of.from_events([1.0, 5.0, 6.0], [1, 1, 1]), low=[0.0, 2.0, 2.0])
    assert "curve is 0 from there" in th.survival_curve(early).notes[0]
    gap = rows_of.truncated(rows_of.from_events([1.0, 2.0, 6.0], [1, 0, 1]), low=[0.0, 0.0, 3.0])
    assert "between 2 and 3" in th.survival_curve(gap).notes[0]
    assert "between 2 and 3" in str(th.survival_curve(gap).table())


def test_weights_are_repetitions():
    generator = np.random.default_rng(2)
    counts = generator.integers(0, 4, 21)
    counts[0] = 2
    for rows in (LEUKEMIA, random_rows(3, 21), random_rows(4, 21, exact=True)):
        many = rows_of.censored(np.repeat(rows.lower, counts), np.repeat(rows.upper, counts))
        weighted, repeated = th.survival_curve(rows, weights=counts), th.survival_curve(many)
        for name in ("time", "start", "at_risk", "events", "survival"):
            np.testing.assert_allclose(getattr(weighted, name), getattr(repeated, name), rtol=1e-5, atol=1e-7)
        assert weighted.n == counts.sum()
    fractional = th.survival_curve(LEUKEMIA, weights=np.full(21, 0.1))
    np.testing.assert_allclose(fractional.survival, th.survival_curve(LEUKEMIA).survival)
    assert th.survival_curve([1.0, 2.0, 3.0], weights=[0.1, 0.2, 0.3]).survival[-1] == 0.0


# Turnbull -------------------------------------------------------------------------------------------------------------


def likelihood_of(curve, rows, discrete=False):
    """The log-likelihood of the curve, with the mass of a cell at its end: inside every row that holds the cell."""
    beyond = curve.survival[-1] if len(curve) else 1.0
    place = np.append(curve.time, np.inf)
    mass = np.append(curve.before - curve.survival, beyond)
    exact = rows.lower == rows.upper
    above = (place >= rows.lower[:, None]) if discrete else (place > rows.lower[:, None])
    inside = np.where(exact[:, None], place == rows.lower[:, None], above & (place <= rows.upper[:, None]))
    probability = inside @ mass
    if rows.window_low is not None:
        seen = (place > rows.window_low[:, None]) & (place <= rows.window_high[:, None])
        probability = probability / (seen @ mass)
    return float(np.log(probability).sum())


def largest_likelihood(rows, starts=3):
    """Over masses at every end, just after it, and between each two ends, by a general optimiser."""
    ends = np.unique(np.concatenate([rows.lower, rows.upper]))
    ends = ends[np.isfinite(ends)]
    places = np.unique(np.concatenate([ends, ends + 1e-6, [ends[0] - 1, ends[-1] + 1]]))
    exact = (rows.lower == rows.upper)[:, None]
    inside = np.where(
        exact,
        places == rows.lower[:, None],
        (places > rows.lower[:, None]) & (places <= rows.upper[:, None]),
    ).astype(float)
    seen = np.ones_like(inside)
    if rows.window_low is not None:
        seen = ((places > rows.window_low[:, None]) & (places <= rows.window_high[:, None])).astype(float)

    def minus(logits):
        mass = np.exp(np.maximum(logits - logits.max(), -40.0))
        row, window = inside @ mass, seen @ mass
        gradient = (inside.T @ (1 / row) - seen.T @ (1 / window)) * mass
        return -float((np.log(row) - np.log(window)).sum()), -gradient

    generator = np.random.default_rng(0)
    found = [
        minimize(
            minus, generator.normal(size=len(places)), jac=True, method="BFGS", options={"maxiter": 2000, "gtol": 1e-7}
        )
        for _ in range(starts)
    ]
    return -min(one.fun for one in found)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("kind", [{}, {"exact": True}, {"distinct": True}])
def test_the_likelihood_of_intervals_is_the_largest(seed, kind):
    rows = random_rows(seed, 12, **kind)
    curve = th.survival_curve(rows)
    reached, largest = likelihood_of(curve, rows), largest_likelihood(rows)
    assert reached >= largest - 1e-6
    assert reached <= largest + 0.1  # the optimiser stops short of masses of 0
    assert 0 <= curve.shortfall <= turnbull.SHORTFALL


@pytest.mark.parametrize("seed", range(6))
def test_the_likelihood_in_windows_is_the_largest(seed):
    generator = np.random.default_rng(seed)
    x = generator.uniform(0, 10, 40)
    low, high = generator.uniform(0, 4, 40), generator.uniform(5, 10, 40)
    kept = (x > low) & (x < high)
    rows = rows_of.truncated(x[kept], low[kept], high[kept])
    curve = th.survival_curve(rows)
    assert curve.method == "Turnbull"
    assert likelihood_of(curve, rows) >= largest_likelihood(rows, 1) - 1e-6


@pytest.mark.parametrize("kind", [{}, {"exact": True}, {"distinct": True}])
def test_the_masses_are_self_consistent(kind):
    """Turnbull's equation: a mass is the mean over the rows of the probability of its cell, given the row."""
    rows = random_rows(1, 200, **kind)
    ends = survival.usable_rows(rows, None, False).ends
    found = turnbull.estimate(ends, np.ones(200))
    inside = (found.start >= ends.lower[:, None]) & (found.time <= ends.upper[:, None])
    # A cell that is a point at the open end of a row is not in it.
    inside &= ~(ends.lower_open[:, None] & (found.time == ends.lower[:, None]))
    share = inside * found.mass / (inside @ found.mass)[:, None]
    np.testing.assert_allclose(share.mean(0), found.mass, atol=1e-5)
    score = (inside / (inside @ found.mass)[:, None]).sum(0)
    assert score.max() - 200 <= turnbull.SHORTFALL * 1.01


def test_bins_are_their_own_cells():
    counts, edges = np.array([4, 10, 3, 0, 2]), np.array([0.0, 1.0, 2.0, 5.0, 6.0, 9.0])
    curve = th.survival_curve(rows_of.binned(counts, edges))
    np.testing.assert_allclose(curve.survival, [15 / 19, 5 / 19, 2 / 19, 0.0], atol=1e-12)
    np.testing.assert_allclose(curve.time, [1, 2, 5, 9], atol=1e-12)
    np.testing.assert_array_equal(curve.start, [0, 1, 2, 6])
    share = curve.survival
    np.testing.assert_allclose(curve.standard_error, np.sqrt(share * (1 - share) / 19), atol=1e-9)


def test_intervals_that_touch_do_not_meet():
    rounded = th.survival_curve(rows_of.rounded([1.0, 1.0, 2.0, 3.0], 1.0))
    np.testing.assert_allclose(rounded.survival, [0.5, 0.25, 0.0], atol=1e-12)
    np.testing.assert_array_equal(rounded.start, [0.5, 1.5, 2.5])
    # Of counts the end belongs to both.
    counts = th.survival_curve(rows_of.censored([1.0, 2.0], [2.0, 3.0]), kind="discrete")
    np.testing.assert_array_equal(counts.time, [2.0])


def test_bins_of_single_counts_are_known_counts():
    curve = th.survival_curve(rows_of.binned([5, 3, 2], [0, 1, 2, 3]), kind="discrete")
    assert curve.method == "Turnbull"  # the last bin holds 2 and 3
    np.testing.assert_array_equal(curve.start, [0, 1, 2])
    np.testing.assert_array_equal(curve.time, [0, 1, 3])
    np.testing.assert_allclose(curve.survival, [0.5, 0.2, 0.0], atol=1e-12)


def test_open_ends_keep_their_mass():
    curve = th.survival_curve(rows_of.censored([-np.inf, 2.0, 3.0, 3.0], [1.0, 3.0, np.inf, np.inf]))
    np.testing.assert_array_equal(curve.time, [1.0, 3.0])
    np.testing.assert_array_equal(curve.start, [-np.inf, 2.0])
    np.testing.assert_allclose(curve.survival, [0.75, 0.5], atol=1e-9)


def test_one_window_leaves_the_shares_as_they_are():
    x = np.array([1.5, 2.0, 2.0, 3.5])
    for low, high in ((1.0, 4.0), (-np.inf, 4.0), (1.0, np.inf)):
        curve = th.survival_curve(rows_of.truncated(x, low, high))
        assert curve.method == "Kaplan–Meier"
        assert curve.window == (low, high)
        np.testing.assert_allclose(curve.survival, [0.75, 0.25, 0.0])


def test_values_seen_below_an_end_are_reversed_survival():
    """Right truncation is left truncation of time run backwards."""
    generator = np.random.default_rng(3)
    x, high = generator.uniform(0, 10, 120), generator.uniform(3, 12, 120)
    x, high = x[x < high], high[x < high]
    curve = th.survival_curve(rows_of.truncated(x, high=high))
    backwards = th.survival_curve(rows_of.truncated(-x, low=-high))
    np.testing.assert_allclose(1.0 - curve.before, backwards.survival[::-1], atol=1e-6)


def test_a_search_that_is_cut_short_says_so(monkeypatch):
    monkeypatch.setattr(turnbull, "ROUNDS", 1)
    rows = random_rows(1, 300, distinct=True)
    curve = th.survival_curve(rows)
    assert curve.shortfall > 1e-3
    assert f"larger by {curve.shortfall:.2g} at most" in curve.notes[-1]
    monkeypatch.undo()
    assert likelihood_of(th.survival_curve(rows), rows) - likelihood_of(curve, rows) <= curve.shortfall


def test_many_rows():
    generator = np.random.default_rng(8)
    n = 20000
    x = generator.weibull(1.5, n) * 10
    looks = np.concatenate([np.zeros((n, 1)), generator.exponential(6, (n, 3)).cumsum(1), np.full((n, 1), np.inf)], 1)
    place = (looks < x[:, None]).sum(1) - 1
    curve = th.survival_curve(rows_of.censored(looks[np.arange(n), place], looks[np.arange(n), place + 1]))
    assert curve.shortfall <= 1e-6
    assert curve.standard_error is None and "standard errors" in curve.notes[0]
    at = np.linspace(2, 20, 10)
    np.testing.assert_allclose(curve.at(at), np.exp(-((at / 10) ** 1.5)), atol=0.06)


# Reports and errors ---------------------------------------------------------------------------------------------------


def test_the_table():
    text = str(th.survival_curve(LEUKEMIA).table())
    assert text.splitlines()[0] == "Kaplan–Meier estimate"
    assert [line.split() for line in text.splitlines() if line.strip().startswith("22")] == [
        ["22", "7", "1", "0.537815", "0.128234", "0.267779", "0.746791"]
    ]
    assert "95 % from" in text
    assert th.survival_curve(LEUKEMIA)._repr_html_().count("<tr>") == 9
    long = th.survival_curve(np.arange(1000.0))
    assert "60 of 1000 places are shown" in str(long.table())
    assert "\n 999 " in str(long.table())
    window = th.survival_curve(rows_of.truncated([2.0, 3.0], 1.0, [4.0, 5.0]))
    assert "given         1 <= X <= 5" in str(window.table())
    bins = th.survival_curve(rows_of.binned([4, 10], [0.0, 1.0, 2.0]))
    assert "0 to 1" in str(bins.table())


def test_only_censored_rows_have_a_level_curve():
    curve = th.survival_curve(rows_of.from_events([1.0, 2.0], [0, 0]))
    assert len(curve) == 0 and curve.at(1.5) == 1.0 and curve.last == 2.0
    assert "time" in str(curve.table())


def test_nothing_is_nan():
    for seed in range(30):
        curve = th.survival_curve(random_rows(seed, 15, exact=bool(seed % 2)))
        for name in ("time", "survival", "at_risk", "events", "standard_error", "lower", "upper"):
            values = getattr(curve, name)
            assert values is None or np.isfinite(values).all()
        assert (np.diff(curve.survival) < 0).all()


REFUSED = [
    (lambda: th.survival_curve(LEUKEMIA, 1.0), th.ParameterError, "level: must be below 1"),
    (lambda: th.survival_curve(LEUKEMIA, "high"), th.ParameterError, "level: must be a number"),
    (lambda: th.survival_curve(LEUKEMIA, kind="counts"), th.UnknownNameError, "kind: 'counts' is unknown"),
    (lambda: th.survival_curve([1.0, math.nan]), th.DataError, "x: must not be NaN; got nan at index 1"),
    (lambda: th.survival_curve([1.0, math.inf]), th.DataError, r"x: must be finite; got inf to inf at index 1 \(1 in all\). Drop"),
    (lambda: th.survival_curve([]), th.DataError, "at least one observation"),
    (lambda: th.survival_curve(["a"]), th.DtypeError, "text"),
    (lambda: th.survival_curve([1.0, 2.0], weights=[1.0]), th.DataError, "weights: must have one value per observation"),
    (lambda: th.survival_curve(rows_of.censored([-math.inf], [math.inf])), th.DataError, "x: must have a row with a finite end"),
    (
        lambda: th.survival_curve(rows_of.censored([1.0, 1.2], [2.0, 1.8]), kind="discrete"),
        th.DataError,
        "x: must hold a whole number for discrete values; got 1.2 to 1.8 at index 1",
    ),
    (
        lambda: th.survival_curve(rows_of.truncated([1.0, 2.0, 7.0, 8.0], [0, 0, 6, 6], [3, 3, 9, 9])),
        th.DataError,
        "x: windows must overlap to be compared; no window holds both 2 and 7. Estimate",
    ),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_bad_input_is_refused(number):
    call, error, message = REFUSED[number]
    with pytest.raises(error, match=message):
        call()


def test_the_curve_is_frozen():
    with pytest.raises(AttributeError):
        th.survival_curve(LEUKEMIA).n = 3.0


def test_examples():
    outcome = doctest.testmod(survival)
    assert outcome.attempted >= 4 and outcome.failed == 0
