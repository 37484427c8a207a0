"""Fits: the truth is recovered, the certificate holds when recomputed, and what should not matter does not.

Statistical tests compare estimates with their standard errors at 6 standard errors: a false alarm of 2e-9 per parameter
under the normal law; samples are large enough for skewness to raise that by less than a factor of 1000. Seeds are fixed.
"""

import math

import numpy as np
import pytest
import thetahat as th
from reference import witness
from registry import EPSILON, FAMILIES, fit_like, known, quick_cases, quick_share

ROWS = 4000
WIDE = 6.0
DECREMENT = 1e-12
LOG_LIKELIHOOD = 1e-9
HAS_MODEL = ("converged", "boundary", "iteration_limit", "stopped")


def usable(case, n, seed):
    """Draws that the family's own support holds, not all alike."""
    draws = case.usable_draws(n, seed)
    if n > 100 and (draws == draws[0]).all():
        pytest.skip("all draws are equal: flat samples have tests of their own")
    return draws


def regular_parameters(case, fit):
    """Positions of the estimated parameters for which the theory has standard errors."""
    parameters = enumerate(case.family.info.parameters)
    return [i for i, p in parameters if not p.boundary and p.name not in case.known() and np.isfinite(fit.standard_errors[p.name])]


def standard_errors(case, fit):
    return np.array([fit.standard_errors[name] for name in case.family.info.parameter_names])


def estimates(case, fit):
    return np.array([fit.parameters[name] for name in case.family.info.parameter_names])


def error_tolerance(case, fit, chosen):
    """How well standard errors are known: a fit stops within 1e-6 of them from the maximum, and there they change by
    about twice the relative change of a parameter."""
    relative = standard_errors(case, fit)[chosen] / abs(estimates(case, fit)[chosen])
    positive = [case.family.info.parameters[i].domain != "real" for i in chosen]
    return 1e-6 * (1 + 2 * relative[positive].sum())


# The answer -----------------------------------------------------------------------------------------------------------


@quick_cases(2)
def test_the_truth_is_recovered(case):
    x = usable(case, ROWS, seed=41)
    fit = case.fit(x)
    fit.require("converged", "boundary")
    assert fit.log_likelihood >= case.model.log_likelihood(x) - LOG_LIKELIHOOD * (1 + abs(fit.log_likelihood))
    chosen = regular_parameters(case, fit)
    for i in chosen:
        estimate, truth, error = estimates(case, fit)[i], case.theta[i], standard_errors(case, fit)[i]
        if case.family.info.parameters[i].coordinate == "reciprocal":  # on which the estimate is close to normal
            estimate, truth, error = 1 / estimate, 1 / truth, error / estimate**2
        assert abs(estimate - truth) <= WIDE * error, fit
    for parameter in case.family.info.parameters:
        if parameter.boundary and parameter.name not in case.known():
            assert fit.parameters[parameter.name] in (x.min(), x.max())
            assert math.isnan(fit.standard_errors[parameter.name])


@quick_cases(2)
def test_the_certificate_holds_when_recomputed(case):
    """sᵀ I⁻¹ s <= 1e-12 from the public score and information, or the score at the rounding of its own terms."""
    x = usable(case, ROWS, seed=42)
    fit = case.fit(x)
    chosen = regular_parameters(case, fit)
    if fit.status != "converged" or not chosen or case.family.info.information == "expected":
        return
    scores = case.family(**fit.parameters).score(x)[:, chosen]
    score = np.array([math.fsum(column) for column in scores.T])
    information = case.family(**fit.parameters).information(x)[np.ix_(chosen, chosen)]
    assert (np.linalg.eigvalsh(information / np.sqrt(np.outer(information.diagonal(), information.diagonal()))) > 0).all()
    step = np.linalg.solve(information, score)
    rounding = case.family.info.accuracy * EPSILON * abs(scores).sum(axis=0)
    # A float64 estimate is half a spacing off in each parameter.
    spacing = np.spacing(abs(estimates(case, fit)[chosen]))
    representable = 0.25 * spacing @ abs(information) @ spacing
    assert score @ step <= DECREMENT + representable or (abs(score) <= rounding).all(), (score @ step, score, rounding)
    expected = np.sqrt(np.linalg.inv(information).diagonal())
    np.testing.assert_allclose(standard_errors(case, fit)[chosen], expected, rtol=error_tolerance(case, fit, chosen))
    covariance = fit.covariance[np.ix_(chosen, chosen)]
    np.testing.assert_allclose(np.sqrt(covariance.diagonal()), standard_errors(case, fit)[chosen], rtol=4 * EPSILON)


