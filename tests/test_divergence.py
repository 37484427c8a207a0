"""Kullback's and Leibler's divergence and Fisher's information, over the registry, modifiers and users' own families."""

from __future__ import annotations

import doctest
import math
from itertools import pairwise

import numpy as np
import pytest
import scipy.integrate
import thetahat as th
from combinations import SINGLES
from mpmath import inf, mp, mpf
from reference import high_precision as oracle
from reference.oracle import ORACLE
from registry import CASES, EPSILON, FAMILIES, SPECIAL_ACCURACY, VECTOR_FAMILIES, quick_cases
from test_custom_family import SMOOTH, copy_of
from thetahat import _core, divergence, univariate

# Of an expectation by quadrature or sums of functions whose own rounding is that of log_prob.
QUADRATURE = 1e-11


def moved(case, by, only=None):
    """Another member: parameters, or one of them, by a share of themselves, locations by one of the law's width; one whose
    support holds that of the first, where there is one.
    """
    low, high = case.model.icdf(0.25), case.model.icdf(0.75)
    found = None
    for sign in (1.0, -1.0):
        theta = []
        for parameter, value in zip(case.family.info.parameters, case.theta, strict=True):
            step = sign * by
            # The two ends of a support move away from each other.
            step = -abs(step) if parameter.name == "low" else abs(step) if parameter.name == "high" else step
            if only not in (None, parameter.name):
                theta.append(value)
            elif parameter.domain == "unit":
                theta.append(value * (1.0 - step) if value < 0.5 else value + (1.0 - value) * step)
            elif parameter.domain == "real":
                width = high - low if parameter.name in ("loc", "low", "high") else 1.0
                theta.append(value if parameter.default is not None else value + step * width)
            elif parameter.domain in ("integer", "count"):
                theta.append(value)
            else:
                theta.append(value * (1.0 + step))
        try:
            other = case.family(*theta)
        except th.ParameterError:
            continue
        found = found or other
        if other.support[0] <= case.model.support[0] and other.support[1] >= case.model.support[1]:
            return other
    return found


def has_closed_form(family):
    columns = [np.array([v]) for v in family.info.cases[0]]
    return _core.divergence(family._index, columns, columns) is not None


def exact_divergence(name, theta, other_name, other):
    """E(log p - log q) from the oracle's densities, in pieces between which that of q may have a kink."""

    def gap(x, log_p):
        return log_p - oracle.clipped(other_name, other, x)

    ends = [-inf, inf] if ORACLE[name].lattice else [-inf, ORACLE[other_name].centre(*oracle.exact(other)), inf]
    lower, upper = oracle.support(name, theta)
    ends = [end for end in ends if lower < end < upper or not mp.isfinite(end)]
    return sum(oracle.integrals(name, theta, [gap], a, b)[0] for a, b in pairwise(ends))


def representable(model):
    """Whether doubles hold all but 1e-12 of the law."""
    return bool(np.isfinite(model.log_prob(np.array([model.icdf(1e-12), model.isf(1e-12)]))).all())


# The divergence ------------------------------------------------------------------------------------------------------


@quick_cases(1, most=8)
def test_divergences_of_one_family_against_integrals(case):
    other = moved(case, 0.2)
    found = th.kl_divergence(case.model, other)
    assert found.method == ("closed form" if has_closed_form(case.family) else "sum" if case.discrete else "quadrature")
    if found.value == math.inf or (found.method != "closed form" and not representable(case.model)):
        return
    expected = exact_divergence(case.name, case.theta, case.name, tuple(other._values))
    # What rounding of the parameters, or of the differences of a fifth between them, does to the exact value.
    allowed = 16 * SPECIAL_ACCURACY * EPSILON if found.method == "closed form" else QUADRATURE
    assert abs(mpf(found.value) - expected) <= allowed * expected, (found, float(expected))


