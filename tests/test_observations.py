"""Rows that are intervals or were seen through a window: every family, against the oracle's integrals."""

from __future__ import annotations

import doctest
import functools
import itertools
import math
import pathlib
import re

import numpy as np
import pytest
import thetahat as th
from mpmath import inf, log, mp, mpf
from reference import high_precision as hp
from reference.oracle import ORACLE
from registry import EPSILON, FAMILIES, Case, fit_like, lot, quick_share

rows_of = th.observations
# Laws whose support moves with a parameter: the oracle differentiates under the integral, which knows no moving ends.
SMOOTH = [cls for cls in FAMILIES if not cls.info.boundary_maximum]
FIRST = [Case(cls, 0) for cls in SMOOTH]
# What a score is good for, in units of its own size: of its standard deviation, or of itself where that is larger.
SCORE_ACCURACY = 1e-11


def ends_of(case):
    """Intervals in either tail, in the bulk, narrow and wide, with ends that the law can tell apart."""
    model = case.model
    q = [*(float(model.icdf(p)) for p in (1e-12, 1e-3, 0.3, 0.31, 0.9)), *(float(model.isf(p)) for p in (1e-3, 1e-12))]
    pairs = [
        (-math.inf, q[0]), (-math.inf, q[2]), (-math.inf, q[4]), (q[2], q[3]), (q[1], q[4]), (q[0], q[5]),
        (q[2], math.inf), (q[4], math.inf), (q[6], math.inf), (q[5], q[6]),
    ]  # fmt: skip
    lower, upper = model.support
    least = -math.inf if case.discrete else max(lower, 1e-300 if lower == 0 else lower)
    return [(a, b) for a, b in pairs if a < b and a < upper and b > least]


def free_parameters(case):
    """Indices of the parameters that move no end of the support."""
    support = hp.support(case.name, case.theta)
    free = []
    for i, value in enumerate(case.theta):
        moved = list(case.theta)
        moved[i] = value * (1 + 1e-3) if value else 1e-3
        if hp.support(case.name, tuple(moved)) == support:
            free.append(i)
    return tuple(free)


def score_weights(name, theta, free):
    """The oracle's score in steps relative to each parameter, after the constant one."""
    step, density = mpf(10) ** -18, ORACLE[name].log_density

    def weight(i):
        moved = [mpf(value) for value in theta]
        moved[i] += step * (abs(moved[i]) or mpf(1))
        return lambda x, log_p: (density(x, *moved) - log_p) / step

    return [hp.one, *map(weight, free)]


@functools.cache
def tail_sums(name, theta, end, side, free):
    """The probability of a tail and its derivatives; tails are what the oracle's rule is made for."""
    if math.isinf(end):
        return [mpf(0)] * (1 + len(free))
    weights = score_weights(name, theta, free)
    return hp.integrals(name, theta, weights, *((-inf, mpf(end)) if side == "left" else (mpf(end), inf)), 25)


def oracle_terms(name, theta, low, high, free):
    """log P(low <= X <= high) and its score, in steps relative to each parameter."""
    with mp.workdps(60):
        lattice, centre = ORACLE[name].lattice, ORACLE[name].centre(*hp.exact(theta))
        bottom, top = hp.support(name, theta)
        low, high = (-math.inf if low <= bottom else low), (math.inf if high >= top else high)

        def left(end):
            return tail_sums(name, theta, end, "left", free)

        def right(end):
            return tail_sums(name, theta, end, "right", free)

        if high <= centre:
            totals = [b - a for a, b in zip(left(low - lattice), left(high), strict=True)]
        elif low >= centre:
            totals = [a - b for a, b in zip(right(low), right(high + lattice), strict=True)]
        else:
            parts = zip(left(low - lattice), right(high + lattice), strict=True)
            totals = [(k == 0) - a - b for k, (a, b) in enumerate(parts)]
        return log(totals[0]), [total / totals[0] for total in totals[1:]]


