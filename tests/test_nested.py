"""Nested limits, over all that the registry declares and what modifiers make of them: fits, statistics, p-values."""

from __future__ import annotations

import dataclasses
import doctest
import importlib
import math
from functools import cached_property

import numpy as np
import pytest
import thetahat as th
from combinations import SINGLES
from registry import FAMILIES, quick_share
from thetahat import nested
from thetahat.info import forward

SEED = 20261126
SAMPLES, ROWS = 400, 200


class Declared:
    """A family and one of the limits that it declares."""

    def __init__(self, family, info):
        self.family, self.info = family, info

    def __str__(self):
        return f"{self.family.info.name}-{self.info.family}"

    @cached_property
    def limit(self):
        return th.family_class(self.info.family)

    def null(self):
        """A member of the limit family at which tests look, with draws that tell its parameters apart."""
        return self.limit(*self.limit.info.cases[0])

    def draws(self, n, stream):
        model = self.null()
        x = model.sample(n, seed=SEED, stream=stream).astype(float)
        return x[np.isfinite(model.log_prob(x))]

    def settled_draws(self, n):
        """Draws at which the family has a maximum: some likelihoods rise to the end of several parameters at once."""
        for stream in range(20):
            x = self.draws(n, stream)
            if self.fit(x).status in ("converged", "boundary"):
                return x
        raise AssertionError(f"{self}: no maximum in 20 samples")

    def fit(self, x, **options):
        return self.family.fit(x, **options)

    def test(self, x, **options):
        fit = self.fit(x, **options)
        return fit, next(each for each in fit.nested_tests() if each.limit.family == self.info.family)


PLAIN = [Declared(cls, info) for cls in FAMILIES for info in cls.info.limits]
MODIFIED = [Declared(made.family, info) for made in SINGLES for info in made.family.info.limits]
# An inflated law of counts with an end that is estimated, as in the discretized uniform's.
ENDED = [th.discretized(cls) for cls in FAMILIES if cls.info.boundary_maximum and cls.info.kind == "continuous"]
IRREGULAR = [Declared(made, info) for made in map(th.zero_inflated, ENDED) for info in made.info.limits]


def over(declared, quick=16, most=None):
    """Every declared limit; those of so many families outside the slow set."""
    return lambda function: pytest.mark.parametrize("declared", declared, ids=str)(quick_share(quick, most)(function))


def test_limits_of_every_kind_are_tested():
    assert {d.info.kind for d in PLAIN} >= {"interior", "boundary"}
    assert {d.info.kind for d in MODIFIED} >= {"interior", "boundary"}
    assert "irregular" in {d.info.kind for d in IRREGULAR}


@over(PLAIN + MODIFIED)
def test_a_declaration_names_what_there_is(declared):
    info, family = declared.info, declared.family.info
    (parameter,) = (p for p in family.parameters if p.name == info.parameter)
    assert not math.isnan(info.value)
    at_end = info.value in {"real": (math.inf, -math.inf), "positive": (0.0, math.inf), "nonnegative": (0.0, math.inf),
                            "unit": (0.0, 1.0), "above_one": (1.0, math.inf)}[parameter.domain]  # fmt: skip
    if info.kind != "irregular":  # which may lie anywhere: an information without rank inside, or an end
        assert at_end == (info.kind == "boundary")
    assert {a.source for a in info.arguments} | {info.threshold} <= {*family.parameter_names, ""} - {info.parameter}
    assert {a.name for a in info.arguments} <= set(declared.limit.info.parameter_names)
    # One parameter less is free.
    free = [sum(p.default is None for p in cls.info.parameters) for cls in (declared.family, declared.limit)]
    assert free[0] == free[1] + 1


@over(PLAIN + [d for d in MODIFIED if d.info.kind == "interior"])
def test_the_family_is_its_limit_at_the_value(declared):
    """The same density with every argument mapped, at the value or ever closer to it."""
    info, null = declared.info, declared.null()
    unmapped = {p.name for p in declared.family.info.parameters} - {a.source for a in info.arguments} - {info.parameter}
    if any(p.default is None for p in declared.family.info.parameters if p.name in unmapped):
        pytest.skip("a free parameter is a function of two")
    theta = {p.name: p.default for p in declared.family.info.parameters if p.name in unmapped}
    for argument in info.arguments:  # each transform of one argument is its own inverse
        assert argument.transform in ("identity", "reciprocal", "complement")
        theta[argument.source] = forward(argument.transform, null.parameters[argument.name])
    value = info.value if math.isfinite(info.value) else 1e13
    (parameter,) = (p for p in declared.family.info.parameters if p.name == info.parameter)
    value = 1e-13 if value == 0.0 and parameter.domain == "positive" else value  # an end that no member has
    model = declared.family(**theta, **{info.parameter: value})
    x = np.unique(null.icdf(np.array([0.05, 0.3, 0.7, 0.95])))
    np.testing.assert_allclose(model.log_prob(x), null.log_prob(x), rtol=1e-11, atol=1e-11)