@quick_share(16)
def test_the_log_likelihood_is_that_of_the_model(case):
    x = usable(case, ROWS, seed=43)
    fit = case.fit(x)
    weights = np.arange(ROWS) % 4
    weighted = case.fit(x, weights=weights)
    for result, arguments in ((fit, (x,)), (weighted, (x, weights))):
        if result.status in HAS_MODEL:
            assert result.log_likelihood == pytest.approx(result.model.log_likelihood(*arguments), rel=LOG_LIKELIHOOD, abs=LOG_LIKELIHOOD)


@quick_cases(1)
@quick_share(12)
def test_no_worse_than_scipy(case):
    if all(parameter.boundary for parameter in case.family.info.parameters):
        pytest.skip("extreme observations are the estimates, and a search finds no whole numbers")
    for seed in (44, 45):
        x = usable(case, 1000, seed)
        ours = case.fit(x).log_likelihood
        assert ours >= witness.fitted_log_likelihood(case, x) - LOG_LIKELIHOOD * (1 + abs(ours))


@quick_share(16)
def test_no_worse_than_nearby_parameters(case):
    """A maximum: moving any regular parameter by a thousandth of its error, either way, does not help."""
    x = usable(case, ROWS, seed=46)
    fit = case.fit(x)
    if fit.status != "converged":
        return
    best = fit.model.log_likelihood(x)
    for position in regular_parameters(case, fit):
        for factor in (-1e-3, 1e-3, -0.3, 0.3):
            theta = estimates(case, fit)
            theta[position] += factor * standard_errors(case, fit)[position]
            try:
                moved = case.family(*theta)
            except th.ParameterError:
                continue
            assert moved.log_likelihood(x) <= best + LOG_LIKELIHOOD * (1 + abs(best))


# Equivariance ---------------------------------------------------------------------------------------------------------

LEVELS = np.array([0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99])


def assert_mapped(fit, reference, shift, factor):
    """The fit of shift + factor·x is the mapped fit of x, to 1e-12 of the scale.

    Quantiles say so for any parameters: they move with the data. A float64 near `shift` cannot say it better than its
    spacing.
    """
    assert fit.status == reference.status
    if fit.status not in HAS_MODEL:
        return
    base = reference.model.icdf(LEVELS)
    expected, got = shift + factor * base, fit.model.icdf(LEVELS)
    scale = factor * np.maximum(base[4] - base[2], abs(base - base[3]))
    assert (abs(got - expected) <= 1e-12 * scale + 2 * np.spacing(abs(expected))).all(), (got - expected) / scale


def held_at(case, shift, factor):
    """What a fit holds by default, where data that were moved and scaled have it: places move with them."""
    domains = {parameter.name: parameter.domain for parameter in case.family.info.parameters}
    return {
        name: shift + factor * value if domains[name] == "real" else value for name, value in case.known().items()
    } or None


@quick_cases(1)
@quick_share(24)
def test_scaled_data(case):
    """y = fl(10^k x) against the fit of y·2^-m, which is exact."""
    if case.family.info.group != "none":
        for exponent in (-12, -6, 6, 12):
            check_scaled_data(case, exponent)