def check_scores(case, pairs, rounding=8):
    free = free_parameters(case)
    units = np.array([abs(value) or 1.0 for value in case.theta])
    draws = case.model.sample(1000, seed=1)
    draws = draws[np.isfinite(case.model.log_prob(draws))]
    spread = np.sqrt(np.abs(np.diag(case.model.information(draws))) / len(draws)) * units
    for low, high in pairs:
        value, score = oracle_terms(case.name, case.theta, low, high, free)
        rows = rows_of.censored([low], [high])
        found = case.model._information(rows, None)
        conditioning = max([1.0, abs(float(value)), *spread[list(free)]])
        # Half a unit in the last place of an end moves its density, and with it the score, by this much.
        bottom, top = (float(end) for end in hp.support(case.name, case.theta))
        ends = [end for end in (low, high) if bottom < end < top]
        jets = [hp.jet(case.name, case.theta, end, order=1) for end in ends]
        shaken = EPSILON * max([0.0, *(abs(float(jet.gradient[0])) for jet in jets)])
        assert abs(found["log_likelihood"] - value) <= (64 * EPSILON + 4 * shaken) * conditioning, (low, high)
        if not free:
            continue
        size = max([1.0, *(abs(float(s)) for s in score), *spread[list(free)]])
        errors = [abs(found["score"][i] * mpf(units[i]) - s) for i, s in zip(free, score, strict=True)]
        assert max(errors) <= (SCORE_ACCURACY + rounding * shaken) * size, (low, high, float(max(errors) / size))


@pytest.mark.parametrize("member", FIRST, ids=str)
@quick_share(3)
def test_scores_of_intervals(member):
    check_scores(member, ends_of(member))


def further_case(cls):
    """One of the family's cases after the first."""
    return min((Case(cls, number) for number in range(1, len(cls.info.cases))), key=lambda case: lot("further", str(case)))


@pytest.mark.slow
@pytest.mark.parametrize("member", [further_case(cls) for cls in SMOOTH], ids=str)
def test_scores_of_intervals_everywhere(member):
    check_scores(member, ends_of(member))


def far_end(case, tail, level):
    """Where the logarithm of the tail's probability is about -level; nothing where no double is as far out as that."""
    log_p = case.model.log_cdf if tail == "left" else case.model.log_sf
    bottom, top = (float(end) for end in case.model.support)
    near = float(case.model.median)
    edge = bottom if tail == "left" else top
    if math.isinf(edge):
        steps = (near + math.copysign(2.0**k, edge) for k in range(-10, 1000))
    else:
        steps = (edge + (near - edge) * 2.0**-k for k in range(1, 1000))
    far = next((x for x in steps if x in (bottom, top) or log_p(x) <= -level), edge)
    if far in (bottom, top):
        return None
    for _ in range(40):
        middle = near + (far - near) / 2
        near, far = (near, middle) if log_p(middle) <= -level else (middle, far)
    far = float(math.ceil(far) if tail == "right" else math.floor(far)) if case.discrete else far
    return far if abs(log_p(far)) < 1.2 * level else None


def check_far_tails(case, level):
    pairs = []
    for tail in ("left", "right"):
        end = far_end(case, tail, level)
        if end is None:
            continue
        if case.discrete and abs(end) >= 2.0**53:
            continue  # where rows cannot be
        low, high = sorted((end, end * (1 + math.copysign(1e-3, end if tail == "right" else -end))))
        if case.discrete:
            low, high = math.floor(low), math.ceil(high)
        pairs += [(low, high), (end, math.inf) if tail == "right" else (-math.inf, end)]
    if not pairs:
        pytest.skip(f"no double is {level:g} nats out")
    # The score of these very ends, without what half a unit in their last place would change.
    check_scores(case, pairs, rounding=0)


@pytest.mark.parametrize("level", [1e4, 1e5])
@pytest.mark.parametrize("member", FIRST, ids=str)
@quick_share(2)
def test_scores_far_out(member, level):
    check_far_tails(member, level)


@pytest.mark.slow
@pytest.mark.parametrize("level", [1e2, 1e3])
@pytest.mark.parametrize("member", FIRST, ids=str)
def test_scores_between_bulk_and_far_out(member, level):
    check_far_tails(member, level)


