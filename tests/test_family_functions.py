"""cdf and its relatives, quantiles and summaries against integrals and sums of the oracle."""

import math

import numpy as np
import pytest
from mpmath import log, mp, mpf
from reference import high_precision as oracle
from registry import EPSILON, SPECIAL_ACCURACY, TINY, quick_cases, quick_share

# Tail probabilities down to where a float64 ends.
PROBABILITIES = np.array([1e-300, 1e-100, 1e-20, 1e-9, 1e-3, 0.1, 0.3, 0.5, 0.6, 0.9, 0.999, 1 - 2.0**-53])
QUANTILE_LEVELS = (1e-9, 0.05, 0.5, 0.9)
DIGITS = 20  # of the integrals, four more than a float64 shows


def tails(case, x):
    """P(X <= x) and P(X > x): the smaller by integration, the other by its complement."""
    if case.model.cdf(x) < 0.5:
        lower = oracle.cdf(case.name, case.theta, x, DIGITS)
        return lower, 1 - lower
    upper = oracle.sf(case.name, case.theta, x, DIGITS)
    return 1 - upper, upper


def allowed(case, x, probability):
    """Relative error of a tail probability: C ε times its own logarithm and its sensitivity to x and to θ.

    A location or scale moves the tail as x does; of a shape the logarithm stands for the sensitivity.
    """
    sensitivity = [1, abs(float(log(probability))) if probability > 0 else 0]
    if not case.discrete and probability > 0:
        density = oracle.log_prob(case.name, case.theta, x)
        size = max([abs(x), *(abs(value) for value in case.theta if case.family.info.group != "none")])
        sensitivity.append(float(size * oracle.exp(density) / probability))
    else:
        sensitivity.append(math.sqrt(abs(x)))
    return SPECIAL_ACCURACY * EPSILON * max(sensitivity)


def middle(case):
    """A few typical values on both sides of the median."""
    return [float(x) for x in case.inside(case.model.icdf(np.array(QUANTILE_LEVELS)))]


def close(got, expected, relative):
    return abs(mpf(got) - expected) <= relative * abs(expected) + TINY


@quick_cases(1)
@quick_share(8)
def test_cdf_and_sf_against_integrals(case):
    for x in middle(case):
        lower, upper = tails(case, x)
        if lower > TINY:
            assert close(case.model.cdf(x), lower, allowed(case, x, lower)), (x, case.model.cdf(x), float(lower))
        if upper > TINY:
            assert close(case.model.sf(x), upper, allowed(case, x, upper)), (x, case.model.sf(x), float(upper))


@quick_cases(1)
@quick_share(8)
def test_log_cdf_and_log_sf_in_the_far_tails(case):
    """Points well beyond the quantile of 1e-300, where cdf and sf themselves underflow."""
    lower, upper = case.model.support
    for ours, ends, quantile in ((case.model.log_cdf, "lower", case.model.icdf), (case.model.log_sf, "upper", case.model.isf)):
        end = lower if ends == "lower" else upper
        start, median = quantile(1e-290), case.model.median
        x = median + 1.5 * (start - median) if math.isinf(end) else end + (start - end) / 1024
        x = float(np.floor(x)) if case.discrete else x
        if not (lower < x < upper) or abs(x) < TINY or not np.isfinite(x) or x in (start, end):
            continue
        mass = oracle.cdf(case.name, case.theta, x, DIGITS) if ends == "lower" else oracle.sf(case.name, case.theta, x, DIGITS)
        if mass == 0:  # its logarithm exceeds every float64
            assert ours(x) == -math.inf
            continue
        relative = allowed(case, x, mass)
        assert abs(mpf(ours(x)) - log(mass)) <= relative * max(1, abs(log(mass))), (ends, x, ours(x), float(log(mass)))


def test_cdf_and_sf_add_up_to_one(case):
    x = case.everywhere()
    np.testing.assert_allclose(case.model.cdf(x) + case.model.sf(x), 1.0, rtol=0, atol=SPECIAL_ACCURACY * EPSILON)


