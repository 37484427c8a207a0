"""Families that modifiers make, alone and in chains: every property, over generated combinations."""

from __future__ import annotations

import doctest
import math
import pickle

import numpy as np
import pytest
import scipy.integrate
import scipy.stats
import thetahat as th
from combinations import COMBINATIONS, SINGLES
from registry import quick_share
from thetahat import modifiers

rows_of = th.observations


def over(combinations, quick, most=None):
    """Quick for some combinations, slow for the rest, or for some of them."""
    return lambda function: pytest.mark.parametrize("made", combinations, ids=str)(quick_share(quick, most)(function))


@over(COMBINATIONS, quick=12, most=200)
def test_probabilities_are_integrals_of_the_density(made):
    model, q = made.model, np.array([0.02, 0.2, 0.35, 0.6, 0.7, 0.97])
    x = np.unique(model.icdf(q))
    for a, b in zip(x[:-1], x[1:], strict=True):
        if made.discrete:
            expected = model.prob(np.arange(a, b + 1.0)).sum()
        else:
            atoms = [p for p in made.family._atoms if a <= p <= b]
            inner = made.family.base(*made.theta[:-1]).support if hasattr(made.family, "point") else ()
            kinks = [k for k in (0.0, *atoms, *inner) if a < k < b]
            ends = [a, *sorted(set(kinks)), b]
            expected = sum(model.prob(p) for p in atoms)
            for low, high in zip(ends[:-1], ends[1:], strict=True):
                low, high = np.nextafter(low, high), np.nextafter(high, low)  # an atom is not part of the density
                expected += scipy.integrate.quad(model.prob, low, high, epsrel=1e-11, epsabs=0, limit=200)[0]
        found = math.exp(model.log_prob_between(a, b))
        assert found == pytest.approx(expected, rel=2e-8), (a, b)
        below = model.cdf(a) - (model.prob(a) if made.discrete or a in made.family._atoms else 0.0)
        assert found == pytest.approx(model.cdf(b) - below, abs=1e-12), (a, b)


@over(COMBINATIONS, quick=12, most=200)
def test_tails_and_quantiles_fit_together(made):
    model, everywhere = made.model, np.array([1e-9, 0.01, 0.25, 0.5, 0.8, 0.99, 1 - 1e-9])
    for x, tail, under in ((model.icdf(everywhere), model.cdf, 1.0), (model.isf(everywhere), model.sf, -1.0)):
        q = everywhere
        told = np.isfinite(x) & np.isfinite(model.log_prob(x))  # exponentials overflow, and round to an end
        x, q = x[told], q[told]
        reached = tail(x)
        mass = model.prob(x) if made.discrete else np.where(np.isin(x, made.family._atoms), model.prob(x), 0.0)
        # Half a unit in the last place of x moves its tail by this much.
        shaken = 4 * np.spacing(np.abs(x)) * (0.0 if made.discrete else np.where(mass > 0, 0.0, model.prob(x))) + 1e-13
        if under > 0:
            assert (reached >= q - shaken).all() and (reached - mass <= q + shaken).all()
        else:
            assert (reached <= q + shaken).all() and (reached + mass >= q - shaken).all()
    x = np.unique(model.icdf(everywhere))
    x = x[np.isfinite(x)]
    np.testing.assert_allclose(model.cdf(x) + model.sf(x), 1.0, rtol=0, atol=1e-13)
    np.testing.assert_allclose(np.exp(model.log_cdf(x)), model.cdf(x), rtol=1e-12)
    np.testing.assert_allclose(np.exp(model.log_sf(x)), model.sf(x), rtol=1e-12)
    lower, upper = model.support
    assert model.icdf(0.0) == lower and model.icdf(1.0) == upper and (x >= lower).all() and (x <= upper).all()
    outside = [end + step for end, step in ((lower, -1.5), (upper, 1.5)) if math.isfinite(end)]
    assert np.isneginf(model.log_prob(np.array(outside))).all()