@pytest.mark.parametrize("member", FIRST, ids=str)
@quick_share(6)
def test_information_of_intervals(member):
    """The observed information is minus the derivative of the score, to the 1e-6 that differences of it can show."""
    free = free_parameters(member)
    for low, high in ends_of(member):
        rows = rows_of.censored([low], [high])
        units = np.array([abs(value) or 1.0 for value in member.theta])
        found = member.model._information(rows, None)["information"] * np.outer(units, units)
        for i in free:
            differences = []
            for h in (1e-3, 5e-4):
                sides = []
                for sign in (1, -1):
                    theta = list(member.theta)
                    theta[i] += sign * h * units[i]
                    sides.append(member.family(*theta)._information(rows, None)["score"] * units)
                differences.append((sides[1] - sides[0]) / (2 * h))
            # Richardson: the error of the first is four times that of the second.
            expected = (4 * differences[1] - differences[0]) / 3
            np.testing.assert_allclose(found[i], expected, atol=1e-5 * (1 + np.abs(found).max()))


def kinds(case, n):
    """Every kind of row and three combinations, drawn from the member."""
    x = case.model.sample(n, seed=4).astype(np.float64)
    low, middle, high = np.quantile(x, [0.2, 0.5, 0.8])
    if case.discrete:
        low, middle, high = np.floor([low, middle, high])
    spread = high - low
    unit = 1.0 if case.discrete else 2.0 ** round(math.log2(spread / 4))
    rows = {
        "exact": rows_of.censored(x, x),
        "right": rows_of.censored(np.minimum(x, high), np.where(x >= high, np.inf, x)),
        "left": rows_of.censored(np.where(x <= low, -np.inf, x), np.maximum(x, low)),
        "rounded": rows_of.rounded(np.round(x / unit) * unit, unit),
        "truncated": rows_of.truncated(x[x >= low], low),
        "weighted": rows_of.censored(np.minimum(x, high), np.where(x >= high, np.inf, x), weights=np.arange(n) % 3 + 1.0),
        "right in a window": rows_of.truncated(
            rows_of.censored(np.minimum(x, high), np.where(x >= high, np.inf, x)), np.where(x < low, -np.inf, low)
        ),
        "rounded in a window": rows_of.truncated(
            rows_of.rounded(np.round(x[x > low] / unit) * unit, unit), low - unit
        ),
        "left, right and weighted": rows_of.censored(
            np.where(x <= low, -np.inf, np.minimum(x, high)), np.where(x >= high, np.inf, np.maximum(x, low)),
            weights=np.arange(n) % 2 + 1.0,
        ),
    }  # fmt: skip
    # A law of two values may be rounded to one.
    return {kind: row for kind, row in rows.items() if len(np.unique(row.lower)) > 1 or len(np.unique(row.upper)) > 1}


def oracle_score(case, rows, theta, free):
    """The oracle's log-likelihood and score of rows at theta."""
    values, kept, (lower, upper, signed) = rows_of.core_rows(rows)
    kept = np.ones(len(values)) if kept is None else kept
    total = [mpf(0)] * (len(free) + 1)
    with mp.workdps(50):
        theta, free = tuple(theta), tuple(free)
        weights = score_weights(case.name, theta, free)
        for x, w in zip(values.tolist(), kept.tolist(), strict=True):
            log_p = hp.log_prob(case.name, theta, x)
            total = [t + mpf(w) * part for t, part in zip(total, [log_p, *(s(mpf(x), log_p) for s in weights[1:])], strict=True)]
        for a, b, w in zip(lower.tolist(), upper.tolist(), signed.tolist(), strict=True):
            if case.discrete:
                a, b = math.ceil(a) if math.isfinite(a) else a, math.floor(b) if math.isfinite(b) else b
            value, score = oracle_terms(case.name, theta, a, b, free)
            total = [t + mpf(w) * part for t, part in zip(total, [value, *score], strict=True)]
    return total[0], total[1:]