@over(PLAIN + MODIFIED, quick=3, most=30)
def test_a_fit_is_never_below_its_limit(declared, monkeypatch):
    """Under the limit, and under the family itself; where samples are drawn for a p-value, a few are enough for this."""
    monkeypatch.setattr(nested, "BOOTSTRAP_DRAWS", 9)
    samples = [declared.draws(ROWS, stream) for stream in range(3)]
    samples.append(declared.family(*declared.family.info.cases[0]).sample(ROWS, seed=SEED).astype(float))
    for x in samples:
        fit = declared.fit(x)
        if fit.status not in ("converged", "boundary"):
            continue
        test = next(each for each in fit.nested_tests() if each.limit.family == declared.info.family)
        if test.limit.status not in ("converged", "boundary"):
            assert math.isnan(test.statistic) and "no test" in str(test)
            continue
        assert test.statistic >= 0.0, (fit, test)
        assert test.limit.log_likelihood <= fit.log_likelihood + 1e-9 * (1 + abs(fit.log_likelihood)), (fit, test)
        assert 0.0 < test.p_value <= 1.0 and f"{test.p_value:.3g}" in str(test)
        assert test.limit == declared.limit.fit(x)


@over([d for d in PLAIN + MODIFIED if math.isfinite(d.info.value) and d.info.kind == "interior"], quick=3, most=30)
def test_the_limit_is_the_family_with_the_parameter_held(declared):
    x = declared.family(*declared.family.info.cases[0]).sample(ROWS, seed=SEED)
    held = declared.fit(x, fixed={declared.info.parameter: declared.info.value})
    limit = declared.limit.fit(x)
    if limit.status == "unbounded":  # as above
        assert held.status == limit.status
        return
    if held.status == "iteration_limit":
        pytest.skip(held.reason)
    assert held.log_likelihood == pytest.approx(limit.log_likelihood, rel=1e-9, abs=1e-9)
    assert held.nested_tests() == tuple(t for t in held.nested_tests() if t.parameter != declared.info.parameter)


@over(PLAIN, quick=0, most=8)
def test_five_per_cent_of_samples_of_the_limit_are_rejected(declared):
    check_rejections(declared)


@over([d for d in MODIFIED if d.info.kind != "irregular"], quick=0, most=6)
def test_five_per_cent_of_samples_of_a_modified_limit_are_rejected(declared):
    check_rejections(declared)


def check_rejections(declared):
    """Within 5 binomial standard deviations: a right test fails with probability below 1e-5 for each limit.

    Windows that hide most of a law leave some samples without a maximum (a normal law's, where the window's rows are
    flatter than uniform); those have no test.
    """
    p_values = []
    for stream in range(SAMPLES):
        fit = declared.fit(declared.draws(ROWS, stream))
        if fit.status in ("converged", "boundary"):
            p_values += [each.p_value for each in fit.nested_tests() if each.limit.family == declared.info.family]
    assert len(p_values) >= 0.75 * SAMPLES and not np.isnan(p_values).any()
    rejected = np.mean(np.array(p_values) < 0.05)
    assert abs(rejected - 0.05) <= 5 * math.sqrt(0.05 * 0.95 / len(p_values)), rejected


@over(PLAIN)
def test_what_is_far_from_the_limit_is_told_apart(declared):
    """The declared member of the family that is farthest from the limit."""
    p_values = []
    for case in declared.family.info.cases:
        model = declared.family(*case)
        x = model.sample(5000, seed=SEED)
        if np.isfinite(model.log_prob(x)).all() and declared.fit(x).status in ("converged", "boundary"):
            p_values.append(declared.test(x)[1].p_value)
    assert np.nanmin(p_values) <= (1 / (1 + nested.BOOTSTRAP_DRAWS) if declared.info.kind == "irregular" else 1e-6)


# How a test is asked for ------------------------------------------------------------------------------------------------

ONE = PLAIN[0]


@over(PLAIN)
def test_documents_weights_and_held_parameters(declared):
    x = declared.settled_draws(ROWS)
    fit, test = declared.test(x)
    read = th.Fit.from_json(fit.to_json())
    assert read == fit
    with pytest.raises(th.FitError, match=r"fit\.nested_tests\(x\)"):
        read.nested_tests()
    assert read.nested_tests(x) == fit.nested_tests() == fit.nested_tests(x)
    with pytest.raises(th.DataError, match="observations of the fit"):
        read.nested_tests(np.concatenate([x, x]))

    # Counts of rows, and the same rows with a precision: the statistic belongs to so many rows.
    counts = np.full(len(x), 3)
    _, thrice = declared.test(x, weights=counts)
    assert thrice.statistic == pytest.approx(3 * test.statistic, rel=1e-6, abs=1e-6)
    precise, same = declared.test(x, weights=th.precision(counts))
    assert same.statistic == pytest.approx(test.statistic, rel=1e-6, abs=1e-6)
    assert same.limit == declared.limit.fit(x, weights=th.precision(counts))
    assert th.Fit.from_json(precise.to_json()).nested_tests(x, weights=th.precision(counts)) == precise.nested_tests()
    with pytest.raises(th.FitError, match="importance"):
        declared.fit(x, weights=th.importance(counts)).nested_tests()