def differences(made, function):
    """Central differences of sixth order in the parameters, in steps relative to each."""
    theta, columns = np.array(made.theta), []
    for j, value in enumerate(theta):
        unit = min(value, 1 - value) if made.family.info.parameters[j].domain == "unit" else abs(value) or 1.0
        h, moved = 4e-4 * unit, []
        for step in (1, -1, 2, -2, 3, -3):
            at = theta.copy()
            at[j] += step * h
            moved.append(function([np.array([v]) for v in at]))
        columns.append((45 * (moved[0] - moved[1]) - 9 * (moved[2] - moved[3]) + moved[4] - moved[5]) / (60 * h))
    return np.stack(columns, axis=-1)


@over(COMBINATIONS, quick=12, most=200)
def test_scores_are_derivatives(made):
    if not made.smooth:
        pytest.skip("the likelihood has a kink, or an end that moves")
    family, x = made.family, made.quantiles(0.03, 0.3, 0.5, 0.77, 0.95)
    columns = [np.array([v]) for v in made.theta]
    expected = differences(made, lambda at: family._evaluate("log_prob", x, at))
    free = [i for i, p in enumerate(family.info.parameters) if p.name not in made.known()]
    size = np.abs(expected).max(axis=0) + 1e-3 / np.abs(np.array(made.theta) + 1e-3)
    assert (np.abs(made.model.score(x) - expected) <= 1e-7 * size)[:, free].all()
    ends = [(-math.inf, x[0]), (x[0], x[-1]), (x[-1], math.inf), (x[1], x[2] if len(x) > 2 else x[1])]
    lower, upper = (np.array(end) for end in zip(*ends, strict=True))
    expected = differences(made, lambda at: family._log_between(lower, upper, at))
    size = np.abs(expected).max(axis=0) + 1e-3 / np.abs(np.array(made.theta) + 1e-3)
    assert (np.abs(family._score_between(lower, upper, columns) - expected) <= 1e-7 * size)[:, free].all()


@over(COMBINATIONS, quick=12, most=200)
def test_draws_follow_the_law(made):
    """Dvoretzky, Kiefer, Wolfowitz and Massart: the bound is passed once in 10^9 tests."""
    n, model = 20_000, made.model
    x = model.sample(n, seed=5)
    assert x.dtype == (np.int64 if made.discrete else np.float64)
    np.testing.assert_array_equal(x[:100], model.sample(100, seed=5))
    values, counts = np.unique(x, return_counts=True)
    empirical, bound = np.cumsum(counts) / n, math.sqrt(math.log(2 / 1e-9) / (2 * n))
    assert np.max(np.abs(empirical - model.cdf(values.astype(float)))) < bound
    two = made.family(*(np.array([v, v]) for v in made.theta))
    assert two.sample(3, seed=1).shape == (3, 2)
    np.testing.assert_allclose(two.cdf(values[:2].astype(float)), model.cdf(values[:2].astype(float)), rtol=1e-12)


@over([made for made in COMBINATIONS if not made.long], quick=12, most=200)
def test_moments_are_those_of_the_draws(made):
    check_moments(made)


@over([made for made in COMBINATIONS if made.long], quick=0, most=2)
def test_moments_of_counts_without_end_are_those_of_the_draws(made):
    check_moments(made)


def check_moments(made):
    """Means of draws lie within seven standard errors: 2.6e-12 for each, if the draws' own are right."""
    model, x = made.model, made.draws(20_000, seed=11)
    mean, variance = model.mean, model.variance
    if math.isfinite(model.moment(4)):
        fourth = model.moment(4, central=True)
        assert abs(x.mean() - mean) <= 7 * math.sqrt(variance / len(x))
        assert abs(x.var() - variance) <= 7 * math.sqrt(max(fourth - variance**2, 0.0) / len(x)) + 1e-9 * variance
        assert model.moment(2) == pytest.approx(variance + mean**2, rel=1e-8)
        assert model.moment(3) == pytest.approx(
            model.moment(3, central=True) + 3 * mean * variance + mean**3, rel=1e-7, abs=1e-7 * (variance + mean**2) ** 1.5
        )
    log_p = model.log_prob(x)
    if model.entropy() == np.inf:
        return
    assert abs(np.mean(-log_p) - model.entropy()) <= 7 * np.std(log_p) / math.sqrt(len(x)) + 1e-9
    if made.family._atoms:
        assert np.isfinite(model.mode)
    else:
        assert model.log_prob(model.mode) >= log_p.max() - 1e-9