@pytest.mark.parametrize("member", FIRST, ids=str)
@quick_share(0, most=30)
def test_fits_are_the_maxima_of_the_oracle(member):
    """n = 30: the oracle's own Newton step from the estimate is at most 1e-6 standard errors long."""
    for kind, rows in kinds(member, 30).items():
        fit = member.fit(rows)
        assert fit.status in ("converged", "boundary", "unbounded"), (kind, fit.status, fit.reason)
        if fit.status != "converged" or "not smooth" in fit.reason:
            continue
        theta = list(fit.parameters.values())
        free = [i for i, error in enumerate(fit.standard_errors.values()) if error > 0]
        value, score = oracle_score(member, rows, theta, free)
        assert abs(fit.log_likelihood - value) <= 1e-9 * (1 + abs(float(value))), kind
        units = np.array([abs(theta[i]) or 1.0 for i in free])
        step = fit.covariance[np.ix_(free, free)] @ (np.array([float(s) for s in score]) / units)
        errors = np.array(list(fit.standard_errors.values()))[free]
        assert np.abs(step / errors).max() <= 1e-6, (kind, step / errors)


ROUGH = [Case(cls, 0) for cls in FAMILIES if cls.info.boundary_maximum or cls.info.information == "expected"]


@pytest.mark.parametrize("member", ROUGH, ids=str)
@quick_share(0, most=8)
def test_fits_with_kinks_are_maxima_of_the_oracle(member):
    """n = 30: no step along a parameter or a diagonal, down to 1e-6 of a standard error's size, raises the oracle's value."""
    for kind, rows in kinds(member, 30).items():
        fit = member.fit(rows)
        assert fit.status == "converged", (kind, fit.status, fit.reason)
        theta = np.array(list(fit.parameters.values()))
        held = [p.default is not None for p in member.family.info.parameters]
        best = oracle_score(member, rows, theta.tolist(), [])[0]
        assert abs(fit.log_likelihood - best) <= 1e-9 * (1 + abs(float(best))), kind
        known = rows.lower[np.isfinite(rows.lower)]
        spread = max(np.ptp(known), 1e-3) / math.sqrt(len(rows))
        directions = [d for d in itertools.product((-1.0, 0.0, 1.0), repeat=len(theta)) if any(d)]
        for size in (1e-2, 1e-4, 1e-6):
            for direction in directions:
                moved = theta + np.where(held, 0.0, np.array(direction) * size * spread)
                try:
                    member.family(*moved)
                    value = oracle_score(member, rows, moved.tolist(), [])[0]
                except (th.ParameterError, ValueError):  # no member, or one that does not hold every row
                    continue
                assert value <= best + 1e-10, (kind, size, direction)


@pytest.mark.parametrize("member", [Case(cls, 0) for cls in FAMILIES], ids=str)
@quick_share(8)
def test_every_family_fits_every_kind(member):
    for kind, rows in kinds(member, 200).items():
        fit = member.fit(rows)
        # Behind a window the likelihood may rise to the end of a parameter's range that has no law of its own.
        assert fit.status in ("converged", "boundary", "unbounded"), (kind, fit.status, fit.reason)
        assert fit.status == "converged" or "window" in kind or fit.status == "boundary", (kind, fit.reason)
        if fit.status == "converged":
            truth = member.model.log_likelihood(rows)
            assert fit.log_likelihood >= truth - 1e-9 * (1 + abs(truth)), kind
            assert fit.model.log_likelihood(rows) == pytest.approx(fit.log_likelihood, rel=1e-9, abs=1e-9), kind


# Behind its window each looks best where it cannot be told from an exponential law: far from its own bulk.
LOOKS_EXPONENTIAL = [
    cls
    for cls in FAMILIES
    if cls.info.kind == "continuous" and cls.info.parameter_names == ("loc", "scale") and math.isinf(cls.info.support.lower)
    and math.isfinite(cls(*cls.info.cases[0]).variance)  # a power-law tail looks like no exponential one
]