@over(PLAIN)
def test_what_the_fit_holds_the_limit_holds(declared):
    x, free = declared.draws(ROWS, 0), [p.name for p in declared.family.info.parameters if p.default is None]
    whole = declared.fit(x)
    for name in free:
        if name == declared.info.parameter or not 0.0 < abs(whole.parameters[name]) < math.inf:
            continue  # a value that only a limit has cannot be held
        fit = declared.fit(x, fixed={name: whole.parameters[name]})
        tests = [each for each in fit.nested_tests() if each.limit.family == declared.info.family]
        (source,) = [a for a in declared.info.arguments if a.source == name] or [None]
        assert len(tests) == (source is not None)
        for test in tests:
            expected = forward(source.transform, whole.parameters[name])
            assert test.limit.parameters[source.name] == pytest.approx(expected, rel=1e-12)
            assert test.limit.free == fit.free - 1 and test.statistic >= 0.0
    for value in (0.5, 0.9, 1.1, 2.0):
        fit = declared.fit(x, fixed={declared.info.parameter: value})
        if fit.status in ("converged", "boundary"):
            break
    assert all(each.parameter != declared.info.parameter for each in fit.nested_tests())
    document = th.Fit.from_json(fit.to_json())
    with pytest.raises(th.FitError, match="were held"):
        document.nested_tests(x)


@over([d for d in PLAIN if d.info.threshold])
def test_a_threshold_that_is_held_shifts_the_limit(declared):
    x, name = declared.draws(ROWS, 0), declared.info.threshold
    _, test = declared.test(x)
    moved = declared.fit(x + 8.0, fixed={name: 8.0})
    (shifted,) = moved.nested_tests()
    assert shifted.limit.family == f"shifted({declared.info.family}, threshold=8.0)"
    assert shifted.statistic == pytest.approx(test.statistic, rel=1e-6, abs=1e-6)
    free = declared.family._limits({})
    assert all(limit.family != declared.info.family for limit in free)


@over(PLAIN + MODIFIED, quick=3, most=30)
def test_censored_rows(declared):
    x = declared.draws(ROWS, 1)
    late = np.quantile(x, 0.8)
    rows = th.observations.from_events(np.minimum(x, late), x <= late)
    fit = declared.fit(rows)
    if fit.status not in ("converged", "boundary"):
        pytest.skip(f"{fit.status}: {fit.reason}")
    test = next(each for each in fit.nested_tests() if each.limit.family == declared.info.family)
    assert test.limit == declared.limit.fit(rows) and test.statistic >= 0.0
    assert math.isnan(test.p_value) == (test.kind == "irregular")


def test_no_maximum_no_test():
    fit = ONE.fit(np.full(5, float(ONE.draws(1, 0)[0])))
    assert fit.status not in ("converged", "boundary")
    with pytest.raises(th.FitError, match=fit.status):
        fit.nested_tests()


def test_a_family_without_limits_has_no_tests(vector_family):
    assert vector_family.info.limits == ()
    assert th.fit(vector_family, np.random.default_rng(1).random((20, 2))).nested_tests() == ()


def test_examples_run():
    for name in ("thetahat.nested", "thetahat.fit"):  # as modules: a function hides the second in the package
        outcome = doctest.testmod(importlib.import_module(name))
        assert outcome.attempted and not outcome.failed


@over(PLAIN, quick=2)
def test_the_bootstrap_finds_the_p_value_that_theory_knows(declared):
    """Where the law of the statistic is known, the parametric bootstrap estimates it from 199 samples.

    Within 5 binomial standard deviations, and 0.02 for what 200 rows lack to the limit; the samples are fixed.
    """
    info = dataclasses.replace(declared.info, kind="irregular")
    for stream in range(6):
        fit, known = declared.test(declared.draws(ROWS, stream))
        found = nested._test(fit, declared.family, fit.data, fit.held, info)
        again = nested._test(fit, declared.family, fit.data, fit.held, info)
        p = known.p_value
        assert found == again and found.statistic == known.statistic
        assert abs(found.p_value - p) <= 5 * math.sqrt(p * (1 - p) / nested.BOOTSTRAP_DRAWS) + 0.02, (found, known)
        assert f"p = {found.p_value:.3g}" in found.text


@over(PLAIN)
def test_the_bootstrap_needs_rows_like_which_it_can_draw(declared):
    x, info = declared.settled_draws(ROWS), dataclasses.replace(declared.info, kind="irregular")
    for rows, weights in ((x, th.precision(np.full(len(x), 2.0))), (th.observations.censored(x, x + 1.0), None)):
        fit = declared.fit(rows, weights=weights)
        if fit.status not in ("converged", "boundary"):
            pytest.skip(f"{fit.status}: {fit.reason}")
        test = nested._test(fit, declared.family, fit.data, fit.held, info)
        if test.limit.status not in ("converged", "boundary"):
            continue
        assert math.isnan(test.p_value) and test.statistic >= 0.0 and "fully known rows" in test.text