@over(COMBINATIONS, quick=12, most=200)
def test_documents_and_names(made):
    model = made.model
    assert th.Family.from_json(model.to_json()) == model
    assert pickle.loads(pickle.dumps(model)) == model
    assert th.family_class(made.family.info.name) is made.family
    assert eval(repr(model), {**vars(th), "inf": math.inf}) == model  # as a user would paste it


def certificate(made, rows, fit):
    """The Newton decrement at the estimate, from the exact score and its differences, and the inverse information."""
    local = made.family._local(rows, [float(v) for v in fit.parameters.values()])
    free = [i for i, p in enumerate(made.family.info.parameters) if p.name not in made.known()]
    score, information = local["score"][free], local["information"][np.ix_(free, free)]
    return float(score @ np.linalg.solve(information, score)), np.linalg.inv(information)


def check_fit(made, rows, plain):
    fit = made.family.fit(rows, fixed=made.known() or None)
    if fit.status == "boundary":
        assert fit.reason and (fit.limit is None or fit.limit.log_likelihood >= fit.log_likelihood - 1e-6)
        return
    if fit.status == "not_identified":  # a fold hides the sign, and at zero the slope, of a location
        assert "folded" in str(made) and "flat in" in fit.reason
        return
    if fit.status == "unbounded":  # what a window leaves may be as likely far out as anywhere
        assert ("truncated" in str(made) and "behind these windows" in fit.reason) or "threshold" in fit.reason
        return
    assert fit.status == ("converged" if made.smooth else fit.status), fit.reason
    assert fit.status in ("converged", "stopped")
    truth = made.model.log_likelihood(rows)
    assert fit.log_likelihood >= truth - 1e-9 * abs(truth)
    assert fit.model.log_likelihood(rows) == pytest.approx(fit.log_likelihood, rel=1e-9, abs=1e-7)
    if made.smooth:
        given = th.observations.as_observations(rows)
        decrement, inverse = certificate(made, given, fit)
        assert 0.0 <= decrement <= 1e-9
        errors = np.array([e for e in fit.standard_errors.values() if not math.isnan(e)])
        # None where the end of the support moves too fast with a shape for the theory to hold.
        root, k = made.family, len(made.theta)
        while hasattr(root, "base"):
            root, k = root.base, k - len(root.own)
        moving = root(*list(fit.parameters.values())[:k]).support != root(*made.theta[:k]).support
        assert (len(errors) == fit.free or (moving and len(errors) == 0)) and (errors > 0).all()
        if len(errors):  # however the fit came to it, the covariance is the inverse of the observed information
            np.testing.assert_allclose(errors, np.sqrt(np.diag(inverse)), rtol=1e-4)
    assert th.Fit.from_json(fit.to_json()) == fit
    if plain:
        assert fit.n == len(rows)


@over(COMBINATIONS, quick=12, most=100)
def test_fits_are_certified(made):
    check_fit(made, made.draws(1000), plain=True)


@pytest.mark.parametrize("kind", ["right", "interval", "window", "repeated"])
@over([made for made in COMBINATIONS if made.smooth], quick=0, most=24)
def test_fits_of_every_kind_of_observation(made, kind):
    x, rng = made.draws(600, seed=3), np.random.default_rng(2)
    some = rng.random(len(x)) < 0.4
    if kind == "right":
        end = np.quantile(x, 0.6)
        lower = np.where(some, np.minimum(x, np.floor(end) if made.discrete else end), x)
        rows = rows_of.censored(lower, np.where(some, np.inf, x))
    elif kind == "interval":
        width = max(float(np.ptp(np.quantile(x, [0.25, 0.75]))) * 0.3, 1.0 if made.discrete else 0.0)
        low, high = x - width * rng.random(len(x)), x + width * rng.random(len(x))
        if made.discrete:
            low, high = np.floor(low), np.ceil(high)
        lower, upper = made.model.support
        rows = rows_of.censored(np.where(some, np.maximum(low, lower), x), np.where(some, np.minimum(high, upper), x))
    elif kind == "window":
        low = float(np.floor(np.quantile(x, 0.1))) if made.discrete else float(np.quantile(x, 0.1))
        rows = rows_of.truncated(x[x >= low], low=low)
    else:
        rows = rows_of.repeated(*np.unique(x, return_counts=True))
    check_fit(made, rows, plain=False)