@pytest.mark.parametrize("law", LOOKS_EXPONENTIAL, ids=lambda cls: cls.info.name)
def test_a_window_that_leaves_no_maximum(law):
    """Rows more spread than an exponential law is behind its end: the likelihood rises as the location runs away."""
    fit = th.fit(law, rows_of.truncated([0.5, 1.0, 1.5, 12.0], low=0.0))
    if fit.status == "converged":  # at a kink
        assert "not smooth" in fit.reason
        return
    assert fit.status == "unbounded"
    assert re.search(r"as loc falls( and scale \w+)?: .*give loc( or scale)? with fixed=, or fit the family", fit.reason)
    assert all(math.isnan(value) for value in fit.parameters.values())
    with pytest.raises(th.FitError, match="loc falls"):
        fit.model  # noqa: B018
    held = th.fit(law, rows_of.truncated([0.5, 1.0, 1.5, 12.0], low=0.0), fixed={"loc": 0.0})
    assert held.status == "converged"


@pytest.mark.parametrize("law", LOOKS_EXPONENTIAL, ids=lambda cls: cls.info.name)
def test_a_window_that_leaves_a_maximum(law):
    x = law(*law.info.cases[0]).sample(2000, seed=2)
    low = float(np.quantile(x, 0.2))
    fit = th.fit(law, rows_of.truncated(x[x > low], low))
    assert fit.status == "converged"
    assert fit.iterations < 20


def test_a_weak_maximum_is_one():
    """A rate whose error is six times itself: the likelihood falls, if only by a hundredth, on either side."""
    for cls in (cls for cls in FAMILIES if cls.info.kind == "continuous" and cls.info.parameter_names == ("rate",)):
        x = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.55, 0.62, 0.7, 0.83])
        fit = th.fit(cls, rows_of.truncated(x, 0.0, 1.0))
        assert fit.status == "converged"
        assert fit.standard_errors["rate"] > fit.parameters["rate"]
        even = th.fit(cls, rows_of.truncated(1.0 - x, 0.0, 1.0))  # the mirror image: the best rate is negative
        assert even.status == "unbounded" and "as rate falls" in even.reason


def test_exact_rows_are_plain_values():
    for cls in FAMILIES:
        model = cls(*cls.info.cases[0])
        x = model.sample(100, seed=3).astype(np.float64)
        plain, rows = fit_like(model, x), fit_like(model, rows_of.censored(x, x))
        assert rows.parameters == plain.parameters
        assert rows.log_likelihood == plain.log_likelihood


def test_comparison_of_censored_rows():
    x = th.Weibull(2.0, 1.5).sample(400, seed=8)
    rows = rows_of.from_events(np.minimum(x, 2.5), x <= 2.5)
    ranking = th.compare(rows)
    assert ranking.kind == "continuous"
    best = ranking.rows[0]
    assert best.log_likelihood == th.fit(best.family, rows).log_likelihood
    assert {row.family for row in ranking.rows} >= {"weibull", "gamma", "log_normal"}
    assert "beta" in {row.family for row in ranking.unranked}