def test_logarithms_of_the_tails(case):
    x = case.everywhere()
    for tail, log_tail in ((case.model.cdf, case.model.log_cdf), (case.model.sf, case.model.log_sf)):
        plain, logarithm = tail(x), log_tail(x)
        assert (logarithm <= 0).all()
        seen = plain > TINY
        relative = SPECIAL_ACCURACY * EPSILON * np.maximum(1.0, abs(logarithm[seen]))
        assert (abs(np.exp(logarithm[seen]) - plain[seen]) <= relative * plain[seen]).all()
        assert (logarithm[~seen] < math.log(TINY) + 1).all()


def test_cdf_rises_and_sf_falls(case):
    levels = np.concatenate([np.geomspace(1e-12, 0.4, 200), np.linspace(0.4, 0.999999, 200)])
    x = np.unique(case.model.icdf(levels))
    for rising in (case.model.cdf(x), case.model.sf(-np.sort(-x))):
        steps = np.diff(rising)
        # Neighbours closer than rounding resolves may tie or swap by it.
        assert (steps >= -SPECIAL_ACCURACY * EPSILON * rising[1:]).all()
        assert ((rising >= 0) & (rising <= 1)).all()


def test_outside_of_the_support_everything_has_happened_or_nothing(case):
    lower, upper = case.model.support
    before = [-math.inf, *([lower - 1.0, np.nextafter(lower, -np.inf)] if np.isfinite(lower) else [])]
    beyond = [math.inf, *([upper + 1.0, np.nextafter(upper, np.inf)] if np.isfinite(upper) else [])]
    for x, probability in ((np.array(before), 0.0), (np.array(beyond), 1.0)):
        with np.errstate(divide="ignore"):
            np.testing.assert_array_equal(case.model.cdf(x), probability)
            np.testing.assert_array_equal(case.model.sf(x), 1.0 - probability)
            np.testing.assert_array_equal(case.model.log_cdf(x), np.log(probability))
            np.testing.assert_array_equal(case.model.log_sf(x), np.log(1.0 - probability))
    if not case.discrete and np.isfinite(lower):
        assert case.model.cdf(lower) == 0.0 and case.model.sf(lower) == 1.0
    if np.isfinite(upper):
        assert case.model.cdf(upper) == 1.0 and case.model.sf(upper) == 0.0


def test_quantiles_undo_the_cdf(case):
    model = case.model
    if case.discrete:
        check_discrete_quantiles(case, model.icdf(PROBABILITIES), model.cdf, 1)
        check_discrete_quantiles(case, model.isf(PROBABILITIES), model.sf, -1)
        return
    for quantile, tail in ((model.icdf, model.cdf), (model.isf, model.sf)):
        x = quantile(PROBABILITIES)
        back = tail(x)
        # One unit in the last place of x moves the probability by |x| p(x); underflow leaves nothing to undo.
        lower, upper = case.model.support
        with np.errstate(over="ignore", invalid="ignore"):
            density = case.model.prob(x)
            spread = abs(x) * density
        seen = np.isfinite(x) & (abs(x) > TINY) & (x > lower) & (x < upper) & np.isfinite(spread)
        error = abs(back - PROBABILITIES)[seen]
        relative = 1 + abs(np.log(PROBABILITIES[seen]))
        bound = SPECIAL_ACCURACY * EPSILON * (PROBABILITIES[seen] * relative + spread[seen])
        assert (error <= bound).all(), list(zip(PROBABILITIES[seen], x[seen], back[seen], error / bound, strict=True))


def check_discrete_quantiles(case, x, tail, rising):
    """The smallest integer at which the cdf reaches q, or the sf falls to it, with rounding on either side."""
    slack = SPECIAL_ACCURACY * EPSILON * (1 + abs(np.log(PROBABILITIES)) + np.sqrt(abs(x)))
    assert (x == np.floor(x)).all()
    assert (rising * tail(x) >= rising * PROBABILITIES * (1 - rising * slack)).all()
    later = x > case.model.support[0]
    assert (rising * tail(x - 1) < rising * PROBABILITIES * (1 + rising * slack))[later].all()