@quick_cases(1, most=8)
def test_divergences_between_families_against_integrals(case):
    """Against the registry's next family of the same kind that has probability everywhere."""
    number = FAMILIES.index(case.family)
    kin = [f for f in FAMILIES[number + 1 :] + FAMILIES[:number] if f.info.kind == case.family.info.kind]
    lower, upper = case.model.support
    for family in kin:
        q = family(*family.info.cases[0])
        if not (q.support[0] <= lower and upper <= q.support[1]):
            assert th.kl_divergence(case.model, q).value == math.inf
            continue
        found = th.kl_divergence(case.model, q)
        assert found.method == ("sum" if case.discrete else "quadrature")
        if not representable(case.model):
            assert math.isnan(found.value)
            return
        if math.isfinite(found.value) and found.value < 1e100:
            expected = exact_divergence(case.name, case.theta, family.info.name, family.info.cases[0])
            assert abs(mpf(found.value) - expected) <= QUADRATURE * max(expected, 1), (q, found, float(expected))
            return


@quick_cases(1, most=8)
def test_a_divergence_of_neighbours_is_half_the_information_of_their_difference(case):
    """To second order; rounding of log p alone would leave nothing of it."""
    if case.family.info.boundary_maximum or not representable(case.model):
        return
    information = case.model.fisher_information()
    for j, (name, value) in enumerate(zip(case.family.info.parameter_names, case.theta, strict=True)):
        if np.isnan(information[j, j]):
            continue
        # As little as leaves the law within 1e-5 of its width of where it was.
        unit = abs(moved(case, 1.0 / 16, name)._values[j] - value) * 16.0
        other = moved(case, min(2.0**-23, 1e-5 / math.sqrt(information[j, j]) / unit) if unit else 0.0, name)
        if not (other.support[0] <= case.model.support[0] and case.model.support[1] <= other.support[1]):
            continue  # both ends of the support move towards the inside of it
        expected = 0.5 * (other._values[j] - value) ** 2 * information[j, j]
        found = th.kl_divergence(case.model, other).value
        assert found == pytest.approx(expected, rel=5e-3, abs=1e-28), (name, found, expected)


def test_a_law_does_not_diverge_from_itself(case):
    if has_closed_form(case.family) or representable(case.model):
        assert th.kl_divergence(case.model, case.model).value == 0.0


@quick_cases(1, most=8)
def test_no_divergence_is_negative(case):
    for by in (1e-9, 0.5, 0.9):
        other = moved(case, by)
        for p, q in ((case.model, other), (other, case.model)):
            found = th.kl_divergence(p, q).value
            assert found >= 0.0 or (math.isnan(found) and not representable(p)), (p, q, found)


def test_array_parameters_broadcast(family):
    cases = [c for c in CASES if c.family is family][:2]
    columns = np.array([c.theta for c in cases]).T
    p, q = family(*columns), family(*columns[:, :, None])
    found = th.kl_divergence(p, q)
    assert found.value.shape == (2, 2)
    for i, j in np.ndindex(2, 2):
        alone = th.kl_divergence(cases[j].model, cases[i].model)
        np.testing.assert_array_equal(found.value[i, j], alone.value)
        assert alone.method == found.method and isinstance(alone.value, float)
    information = q.fisher_information()
    assert information.shape == (2, 1, len(columns), len(columns))
    for i, case in enumerate(cases):
        np.testing.assert_array_equal(information[i, 0], case.model.fisher_information())


