"""log_prob and its derivatives against the oracle, over the whole domain, within the accuracy that a family declares."""

import math

import numpy as np
import pytest
import thetahat as th
from mpmath import isfinite, mp, mpf
from reference import high_precision as oracle
from reference import witness
from reference.oracle import ORACLE
from registry import EPSILON, TINY, quick_cases, quick_share

ROWS = 1000


def exact_values(case, x):
    return [oracle.log_prob(case.name, case.theta, float(value)) for value in x]


def bound(case, x):
    """C ε max(1, |log p|, |x ∂ₓ log p|, maxⱼ |θⱼ ∂ⱼ log p|)."""
    return case.family.info.accuracy * EPSILON * oracle.conditioning(case.name, case.theta, float(x))


def test_every_family_stands_in_the_oracle(family):
    assert family.info.name in ORACLE
    assert ORACLE[family.info.name].lattice == (family.info.kind == "discrete")


@quick_cases(1)
@quick_share(8)
def test_the_oracle_integrates_to_one(case):
    assert abs(oracle.mass(case.name, case.theta) - 1) < mpf(10) ** -30


def test_log_prob_within_the_declared_accuracy(case):
    x = case.everywhere()
    failures = []
    for value, got, expected in zip(x, case.model.log_prob(x), exact_values(case, x), strict=True):
        if not isfinite(expected) or math.isinf(float(expected)):
            if got != float(expected):
                failures.append((float(value), got, float(expected)))
        elif not abs(mpf(got) - expected) <= bound(case, value):
            errors = float(abs(mpf(got) - expected) / bound(case, value)) if np.isfinite(got) else math.inf
            failures.append((float(value), got, float(expected), f"{errors:.3g} bounds"))
    assert not failures, failures


def test_edges_and_outside_of_the_support(case):
    with mp.workdps(50):
        exact_ends = oracle.support(case.name, case.theta)
    for end, closed in case.edges():
        if mpf(end) not in exact_ends:
            continue  # the end is no float64
        expected = float(oracle.log_prob(case.name, case.theta, end)) if closed else -math.inf
        assert case.model.log_prob(end) == pytest.approx(expected, rel=16 * EPSILON, abs=16 * EPSILON)
    lower, upper = case.model.support
    # Beside zero the least normal number: what is smaller may be flushed to it by a scale.
    before, beyond = np.nextafter(lower, -np.inf) if lower else -TINY, np.nextafter(upper, np.inf)
    outside = [-math.inf, math.inf, before, beyond, lower - 1, upper + 1]
    outside = [value for value in outside if not (np.isfinite(value) and lower <= value <= upper)]
    if case.discrete:
        outside += [lower + 0.5, lower - 1, 1e6 + 0.25]
    np.testing.assert_array_equal(case.model.log_prob(np.array(outside)), -np.inf)
    np.testing.assert_array_equal(case.model.prob(np.array(outside)), 0.0)


def test_log_prob_is_never_nan(case):
    """Whatever finite value comes: subnormal, the largest, either zero, and integers beyond what a float64 resolves."""
    x = np.array([0.0, -0.0, 5e-324, -5e-324, TINY, -TINY, 1e308, -1e308, 1.7976931348623157e308, -1.7976931348623157e308])
    for values in (x, np.array([2**53, -(2**53)])):
        assert not np.isnan(case.model.log_prob(values)).any(), values[np.isnan(case.model.log_prob(values))]


def test_prob_is_the_exponential_of_log_prob(case):
    x = case.everywhere()
    np.testing.assert_allclose(case.model.prob(x), np.exp(case.model.log_prob(x)), rtol=4 * EPSILON)


def derivative_scale(jet, j):
    """What the rounding of a score in relative steps is measured in: itself and how fast it changes."""
    return max(1, abs(jet.value), *map(abs, jet.gradient), *(abs(part) for part in jet.hessian[j]))


@quick_share(12)
def test_score_against_derivatives_of_the_oracle(case):
    x = case.typical()
    failures = []
    for value, row in zip(x, case.model.score(x), strict=True):
        jet = oracle.jet(case.name, case.theta, float(value))
        if not jet.smooth:
            continue
        for j, got in ((j + 1, row[j]) for j in case.differentiable()):
            error = abs(mpf(got) * jet.units[j] - jet.gradient[j])
            allowed = case.family.info.accuracy * EPSILON * derivative_scale(jet, j)
            if not error <= allowed:
                failures.append((float(value), j - 1, got, float(jet.gradient[j] / jet.units[j]), f"{float(error / allowed):.3g} bounds"))
    assert not failures, failures