def check_scaled_data(case, exponent):
    y = 10.0**exponent * usable(case, 1000, seed=47)
    binary = 2.0 ** round(exponent * math.log2(10))
    held, shrunk = held_at(case, 0.0, 10.0**exponent), held_at(case, 0.0, 10.0**exponent / binary)
    fit = case.family.fit(y, fixed=held)
    reference = case.family.fit(y / binary, fixed=shrunk)
    assert_mapped(fit, reference, 0.0, binary)


@quick_cases(1)
@quick_share(24)
def test_moved_and_scaled_data(case):
    """y = fl(1e9 + 10^k x) against the fit of y - 1e9 on the rows where that difference is exact."""
    if case.family.info.group == "location_scale":
        for exponent in (-12, -6, -3, 0, 3, 6, 12):
            check_moved_data(case, exponent)


def check_moved_data(case, exponent):
    y = 1e9 + 10.0**exponent * usable(case, 1000, seed=48)
    y = y[(y - 1e9) + 1e9 == y]
    back = y - 1e9
    moved, kept = held_at(case, 1e9, 10.0**exponent), held_at(case, 0.0, 10.0**exponent)
    assert_mapped(case.family.fit(y, fixed=moved), case.family.fit(back, fixed=kept), 1e9, 1.0)


@quick_share(16)
def test_the_order_of_rows_does_not_matter(case):
    x = usable(case, 1000, seed=49)
    fit, reverse = case.fit(x), case.fit(x[::-1].copy())
    assert reverse.status == fit.status
    chosen = regular_parameters(case, fit)
    np.testing.assert_allclose(
        estimates(case, reverse)[chosen], estimates(case, fit)[chosen], rtol=1e-12, atol=1e-6 * standard_errors(case, fit)[chosen].max(initial=0)
    )


# Arguments ------------------------------------------------------------------------------------------------------------


@quick_share(16)
def test_weights_are_repetitions(case):
    x = usable(case, 1000, seed=50)
    weights = np.arange(1000) % 3
    weighted, repeated = case.fit(x, weights=weights), case.fit(np.repeat(x, weights))
    assert weighted.status == repeated.status
    assert weighted.n == repeated.n == weights.sum()
    assert weighted.log_likelihood == pytest.approx(repeated.log_likelihood, rel=LOG_LIKELIHOOD, abs=LOG_LIKELIHOOD)
    chosen = regular_parameters(case, repeated)
    errors = standard_errors(case, repeated)[chosen]
    distance = abs(estimates(case, weighted)[chosen] - estimates(case, repeated)[chosen])
    assert (distance <= 1e-6 * errors).all()
    np.testing.assert_allclose(standard_errors(case, weighted)[chosen], errors, rtol=1e-5)


def test_rows_of_weight_zero_are_absent(case):
    """Also for the checks: they may lie outside the support."""
    x = usable(case, 200, seed=51).astype(float)
    padded, weights = np.concatenate([x, [-1e300, 0.25, 1e300]]), np.concatenate([np.ones(200), np.zeros(3)])
    absent, reference = case.fit(padded, weights=weights), case.fit(x, weights=np.ones(200))
    assert (absent.status, absent.n) == (reference.status, 200)
    assert absent.log_likelihood == pytest.approx(reference.log_likelihood, rel=LOG_LIKELIHOOD, nan_ok=True)


@quick_share(16)
def test_the_meaning_of_weights(case):
    x = usable(case, 1000, seed=52)
    weights = 0.5 + np.arange(1000) % 5
    frequency, precision, importance = (case.fit(x, weights=w) for w in (weights, th.precision(weights), th.importance(weights)))
    assert (frequency.n, precision.n) == (weights.sum(), 1000)
    assert importance.n == pytest.approx(weights.sum() ** 2 / (weights**2).sum())
    scaled = case.fit(x, weights=th.importance(7 * weights))
    tolerance = error_tolerance(case, frequency, regular_parameters(case, frequency))
    for name in case.family.info.parameter_names:
        assert precision.parameters[name] == frequency.parameters[name] == importance.parameters[name]
        expected = frequency.standard_errors[name] * math.sqrt(frequency.n / precision.n)
        assert precision.standard_errors[name] == pytest.approx(expected, rel=1e-12, nan_ok=True)
        assert scaled.standard_errors[name] == pytest.approx(importance.standard_errors[name], rel=tolerance, nan_ok=True)