def test_a_support_that_does_not_hold_the_other():
    assert th.kl_divergence(th.Normal(0.0, 1.0), th.Gamma(2.0, 1.0)).value == math.inf
    assert th.kl_divergence(th.Uniform(0.0, 1.0), th.Uniform(0.5, 2.0)).value == math.inf
    assert th.kl_divergence(th.Uniform(0.5, 1.0), th.Uniform(0.0, 2.0)).value == pytest.approx(math.log(4.0))
    atom = th.zero_inflated("gamma")(2.0, 1.0, 0.25)
    assert th.kl_divergence(atom, th.Gamma(2.0, 1.0)).value == math.inf
    assert th.kl_divergence(th.Gamma(2.0, 1.0), atom).value == pytest.approx(-math.log(0.75), rel=1e-12)
    assert th.kl_divergence(th.StudentT(1.5, 0.0, 1.0), th.Normal(0.0, 1.0)).value == math.inf
    hole = th.one_inflated(th.Uniform)(0.0, 0.5, 0.25)  # no density from 0.5 to 1, where the other has some
    wide = th.one_inflated(th.Uniform)(0.0, 1.0, 0.25)
    assert th.kl_divergence(hole, wide).value == pytest.approx(0.75 * math.log(2.0), rel=1e-10)


def test_tails_of_q_beyond_all_that_doubles_reach_in_p():
    """E log(p/q) of a normal law and Cauchy's: -log(2 pi e)/2 + log(pi) + E log(1 + x^2)."""
    with mp.workdps(30):
        mean = mp.quad(lambda x: mp.npdf(x) * mp.log1p(x * x), [-inf, 0, inf])
        expected = -mp.log(2 * mp.pi * mp.e) / 2 + mp.log(mp.pi) + mean
    assert th.kl_divergence(th.Normal(0.0, 1.0), th.StudentT(1.0, 0.0, 1.0)).value == pytest.approx(float(expected), rel=1e-12)


BAD = [
    (lambda: th.kl_divergence(th.Poisson(1.0), th.Normal(0.0, 1.0)), "q: must be a law of counts as p is; got Normal beside Poisson"),
    (lambda: th.kl_divergence(th.Normal(0.0, 1.0), th.Poisson(1.0)), "q: must be a law of densities as p is; got Poisson"),
    (lambda: th.kl_divergence(th.Normal, th.Normal(0.0, 1.0)), "p: must be a model of one variable; got Normal. Pass one with"),
    (lambda: th.kl_divergence(th.Normal(0.0, 1.0), 3), "q: must be a model of one variable; got int"),
    (lambda: th.kl_divergence(th.Normal([0.0, 1.0], 1.0), th.Normal([0.0] * 3, 1.0)), r"q: array.*shapes \(3,\) and \(2,\)"),
    *((lambda f=f: th.kl_divergence(f([0.0], [1.0]), th.Normal(0.0, 1.0)), f"one variable; got {f.__name__}") for f in VECTOR_FAMILIES),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(BAD)))
def test_what_has_no_divergence_is_refused(number):
    call, message = BAD[number]
    with pytest.raises(th.ParameterError, match=message):
        call()


# Modifiers and users' own ---------------------------------------------------------------------------------------------

QUICK = [pytest.param(c, id=str(c), marks=() if i % 7 == 0 else pytest.mark.slow) for i, c in enumerate(SINGLES)]


def neighbour(made):
    """The same family with every shape and scale a tenth larger."""
    theta = []
    for parameter, value in zip(made.family.info.parameters, made.theta, strict=True):
        if parameter.domain == "unit":
            theta.append(0.9 * value)
        elif parameter.domain == "real" or parameter.boundary:
            theta.append(value)
        else:
            theta.append(1.1 * value)
    return made.family(*theta)