def test_quantiles_of_zero_and_one_are_the_ends_of_the_support(case):
    lower, upper = case.model.support
    assert (case.model.icdf(0.0), case.model.icdf(1.0)) == (lower, upper)
    assert (case.model.isf(1.0), case.model.isf(0.0)) == (lower, upper)


def test_median_interval_and_standard_deviation(case):
    assert case.model.median == case.model.icdf(0.5)
    low, high = case.model.interval(0.9)
    tail = (1 - 0.9) / 2
    assert (low, high) == (case.model.icdf(tail), case.model.isf(tail))
    assert low <= case.model.median <= high
    covered = case.model.cdf(high) - case.model.cdf(low - (1 if case.discrete else 0))
    if case.discrete:
        assert covered >= 0.9 - 1e-9
    variance = case.model.variance
    assert case.model.stddev == pytest.approx(math.sqrt(variance), rel=EPSILON, nan_ok=True)


def test_hazard_is_density_over_survival(case):
    x = case.typical()
    survival = case.model.sf(x) + (case.model.prob(x) if case.discrete else 0.0)
    seen = survival > 1e-12
    relative = SPECIAL_ACCURACY * EPSILON * (1 + abs(case.model.log_prob(x)) + abs(case.model.log_sf(x)))
    expected = case.model.prob(x) / np.where(seen, survival, 1.0)
    assert (abs(case.model.hazard(x) - expected)[seen] <= (relative * expected)[seen]).all()


def test_nothing_is_denser_than_the_mode(case):
    mode, (lower, upper) = case.model.mode, case.model.support
    assert lower <= mode <= upper
    # At an open end the mode is a limit, approached from inside.
    first, last = (np.nextafter(lower, np.inf) if lower else TINY), np.nextafter(upper, -np.inf)
    inside = mode if case.discrete else float(np.clip(mode, first, last))
    around = [mode - 1, mode + 1] if case.discrete else [mode * (1 - 1e-3), mode * (1 + 1e-3)]
    x = case.inside([*case.typical(), *around])
    peak = case.model.log_prob(inside)
    assert (case.model.log_prob(x) <= peak + case.family.info.accuracy * EPSILON * max(1, abs(peak)) * 64).all()


def has_moment(case, order):
    """Whether |x|^order has a mean, by the power of the oracle's tails."""
    return all(order + exponent < -1 for exponent in oracle.tail_exponents(case.name, case.theta))


@quick_cases(1)
@quick_share(8)
def test_mean_variance_moments_and_entropy_against_integrals(case):
    orders = tuple(order for order in (1, 2, 3) if has_moment(case, order))
    *moments, entropy = oracle.summaries(case.name, case.theta, orders, digits=DIGITS)
    model = case.model
    size = abs(entropy) + sum(abs(math.log(abs(value))) for value in case.theta if value != 0)
    assert abs(mpf(model.entropy()) - entropy) <= SPECIAL_ACCURACY * EPSILON * max(1, size)
    scale = float(moments[1]) ** 0.5 if 2 in orders else abs(model.median) + 1.0
    for order, expected in zip(orders, moments, strict=True):
        got = model.mean if order == 1 else model.moment(order)
        assert abs(mpf(got) - expected) <= SPECIAL_ACCURACY * EPSILON * max(abs(expected), scale**order), order
    if 2 in orders:
        # About our mean, which is a number, and from there to the exact one: raw moments would cancel.
        offset, square, *third, _ = oracle.summaries(case.name, case.theta, orders, float(model.mean), DIGITS)
        with mp.workdps(60):
            variance = square - offset**2
            third = [about - 3 * offset * square + 2 * offset**3 for about in third]
        assert close(model.variance, variance, SPECIAL_ACCURACY * EPSILON * max(1, float(abs(moments[0])) / float(variance) ** 0.5))
        assert model.moment(2, central=True) == pytest.approx(model.variance, rel=SPECIAL_ACCURACY * EPSILON)
        unit = (float(variance) ** 0.5 + abs(float(moments[0]))) ** 3
        for expected in third:
            assert abs(mpf(model.moment(3, central=True)) - expected) <= SPECIAL_ACCURACY * EPSILON * max(float(abs(expected)), unit)
    assert model.moment(0) == 1.0