@quick_share(16)
def test_held_parameters(case):
    x = usable(case, 1000, seed=53)
    free = case.fit(x)
    names = [name for name in case.family.info.parameter_names if name not in case.known()]
    if len(names) < 2:
        return
    for name, value in zip(case.family.info.parameter_names, case.theta, strict=True):
        if name not in names or next(p for p in case.family.info.parameters if p.name == name).boundary:
            continue
        held = case.family.fit(x, fixed={**case.known(), name: value})
        assert held.parameters[name] == value
        assert held.free == free.free - 1
        assert not held.standard_errors[name] > 0
        slack = LOG_LIKELIHOOD * (1 + abs(free.log_likelihood))
        assert case.model.log_likelihood(x) - slack <= held.log_likelihood <= free.log_likelihood + slack
    everything = dict(zip(case.family.info.parameter_names, case.theta, strict=True))
    nothing_left = case.family.fit(x, fixed=everything)
    assert nothing_left.free == 0 and nothing_left.model == case.model
    assert nothing_left.log_likelihood == pytest.approx(case.model.log_likelihood(x), rel=1e-12)


def test_fixed_and_start_are_checked(family):
    x = family(*family.info.cases[0]).sample(50, seed=54)
    name = family.info.parameter_names[-1]
    with pytest.raises(th.UnknownNameError, match="nonsense"):
        family.fit(x, fixed={"nonsense": 1.0})
    with pytest.raises(th.ParameterError, match=f"{name}.*nan"):
        family.fit(x, fixed={name: math.nan})
    with pytest.raises(th.ParameterError, match="one number"):
        family.fit(x, fixed={name: [family.info.cases[0][-1]] * 2})
    free = [p.name for p in family.info.parameters if p.default is None]
    with pytest.raises(th.ParameterError, match=f"start: lacks {free[0]}"):
        family.fit(x, start={})
    with pytest.raises(th.ParameterError, match="start:"):
        other = next(cls for cls in FAMILIES if cls is not family)
        family.fit(x, start=other(*other.info.cases[0]))
    with pytest.raises(th.ParameterError, match="progress"):
        family.fit(x, progress="loud")
    with pytest.raises(th.ParameterError, match="missing"):
        family.fit(x, missing="ignore")


@quick_share(16)
def test_the_start_does_not_change_the_answer(case):
    x = usable(case, 1000, seed=55)
    fit, started = case.fit(x), case.fit(x, start=case.model)
    assert started.status == fit.status
    chosen = regular_parameters(case, fit)
    distance = abs(estimates(case, started)[chosen] - estimates(case, fit)[chosen])
    assert (distance <= 1e-6 * standard_errors(case, fit)[chosen]).all()
    slack = LOG_LIKELIHOOD * (1 + abs(fit.log_likelihood))
    assert abs(started.log_likelihood - fit.log_likelihood) <= slack


def test_missing_values(case):
    x = usable(case, 100, seed=56).astype(float)
    gaps = np.insert(x, [3, 50], np.nan)
    with pytest.raises(th.DataError, match=r"index 3.*drop|drop.*index 3"):
        case.fit(gaps)
    dropped = case.fit(gaps, missing="drop")
    assert dropped.dropped == 2
    expected = case.fit(x).to_dict()["parameters"]
    assert dropped.to_dict()["parameters"] == expected
    assert case.fit(np.ma.masked_invalid(gaps), missing="drop").to_dict()["parameters"] == expected
    weights = np.ones(102)
    assert case.fit(gaps, weights=weights, missing="drop").n == 100