@pytest.mark.parametrize("made", QUICK)
def test_divergences_of_modified_families_are_integrals(made):
    p, q = made.model, neighbour(made)
    found = th.kl_divergence(p, q)
    if not representable(p) or not (q.support[0] <= p.support[0] and p.support[1] <= q.support[1]):
        assert found.value == math.inf or math.isnan(found.value) or found.method == "closed form"
        return

    def integrand(x):
        log_p, log_q = p.log_prob(x), q.log_prob(x)
        return np.where(np.isneginf(log_p), 0.0, np.exp(log_p) * (log_p - log_q))

    x = np.unique([*p.icdf(np.array([1e-14, 1e-9, 1e-5, 0.01, 0.1, 0.3])), p.median, *p.isf(np.array([1e-14, 1e-9, 1e-5, 0.01, 0.1, 0.3]))])
    if made.discrete:
        if not x[-1] - x[0] < 2**24:
            pytest.skip("its counts reach too far to be added one by one")
        expected = math.fsum(integrand(np.arange(x[0], x[-1] + 1.0)))
    else:
        # The pieces between kinks: the ends of supports, atoms, and where a fold begins; over asinh x, for heavy tails.
        kinks = [k for k in (0.0, *p.support, *made.family._atoms) if x[0] < k < x[-1]]
        edges = np.arcsinh(np.unique([*x, *kinks]))
        ends = [np.nextafter([a, b], [b, a]) for a, b in pairwise(edges)]
        try:
            pieces = [scipy.integrate.quad(lambda y: integrand(np.sinh(y)) * np.cosh(y), *each, limit=200, epsabs=1e-14)[0]
                      for each in ends]  # fmt: skip
        except scipy.integrate.IntegrationWarning as warning:
            pytest.skip(f"scipy's quadrature finds no reference: {warning}")
        expected = math.fsum(pieces) + sum(float(integrand(np.array(a))) for a in made.family._atoms)
    assert found.value == pytest.approx(expected, rel=1e-7, abs=1e-11), found


@pytest.mark.parametrize("modifier", [lambda f: th.affine(f, 2.0, -0.5), th.log_transformed, th.reflected])
def test_a_change_of_variable_does_not_change_the_divergence(family, modifier):
    if family.info.kind == "discrete" and modifier is not th.reflected:
        return
    case = next(c for c in CASES if c.family is family)
    made, other = modifier(family), moved(case, 0.2)
    if not representable(made(*case.theta)) and not has_closed_form(family):
        return
    found = th.kl_divergence(made(*case.theta), made(*other._values))
    plain = th.kl_divergence(case.model, other)
    if plain.method == "closed form":
        assert found == plain
    else:
        assert found.value == pytest.approx(plain.value, rel=1e-9)


@pytest.mark.parametrize("cls", SMOOTH, ids=lambda cls: cls.info.name)
def test_a_users_own_family_diverges_as_the_family_that_it_copies(cls):
    case = next(c for c in CASES if c.family is cls)
    own, other = copy_of(cls)(*case.theta), moved(case, 0.2)
    expected = th.kl_divergence(case.model, other).value
    assert th.kl_divergence(own, other).value == pytest.approx(expected, rel=1e-8)
    assert th.kl_divergence(case.model, type(own)(*other._values)).value == pytest.approx(expected, rel=1e-8)
    information = case.model.fisher_information()
    size = np.sqrt(np.outer(np.diag(information), np.diag(information)))
    assert (abs(own.fisher_information() - information) <= 1e-7 * size).all()


# Fisher's information -------------------------------------------------------------------------------------------------


def regular(case):
    """Parameters that the information is asked of: not those that an extreme observation, or nothing, estimates."""
    return [not (p.boundary or p.domain in ("integer", "count")) for p in case.family.info.parameters]


@quick_cases(1, most=8)
def test_information_against_integrals_of_squared_scores(case):
    found = case.model.fisher_information()
    k = len(case.theta)
    step = mpf(10) ** -13
    width = float(case.model.isf(0.25) - case.model.icdf(0.25))
    sizes = [width if name == "loc" else abs(value) for name, value in case.model.parameters.items()]

    def scores(x):
        out = []
        for j in range(k):
            unit = mpf(sizes[j]) or mpf(1)
            up, down = ([mpf(v) for v in case.theta] for _ in range(2))
            up[j] += step * unit
            down[j] -= step * unit
            density = ORACLE[case.name].log_density
            out.append((density(x, *up) - density(x, *down)) / (2 * step * unit))
        return out

    cache = {}

    def product(i, j):
        def weight(x, log_p):
            if x not in cache:
                cache.clear()
                cache[x] = scores(x)
            return cache[x][i] * cache[x][j]

        return weight

    kept = [i for i in range(k) if not np.isnan(found[i, i])]
    pairs = [(i, j) for i in kept for j in kept if i <= j]
    if not pairs:
        return
    exact = oracle.integrals(case.name, case.theta, [product(i, j) for i, j in pairs], -inf, inf, 16)
    for (i, j), expected in zip(pairs, exact, strict=True):
        assert abs(mpf(found[i, j]) - expected) <= QUADRATURE * math.sqrt(found[i, i] * found[j, j]), (i, j)
        assert found[i, j] == found[j, i]