@quick_cases(1)
def test_skewness_and_kurtosis_against_integrals(case):
    model = case.model
    for order, got in ((3, model.skewness), (4, model.kurtosis)):
        if not has_moment(case, 2):
            assert math.isnan(got)
            continue
        if not has_moment(case, order):
            assert not np.isfinite(got)
            assert order == 3 or got == math.inf
            continue
        # About our mean, which is a number, and from there to the exact one.
        orders = tuple(range(1, order + 1))
        about = oracle.summaries(case.name, case.theta, orders, centre=float(model.mean))[:order]
        with mp.workdps(60):
            moments = [mpf(1), *about]
            central = sum(math.comb(order, k) * moments[k] * (-about[0]) ** (order - k) for k in range(order + 1))
            expected = central / (about[1] - about[0] ** 2) ** (mpf(order) / 2) - (3 if order == 4 else 0)
        assert abs(mpf(got) - expected) <= SPECIAL_ACCURACY * EPSILON * max(1, abs(expected)), (order, got, float(expected))


@quick_cases(99)
def test_skewness_and_kurtosis_are_standardised_central_moments(case):
    model = case.model
    exponents = oracle.tail_exponents(case.name, case.theta)
    for order, got in ((3, model.skewness), (4, model.kurtosis)):
        if any(abs(2 + exponent + 1) < 1e-12 for exponent in exponents):
            assert not np.isfinite(got)  # rounding of a product of parameters decides whether the variance exists
        elif not has_moment(case, 2):
            assert math.isnan(got)
        elif not has_moment(case, order):
            lower, upper = model.support
            sides = [exponent >= -order - 1 - 1e-12 for exponent in exponents]
            ends = [side for side, end in zip((-1, 1), (lower, upper), strict=True) if math.isinf(end)]
            heavy = {side for side, slow in zip(ends, sides, strict=True) if slow}
            sign = 1 if order == 4 else heavy.pop() if len(heavy) == 1 else math.nan
            np.testing.assert_equal(got, sign * math.inf)
        else:
            moment, variance = model.moment(order, central=True), model.variance
            if variance > 0 and 1e-250 < variance ** (order / 2) < 1e250 and math.isfinite(moment):
                expected = moment / variance ** (order / 2) - (3.0 if order == 4 else 0.0)
                assert abs(got - expected) <= 1e-9 * max(1.0, abs(expected))
        # Beyond what a mixture of two points of the same moments has there is none.
        if order == 4 and math.isfinite(got) and math.isfinite(model.skewness):
            assert got >= model.skewness**2 - 2.0 - 1e-9 * (1.0 + abs(got))


@quick_cases(99)
def test_moments_that_do_not_exist_are_not_finite(case):
    if not has_moment(case, 1):
        assert not np.isfinite(case.model.mean)
    if not has_moment(case, 2):
        assert not np.isfinite(case.model.variance) and not np.isfinite(case.model.moment(2))
    if not has_moment(case, 5):
        assert not np.isfinite(case.model.moment(5))


def test_moments_of_a_large_offset_keep_their_digits(case):
    """Central moments are those of the distribution moved to zero: they do not cancel."""
    spread = case.model.isf(0.25) - case.model.icdf(0.25)
    if case.family.info.group == "location_scale" and has_moment(case, 3) and spread > 0:
        third, variance = case.model.moment(3, central=True), case.model.variance
        assert abs(third) <= 1e3 * variance**1.5 or variance == 0
        assert case.model.moment(2, central=True) == pytest.approx(variance, rel=SPECIAL_ACCURACY * EPSILON)