@quick_share(8)
def test_information_against_derivatives_of_the_oracle(case):
    """Within C ε times the sizes of the second derivatives, of the score, and of their own changes."""
    x = [float(value) for value in case.typical() if oracle.jet(case.name, case.theta, float(value)).smooth]
    if not x:
        pytest.skip("no typical value is smooth and normal")
    jets = [oracle.jet(case.name, case.theta, value) for value in x]
    changes = [oracle.hessian_change(case.name, case.theta, value) for value in x]
    information = case.model.information(np.array(x))
    count = len(case.theta)
    assert information.shape == (count, count)
    np.testing.assert_array_equal(information, information.T)
    for j in (j + 1 for j in case.differentiable()):
        for k in (k + 1 for k in case.differentiable()):
            expected, allowed = mpf(0), mpf(0)
            for jet, change in zip(jets, changes, strict=True):
                unit = jet.units[j] * jet.units[k]
                expected -= jet.hessian[j][k] / unit
                allowed += max(derivative_scale(jet, j), derivative_scale(jet, k), change[j][k]) / unit
            allowed *= case.family.info.accuracy * EPSILON
            got = mpf(information[j - 1, k - 1])
            assert abs(got - expected) <= allowed, (j - 1, k - 1, float(got), float(expected), float(abs(got - expected) / allowed))


def test_log_prob_against_the_third_witness(case):
    x = case.typical()
    ours, theirs = case.model.log_prob(x), witness.log_prob(case.model, x)
    scale = np.array([float(oracle.conditioning(case.name, case.theta, float(value))) for value in x])
    allowed = witness.RELATIVE_ACCURACY * scale + witness.cancelled(case.theta)
    assert (abs(ours - theirs) <= allowed).all(), list(zip(x, ours, theirs, strict=True))


@pytest.mark.parametrize("weighted", [False, True], ids=["unit weights", "weights"])
@quick_share(8)
def test_log_likelihood_is_the_sum_of_log_prob(case, weighted):
    """Unit weights take the sum of products, weights the sum of logarithms: both are the same sum to rounding."""
    x = case.draws(ROWS, seed=11)
    rows = case.model.log_prob(x)
    weights = np.linspace(0.0, 3.0, ROWS) if weighted else None
    factors = weights if weighted else np.ones(ROWS)
    present = factors > 0
    expected = math.fsum(rows[present] * factors[present])
    if not math.isfinite(expected):
        pytest.skip("extreme shapes round some draws to an edge that is left out")
    step = np.unique(x)[:: max(1, len(np.unique(x)) // 10)]
    conditioning = max(float(oracle.conditioning(case.name, case.theta, float(value))) for value in step)
    allowed = case.family.info.accuracy * EPSILON * conditioning * factors.sum()
    assert abs(case.model.log_likelihood(x, weights) - expected) <= allowed


def test_log_likelihood_of_array_parameters_is_the_sum_of_log_prob(case):
    x = case.draws(ROWS, seed=12)
    columns = case.family(*(np.full(ROWS, value) for value in case.theta))
    weights = np.arange(ROWS) % 3
    rows = case.model.log_prob(x)
    assert columns.log_likelihood(x) == pytest.approx(math.fsum(rows), rel=16 * EPSILON, abs=EPSILON * ROWS)
    weighted = math.fsum(rows[weights > 0] * weights[weights > 0])
    assert columns.log_likelihood(x, weights) == pytest.approx(weighted, rel=16 * EPSILON, abs=EPSILON * ROWS)


def test_a_weight_of_zero_leaves_a_row_out(case):
    x = case.usable_draws(64, seed=13).astype(float)
    weights = np.ones(64)
    lower, upper = case.model.support
    x[5], weights[5] = (lower - 1 if np.isfinite(lower) else 0.0), 0.0
    kept = np.arange(64) != 5
    expected = case.model.log_likelihood(x[kept], weights[kept])
    assert case.model.log_likelihood(x, weights) == pytest.approx(expected, rel=4 * EPSILON)


def test_a_row_outside_the_support_has_no_log_likelihood(case):
    """It would make the sum -inf whatever the rest: the row is named in its place."""
    x = case.usable_draws(100, seed=14).astype(float)
    ends = [end for end in case.model.support if np.isfinite(end)]
    outside = [math.inf, -math.inf, *(end + (1 if end == case.model.support[1] else -1) for end in ends)]
    for value in outside:
        bad = np.insert(x, 17, value)
        assert case.model.log_prob(bad)[17] == -math.inf
        for weights in (None, np.full(bad.size, 0.5)):
            with pytest.raises(th.DataError, match="index 17"):
                case.model.log_likelihood(bad, weights)