@quick_cases(2, most=8)
def test_information_is_what_many_observations_have(case):
    found = case.model.fisher_information()
    n = 100_000
    x = case.usable_draws(n, seed=5)
    if len(np.unique(x)) == 1:
        pytest.skip("any other value is too rare")
    scores = case.model.score(x)
    for i, j in np.ndindex(found.shape):
        if not np.isnan(found[i, j]):
            products = scores[:, i] * scores[:, j]
            error = products.std() / math.sqrt(n)
            assert abs(products.mean() - found[i, j]) <= 6 * error + 1e-9 * math.sqrt(found[i, i] * found[j, j]), (i, j)
    if case.family.info.information == "observed" and not np.isnan(found).any():
        # Second derivatives may have heavy tails: by how much their means over twentieths of the rows differ.
        means = np.array([case.model.information(part) / len(part) for part in np.array_split(x, 20)])
        size = np.sqrt(np.outer(np.diag(found), np.diag(found)))
        error = means.std(axis=0, ddof=1) / math.sqrt(len(means))
        assert (abs(means.mean(axis=0) - found) <= 10 * error + 1e-9 * size).all()


def test_information_is_missing_where_there_is_none(case):
    found = case.model.fisher_information()
    known = ~np.isnan(np.diag(found))
    assert not (known & ~np.array(regular(case))).any()
    assert np.isnan(found[~known]).all() and np.isnan(found[:, ~known]).all()
    inner = found[np.ix_(known, known)]
    size = np.sqrt(np.outer(np.diag(inner), np.diag(inner)))
    assert (np.linalg.eigvalsh(inner / size) >= -1e-9).all()


@pytest.mark.parametrize("made", QUICK)
def test_information_of_modified_families_is_the_mean_of_squared_scores(made):
    found = made.model.fisher_information()
    known = ~np.isnan(np.diag(found))
    x = made.draws(20_000, seed=2)
    if made.family.info.kind == "continuous" and not made.family._atoms:
        x = x[x > made.model.icdf(0.0)]  # an end at which there may be a density and no score
    scores = made.model.score(x)
    for i, j in np.ndindex(found.shape):
        if known[i] and known[j]:
            products = scores[:, i] * scores[:, j]
            error = products.std() / math.sqrt(len(x))
            assert abs(products.mean() - found[i, j]) <= 7 * error + 1e-6 * math.sqrt(found[i, i] * found[j, j]), (i, j)
    if made.smooth and not made.known():
        # A threshold at which the density vanishes too slowly, or not at all, is an end that moves.
        unknown = {name for name, there in zip(made.family.info.parameter_names, known, strict=True) if not there}
        assert unknown <= {"threshold"} or not representable(made.model)


def test_an_end_that_moves_and_a_score_without_variance_have_no_information():
    threshold = th.shifted("gamma")
    for concentration, known in ((0.5, False), (1.5, False), (3.0, True)):
        found = threshold(concentration, 1.0, 0.0).fisher_information()
        assert not np.isnan(found[:2, :2]).any()
        assert (not np.isnan(found[2]).any()) == known
    assert np.isnan(th.GeneralizedPareto(0.0, 1.0, -0.6).fisher_information()).all()


def test_examples():
    for module in (divergence, univariate):
        outcome = doctest.testmod(module)
        assert outcome.attempted > 2 and outcome.failed == 0