# Identities, which share no code with what they test ---------------------------------------------------------------------

X = np.array([-1.3, -0.2, 0.1, 0.4, 1.0, 1.7, 2.5, 6.0])
IDENTITIES = [
    ("log_transformed(normal)", (0.3, 0.8), scipy.stats.lognorm(0.8, scale=math.exp(0.3))),
    ("log_transformed(logistic)", (0.5, 0.4), scipy.stats.fisk(2.5, scale=math.exp(0.5))),
    ("truncated(normal, low=-0.5, high=2.0)", (0.4, 1.3), scipy.stats.truncnorm(-0.9 / 1.3, 1.6 / 1.3, 0.4, 1.3)),
    ("folded(normal)", (0.7, 1.2), scipy.stats.foldnorm(0.7 / 1.2, scale=1.2)),
    ("folded(student_t)", (4.0, 0.0, 1.0), scipy.stats.foldcauchy),
    ("reflected(gumbel)", (0.3, 0.9), scipy.stats.gumbel_l(-0.3, 0.9)),
    ("shifted(gamma, threshold=0.25)", (2.0, 1.5), scipy.stats.gamma(2.0, loc=0.25, scale=1 / 1.5)),
    ("affine(beta, loc=-2.0, scale=9.0)", (2.0, 3.0), scipy.stats.beta(2.0, 3.0, loc=-2.0, scale=9.0)),
    ("truncated(pareto, low=1.0, high=5.0)", (1.0, 2.5), scipy.stats.truncpareto(2.5, 5.0)),
]


@pytest.mark.parametrize("name, theta, peer", [i for i in IDENTITIES if hasattr(i[2], "logpdf") and hasattr(i[2], "dist")],
                         ids=lambda v: str(v) if isinstance(v, str) else "")  # fmt: skip