def test_names_and_classes_are_the_same(family):
    x = family(*family.info.cases[0]).sample(60, seed=57)
    fixed = known(family, family.info.cases[0]) or None
    by_class, by_name, by_class_name = (th.fit(of, x, fixed=fixed) for of in (family, family.info.name, family.__name__))
    assert family.fit(x, fixed=fixed) == by_class == by_name == by_class_name


# Small and flat data --------------------------------------------------------------------------------------------------


def check_verdict(case, fit):
    """Whatever the status: numbers stand with the status that they deserve."""
    numbers = [value for value in fit.parameters.values()]
    if fit.status == "converged":
        assert np.isfinite(numbers).all() and np.isfinite(fit.log_likelihood)
        assert fit.model.parameters == dict(fit.parameters)
    elif fit.status == "iteration_limit":
        assert "iterations" in fit.reason
    elif fit.status == "boundary":
        assert fit.reason and np.isfinite(fit.model.log_likelihood(np.asarray(fit.data.values)))
    else:
        assert fit.status in ("unbounded", "degenerate", "not_identified")
        assert fit.reason
        assert all(math.isnan(error) for error in fit.standard_errors.values())
        with pytest.raises(th.FitError):
            fit.require()


def test_no_observation_is_refused(family):
    for empty in ([], np.empty(0), np.empty(0, dtype=int)):
        with pytest.raises(th.DataError, match="empty"):
            family.fit(empty)


@pytest.mark.parametrize("n", [1, 2, 3])
@quick_share(8)
def test_few_observations(case, n):
    fit = case.fit(usable(case, n, seed=58))
    check_verdict(case, fit)


def test_all_observations_equal(case):
    value = usable(case, 1, seed=59)
    for n in (1, 2, 100):
        fit = case.fit(np.repeat(value, n))
        check_verdict(case, fit)
        regular_shape = len(regular_parameters(case, fit))
        if fit.status == "converged" and regular_shape:
            # Only a family without a free spread may stay regular on a point mass.
            assert np.linalg.eigvalsh(case.family(**fit.parameters).information(np.repeat(value, n))).max() > 0
        if case.family.info.group == "location_scale":
            assert fit.status in ("degenerate", "not_identified", "unbounded"), fit


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@quick_share(8)
def test_nan_and_infinity_are_refused_with_their_place(case, bad):
    x = usable(case, 50, seed=60).astype(float)
    x[[17, 30]] = bad
    for call in (case.fit, lambda values: case.fit(values, weights=np.ones(50))):
        with pytest.raises(th.DataError, match=r"(?s)(2 .*index 17|index 17.*2 )"):
            call(x)


def test_observations_outside_the_support_are_refused_with_their_place(family):
    support = family.info.support
    model = family(*family.info.cases[0])
    x = model.sample(50, seed=61).astype(float)
    outside = [end for end in (support.lower - 1, support.upper + 1) if np.isfinite(end)]
    outside += [end for end, closed in ((support.lower, support.lower_closed), (support.upper, support.upper_closed)) if np.isfinite(end) and not closed]
    outside += [0.5] if family.info.kind == "discrete" else []
    for value in outside:
        bad = x.copy()
        bad[[17, 30]] = value
        with pytest.raises(th.DataError, match=r"(?s)(2 .*index 17|index 17.*2 )"):
            fit_like(model, bad)


# The Fit as a value ---------------------------------------------------------------------------------------------------


def test_criteria_are_recomputed(case):
    x = usable(case, 500, seed=62)
    fit = case.fit(x)
    k, n, value = fit.free, fit.n, fit.log_likelihood
    assert (n, k) == (500, len(case.theta) - len(case.known()))
    assert fit.aic == pytest.approx(2 * k - 2 * value, rel=1e-14, nan_ok=True)
    assert fit.aicc == pytest.approx(2 * k - 2 * value + 2 * k * (k + 1) / (n - k - 1), rel=1e-14, nan_ok=True)
    assert fit.bic == pytest.approx(k * math.log(n) - 2 * value, rel=1e-14, nan_ok=True)
    assert fit.passes >= 1 and fit.iterations >= 0 and fit.seconds >= 0