REFUSED = [
    (lambda: rows_of.censored([1.0, 3.0], [2.0, 2.0]), r"lower: must not exceed upper; got 3.0 at index 1 \(1 in all\). Swap"),
    (lambda: rows_of.censored([1.0], [math.nan]), "upper: must not be NaN; got nan at index 0"),
    (lambda: rows_of.censored([1.0], [1.0, 2.0]), "upper: must be as long as lower, 1 rows; got 2"),
    (lambda: rows_of.censored([math.inf], [math.inf]), "lower: must leave something finite"),
    (lambda: rows_of.from_events([1.0, 2.0], [1]), "event: must have one entry per time"),
    (lambda: rows_of.from_events([1.0, math.nan], [1, 0]), r"time: must be finite; got nan at index 1 \(1 in all\). Leave out"),
    (lambda: rows_of.from_events([1.0, 2.0], [1, 2]), "event: must be true or false.*recode"),
    (lambda: rows_of.truncated([1.0, 5.0], 2.0), r"x: must lie in its window; got 1.0 at index 0 .*widen the window"),
    (lambda: rows_of.truncated([1.0], 2.0, 2.0), "low: must lie below high"),
    (lambda: rows_of.truncated(rows_of.truncated([3.0], 2.0), 1.0), "x: has windows already"),
    (lambda: rows_of.rounded([1.0], 0.0), "unit: must be positive and finite; got 0.0"),
    (lambda: rows_of.binned([1, 2], [0.0, 1.0]), "edges: must be one more than counts, 3; got 2"),
    (lambda: rows_of.binned([1, 2], [0.0, 2.0, 1.0]), "edges: must increase; got 1.0 at index 2"),
    (lambda: rows_of.binned([1, -2], [0.0, 1.0, 2.0]), "counts: must be finite and not negative; got -2.0 at index 1"),
    (lambda: rows_of.repeated([1.0, 2.0], [1]), r"weights: must have one value per observation"),
    (lambda: rows_of.from_scipy([1.0]), "data: must be a scipy.stats.CensoredData; got list"),
    (lambda: th.fit("gamma", rows_of.censored([-3.0], [-1.0])), "x: must satisfy x > 0 for Gamma; got -1.0 at index 0"),
    (lambda: th.fit("normal", rows_of.censored([1.0, 2.0], [math.inf, math.inf])), "all 2 rows are right-censored.*95 %.*>= 0.22"),
    (lambda: th.fit("normal", rows_of.censored([-math.inf], [2.0])), "all 1 rows are left-censored"),
    (lambda: th.fit("poisson", rows_of.censored([1.0, 1.5], [3.0, 1.5])), r"for Poisson; got 1.5 at index 1 \(1 in all\)"),
    (lambda: th.fit("poisson", rows_of.censored([1.2, 2.0], [1.8, 2.0])), "for Poisson; got 1.2 at index 0"),
    (lambda: th.fit("box", rows_of.censored([1.0], [2.0])), "Box is a family of vectors; got Observations of one"),
    (lambda: th.fit("normal", rows_of.censored([1.0], [2.0], weights=[1.0]), weights=[2.0]), "weights: x has weights of its own"),
]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_bad_rows_are_refused(number):
    call, message = REFUSED[number]
    with pytest.raises((th.DataError, th.ParameterError), match=message):
        call()


def test_importance_weights_of_intervals():
    """The sandwich, from differences of every row's own log-likelihood."""
    x, rng = th.Gamma(2.0, 1.0).sample(200, seed=6), np.random.default_rng(3)
    lower, upper = np.where(x > 3, 3.0, x), np.where(x > 3, np.inf, x + rng.random(200) * (x < 1))
    weights = rng.random(200) + 0.5
    rows = rows_of.truncated(rows_of.censored(lower, upper), low=0.05 * np.minimum(1.0, x))
    fit = th.fit("gamma", rows, weights=th.importance(weights))
    theta = np.array(list(fit.parameters.values()))

    def log_p(at):
        model, window = th.Gamma(*at), rows.window_low
        terms = np.where(lower == upper, model.log_prob(lower), model.log_prob_between(lower, upper))
        return terms - model.log_sf(window)

    scores = np.stack([(log_p(theta + h) - log_p(theta - h)) / 2e-5 for h in 1e-5 * np.eye(2)], axis=1)
    bread = np.linalg.inv(fit.model.information(rows, weights))
    expected = bread @ (scores.T * weights**2 @ scores) @ bread
    np.testing.assert_allclose(fit.covariance, expected, rtol=1e-6)
    assert fit.n == pytest.approx(weights.sum() ** 2 / (weights**2).sum())


def test_examples():
    outcome = doctest.testmod(rows_of)
    assert outcome.attempted > 10 and outcome.failed == 0
    docs = pathlib.Path(__file__).resolve().parent.parent / "docs"
    for page in ("observations.md", "coming_from.md", "modifiers.md"):
        outcome = doctest.testfile(str(docs / page), module_relative=False)
        assert outcome.attempted > 2 and outcome.failed == 0