def test_identities_with_scipy(name, theta, peer):
    model = th.family_class(name)(*theta)
    np.testing.assert_allclose(model.log_prob(X), peer.logpdf(X), rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(model.cdf(X), peer.cdf(X), rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(model.icdf([0.02, 0.5, 0.9]), peer.ppf([0.02, 0.5, 0.9]), rtol=1e-9)
    np.testing.assert_allclose([model.mean, model.variance], peer.stats("mv"), rtol=1e-9)


@pytest.mark.parametrize("made", [c for c in SINGLES if c.family.modifier in ("shifted", "affine", "reflected")], ids=str)
@quick_share(12)
def test_conversions(made):
    try:
        peer = made.model.to_scipy()
    except th.DataError as error:
        scale = made.family.arguments.get("scale", -1.0 if made.family.modifier == "reflected" else 1.0)
        assert "scipy.stats has no" in str(error) and (scale < 0 or made.family.base.info.scipy is None)
        return
    x = made.quantiles(0.1, 0.5, 0.9)
    expected = peer.logpmf(x) if made.discrete else peer.logpdf(x)
    np.testing.assert_allclose(made.model.log_prob(x), expected, rtol=1e-9, atol=1e-10)
    back = made.family.from_scipy(peer)
    np.testing.assert_allclose(back._values, made.theta, rtol=1e-12)


def test_counts_of_a_discretized_exponential_are_geometric():
    made, peer = th.discretized("exponential")(rate=0.7), th.Geometric(probs=-math.expm1(-0.7))
    k = np.arange(30.0)
    np.testing.assert_allclose(made.log_prob(k), peer.log_prob(k), rtol=1e-12)
    x = peer.sample(500, seed=1)
    rate = th.discretized("exponential").fit(x).parameters["rate"]
    assert rate == pytest.approx(-math.log1p(-th.Geometric.fit(x).parameters["probs"]), rel=1e-9)


def test_inflated_counts_against_their_formulas():
    pi, rate, k = 0.3, 2.0, np.arange(8.0)
    plain = scipy.stats.poisson(rate).pmf(k)
    np.testing.assert_allclose(th.zero_inflated("poisson")(rate, pi).prob(k), pi * (k == 0) + (1 - pi) * plain, rtol=1e-12)
    rest = np.where(k == 0, 0.0, plain / -math.expm1(-rate))
    np.testing.assert_allclose(th.hurdle("poisson")(rate, pi).prob(k), np.where(k == 0, pi, (1 - pi) * rest), rtol=1e-12)


def test_an_inflated_fit_without_more_zeros_than_the_family_has_is_at_the_boundary():
    x = [0, 1, 2, 3, 2, 1, 4, 2]
    fit = th.fit("zero_inflated(poisson)", x)
    assert fit.status == "boundary" and fit.limit is not None and fit.limit.kind == "boundary"
    assert fit.model == th.Poisson.fit(x).model
    assert fit.log_likelihood == pytest.approx(th.Poisson.fit(x).log_likelihood, rel=1e-12)


def test_weights_count_rows():
    x, counts = np.array([0.0, 1.0, 2.0, 5.0]), np.array([40, 10, 8, 3])
    once = th.fit("zero_inflated(poisson)", np.repeat(x, counts))
    many = th.fit("zero_inflated(poisson)", x, weights=counts)
    assert dict(once.parameters) == pytest.approx(dict(many.parameters), rel=1e-9)
    assert dict(once.standard_errors) == pytest.approx(dict(many.standard_errors), rel=1e-7)


def test_comparison_takes_modified_families():
    x = th.zero_inflated("poisson")(3.0, 0.3).sample(2000, seed=1)
    ranking = th.compare(x, families=["poisson", "negative_binomial", "zero_inflated(poisson)", th.hurdle("poisson")])
    assert {row.family for row in ranking.rows[:2]} == {"zero_inflated(poisson)", "hurdle(poisson)"}
    with pytest.raises(th.ParameterError, match="not comparable"):
        th.compare([0.0, 0.0, 1.3], families=["zero_inflated(gamma)", "normal"])


REFUSED = [
    (lambda: th.truncated("normal", 2.0, 1.0), "low: must be below high; got low=2.0, high=1.0. Give"),
    (lambda: th.truncated("gamma", -3.0, -1.0), "low: the window must overlap the support, x > 0 for Gamma; got low=-3.0"),
    (lambda: th.truncated("uniform", 2.0, 3.0)(0.0, 1.0), "the window must have positive probability; got none at low=0.0"),
    (lambda: th.truncated("normal", "a"), "low: must be a number or -inf; got 'a'"),
    (lambda: th.shifted("poisson", 0.5), "threshold: must be a whole number for counts; got 0.5. Round it"),
    (lambda: th.shifted("normal"), "threshold: can be fitted where the support is x > 0; Normal has.*Give it as a number"),
    (lambda: th.affine("normal", 0.0, 0.0), "scale: must be finite and not zero; got 0.0"),
    (lambda: th.affine("poisson"), "affine needs a continuous family; Poisson is one of counts"),
    (lambda: th.log_transformed("poisson"), "log_transformed needs a continuous family; Poisson"),
    (lambda: th.discretized("normal", -1.0), "unit: must be positive and finite; got -1.0"),
    (lambda: th.hurdle("reflected(poisson)"), "hurdle needs counts from 0 up or a density.*Use zero_inflated"),
    (lambda: th.zero_inflated("zero_inflated(poisson)"), "has a parameter zero_inflation already; apply zero_inflated once"),
    (lambda: th.hurdle("one_inflated(zero_inflated(poisson))"), "a probability of its own at 0 already, and two cannot be told"),
    (lambda: th.folded("box"), "folded needs a family of one variable; Box"),
    (lambda: th.zero_inflated("poisson")(1.0, 1.0), "zero_inflation must lie strictly between 0 and 1; got 1.0"),
    (lambda: th.fit("zero_inflated(poisson)", [0.5, 1.0]), "for zero_inflated.Poisson.; got 0.5 at index 0"),
    (lambda: th.fit("truncated(normal, low=0.0, high=1.0)", [0.5, 2.0]), "x: must satisfy 0 <= x <= 1.*got 2.0 at index 1"),
    (lambda: th.fit("zero_inflate(poisson)", [0]), "modifier: 'zero_inflate' is unknown; did you mean 'zero_inflated'"),
    (lambda: th.fit("zero_inflated(poison)", [0]), "'poison' is unknown; did you mean 'poisson'"),
    (lambda: th.fit("truncated(normal, low=__import__('os'))", [0]), "may hold numbers and inf alone"),
    (lambda: th.fit("truncated(normal, wide=1.0)", [0]), "wide"),
    (lambda: th.fit("truncated(normal", [0]), "names no family; write a modifier's call"),
    (lambda: th.fit("(" * 2000, [0]), "names no family"),
    (lambda: th.fit("truncated(" * 20 + "gamma" + ", low=1.0)" * 20, [0]), "at most 8 modifiers may follow each other; got 9"),
    (lambda: th.fit("truncated(gamma, low=1, low=2)", [0]), "gives a number twice"),
    (lambda: th.truncated("gamma", low=10**400), "low: must be a number or -inf; got 1000"),
    (lambda: th.discretized("pareto")(1.0, 0.05).sample(1000, seed=1), "draws of counts must be below 2.63; got .* at index"),
    (lambda: th.zero_inflated("poisson")(1.0, 0.2).icdf([0.1, 1.5]), "q must be a probability between 0 and 1, got 1.5 at index 1"),
    (lambda: th.zero_inflated("poisson")(1.0, 0.2).log_prob([0.1, math.nan]), "x must not be NaN, got nan at index 1"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_cannot_be_is_refused(number):
    call, message = REFUSED[number]
    with pytest.raises(th.ThetahatError, match=message):
        call()


def test_points_of_positive_probability_are_no_bars():
    pytest.importorskip("matplotlib").use("Agg")
    x = np.r_[np.zeros(40), th.Gamma(2.0, 1.0).sample(60, seed=1)]
    fit = th.fit("zero_inflated(gamma)", x)
    ax = fit.plot()[0]
    area = sum(bar.get_width() * bar.get_height() for bar in ax.patches)
    assert area == pytest.approx(0.6, abs=0.03)  # the outermost rows may be left out
    assert "P(X = 0): 0.4 observed, 0.4 by the model" in [t.get_text() for t in ax.get_legend().get_texts()]


def test_a_threshold_is_never_an_estimate_where_the_likelihood_has_no_maximum():
    """Shapes below one: scipy returns the smallest observation (100 of 100 samples)."""
    for family, theta in (("weibull", (2.0, 0.8, 10.0)), ("gamma", (0.7, 1.0, 10.0))):
        made = th.shifted(family)
        x = made(*theta).sample(200, seed=4)
        fit = th.fit(made, x)
        assert fit.status == "unbounded" and math.isnan(fit.parameters["threshold"])
        assert "grows without bound as threshold comes to the smallest observation" in fit.reason
        assert "thetahat.observations.rounded" in fit.reason
        rows = th.observations.rounded(np.round(x, 2), 0.01)
        cured = th.fit(made, rows)
        assert cured.status == "converged" and abs(cured.parameters["threshold"] - 10.0) < 0.02
        assert cured.log_likelihood >= made(*theta).log_likelihood(rows)


def test_a_threshold_without_a_shape_is_the_smallest_observation():
    x = th.shifted("exponential", 5.0)(rate=2.0).sample(100, seed=1)
    fit = th.fit("shifted(exponential)", x)
    assert fit.status == "boundary" and fit.parameters["threshold"] == x.min()
    assert fit.parameters["rate"] == pytest.approx(1.0 / (x.mean() - x.min()), rel=1e-9)
    held = th.fit("shifted(exponential)", x, fixed={"threshold": 5.0})
    assert held.parameters["rate"] == pytest.approx(1.0 / (x.mean() - 5.0), rel=1e-12) and held.free == 1


def test_the_hazard_of_a_density_with_atoms():
    """2 for the exponential part, P(X = 0) at the atom."""
    hazard = th.zero_inflated("exponential")(rate=2.0, zero_inflation=0.3).hazard([0.0, 1.0])
    np.testing.assert_allclose(hazard, [0.3, 2.0], rtol=1e-12)


@pytest.mark.parametrize("name", ["truncated(gamma, low=0.5)", "zero_inflated(gamma)", "shifted(gamma, threshold=0.1)"])
def test_rows_without_weight_are_absent(name):
    family = th.family_class(name)
    model = family(*family.info.cases[0])
    with_it, without = (model.information(x, weights=w) for x, w in (([-1.0, 2.0], [0, 1]), ([2.0], [1])))
    np.testing.assert_allclose(with_it, without, rtol=1e-9)
    rows = rows_of.censored([-1.0, 2.0], [-1.0, 2.0], weights=[0, 1])
    assert model.log_likelihood(rows) == pytest.approx(float(model.log_prob(2.0)), rel=1e-12)


@pytest.mark.parametrize("name, x", [("discretized(normal)", 0.5), ("truncated(gamma, low=0.5)", 0.1), ("folded(normal)", -1.0)])
def test_rows_outside_have_no_score(name, x):
    family = th.family_class(name)
    model = family(*family.info.cases[0])
    for call in (model.score, model.information):
        with pytest.raises(th.DataError, match="must lie inside the support.*at index 1"):
            call([1.0, x])


def test_a_threshold_on_a_line_of_equal_likelihood_has_finite_information():
    information = th.shifted("exponential")(2.0, 1.0).information([2.0, 3.0, 4.0])
    np.testing.assert_allclose(information, [[0.75, -3.0], [-3.0, 0.0]], atol=1e-8)


def test_quantiles_in_a_far_window_do_not_depend_on_their_neighbours():
    far = th.truncated("normal", low=30.0)
    assert far([0.0, -10.0], 1.0).icdf(0.3)[0] == far(0.0, 1.0).icdf(0.3)


def test_scores_of_intervals_that_end_beyond_a_moving_support():
    model = th.truncated("uniform", low=0.3, high=3.0)(0.0, 1.0)
    np.testing.assert_allclose(model.score([0.5])[0], [0.0, -1.0 / 0.7], atol=1e-8)


def test_a_fold_that_hides_the_location_gives_no_standard_error():
    fit = th.fit("folded(normal)", th.Gamma(2.0, 1.0).sample(200, seed=1))
    if fit.parameters["loc"] == 0.0:
        assert fit.status == "not_identified" and "flat in loc" in fit.reason
        assert math.isnan(fit.standard_errors["loc"])
    else:
        assert fit.status == "converged" and abs(fit.parameters["loc"]) > 0.01
    told = th.fit("folded(normal)", np.abs(th.Normal(3.0, 1.0).sample(200, seed=1)))
    assert told.status == "converged" and abs(told.parameters["loc"] - 3.0) < 0.5


def test_nothing_is_searched_where_everything_is_fixed():
    fit = th.fit("zero_inflated(poisson)", [0, 0, 0], fixed={"zero_inflation": 0.2, "rate": 2.0})
    assert fit.status == "converged" and fit.log_likelihood == pytest.approx(3 * math.log(0.2 + 0.8 * math.exp(-2)), rel=1e-12)


def test_intervals_that_could_be_zero_do_not_make_zeros():
    x = th.Gamma(2.0, 1.0).sample(60, seed=1)
    low = np.floor(x)
    fit = th.fit("zero_inflated(gamma)", rows_of.censored(np.where(low == 0, -1.0, low), low + 1))
    assert fit.status == "boundary" and fit.limit is not None and fit.limit.family == "gamma"


def test_all_rows_at_the_point_are_degenerate():
    fit = th.fit("zero_inflated(poisson)", [0, 0, 0])
    assert fit.status == "degenerate" and math.isnan(fit.parameters["rate"]) and math.isnan(fit.log_likelihood)


def test_examples():
    outcome = doctest.testmod(modifiers)
    assert outcome.attempted > 12 and outcome.failed == 0