@quick_share(16)
def test_confidence_intervals(case):
    """Wald on the parameter's own coordinate: to first order the estimate plus and minus z errors."""
    fit = case.fit(usable(case, ROWS, seed=63))
    for level, z in ((0.95, 1.959963984540054), (0.5, 0.6744897501960817)):
        for parameter in case.family.info.parameters:
            interval = fit.confidence_intervals(level)[parameter.name]
            estimate, error = fit.parameters[parameter.name], fit.standard_errors[parameter.name]
            if not np.isfinite(error):
                assert interval is None
                continue
            low, high = interval
            assert low < estimate < high
            if parameter.coordinate == "identity":
                spacing = 2 * np.spacing(abs(estimate))
                assert high - estimate == pytest.approx(z * error, rel=1e-6, abs=spacing)
                assert estimate - low == pytest.approx(z * error, rel=1e-6, abs=spacing)
            elif parameter.coordinate == "log":
                assert low * high == pytest.approx(estimate**2)
                assert math.log(high / low) == pytest.approx(2 * z * error / estimate)
            elif parameter.coordinate == "reciprocal" and np.isfinite(high):
                assert 1 / low + 1 / high == pytest.approx(2 / estimate)
            elif parameter.coordinate == "logit":
                assert 0 < low and high < 1
    for level in (-0.1, 1.5, "x", None):
        with pytest.raises(th.ParameterError, match="level"):
            fit.confidence_intervals(level)


def test_a_fit_is_neither_true_nor_false(family):
    model = family(*family.info.cases[0])
    fit = fit_like(model, model.sample(50, seed=64))
    for question in (bool, lambda f: not f, lambda f: 1 if f else 0):
        with pytest.raises(th.FitError, match="status"):
            question(fit)
    assert fit.require(fit.status) is fit
    other = next(status for status in ("converged", "degenerate") if status != fit.status)
    with pytest.raises(th.FitError, match=fit.status):
        fit.require(other)
    with pytest.raises(th.UnknownNameError, match="did you mean.*converged"):
        fit.require("convergd")


@quick_share(16)
def test_a_fit_is_written_and_read(case):
    x = usable(case, 300, seed=65)
    for fit in (case.fit(x), case.fit(x, weights=th.importance(np.arange(300) % 7 + 0.1)), case.fit(np.repeat(x[:1], 9))):
        back = th.Fit.from_json(fit.to_json())
        assert back == fit and hash(back) == hash(fit) and back.to_dict() == fit.to_dict()
        assert str(fit.summary()) and "<table" in fit._repr_html_() and case.family.__name__ in repr(fit)
        assert fit.status in str(fit.summary()) and fit.status in repr(fit)
    assert case.fit(x) == case.fit(x) and case.fit(x) != case.fit(x[1:])
    with pytest.raises(AttributeError):
        fit.status = "converged"
    with pytest.raises(TypeError):
        fit.parameters["loc"] = 0.0
    document = case.fit(x).to_dict()
    for broken in ({**document, "schema": "thetahat.fit/999"}, {k: v for k, v in document.items() if k != "status"}):
        with pytest.raises(th.DataError):
            th.Fit.from_dict(broken)
    with pytest.raises(th.UnknownNameError):
        th.Fit.from_dict({**document, "status": "fine"})


# Passes over the data -------------------------------------------------------------------------------------------------


@pytest.mark.slow
@quick_cases(99)
def test_passes_over_large_data(case):
    """Sufficient statistics take one pass; other regular families at most 4, the certificate included."""
    if case.number > 1:
        return
    x = usable(case, 200_000, seed=66)
    fit = case.fit(x)
    if fit.status == "converged":
        # A median is found by passes too, though in closed form: it is no sum over the rows.
        by_sums = case.family.info.fit_method not in ("passes", "boundary") and case.family.info.information == "observed"
        assert fit.passes <= (1 if by_sums else 4), fit.passes
    assert fit.status in ("converged", "boundary")
