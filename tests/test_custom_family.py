"""A user's own family: what follows from its density, and what is refused."""

from __future__ import annotations

import doctest
import math
import pickle

import numpy as np
import pytest
import scipy.stats
import thetahat as th
from registry import FAMILIES, quick_share
from thetahat import custom

NORMAL = th.Normal(0.0, 1.0)


def skewed(x, loc, scale, shape):
    z = (x - loc) / scale
    return math.log(2) - np.log(scale) + NORMAL.log_prob(z) + NORMAL.log_cdf(shape * z)


SkewNormal = th.family(
    log_density=skewed,
    parameters={"loc": "real", "scale": "positive", "shape": "real"},
    support=(-math.inf, math.inf),
)


def copy_of(cls):
    """The same family as one of the registry, from its density alone."""
    info = cls.info
    return th.family(
        f"own_{info.name}",
        log_density=lambda x, *theta: cls._evaluate("log_prob", x, [np.atleast_1d(np.asarray(v, float)) for v in theta]),
        parameters={p.name: p.domain for p in info.parameters},
        support=(info.support.lower, info.support.upper),
        kind=info.kind,
    )


# Those whose support no parameter moves, that are smooth, and whose parameters have a domain that users can give.
DOMAINS = ("real", "positive", "nonnegative", "unit")
SMOOTH = [cls for cls in FAMILIES if not cls.info.boundary_maximum and cls.info.information == "observed"
          and cls(*cls.info.cases[0]).support == (cls.info.support.lower, cls.info.support.upper)
          and all(p.default is None and p.domain in DOMAINS for p in cls.info.parameters)]  # fmt: skip


@pytest.mark.parametrize("cls", SMOOTH, ids=lambda cls: cls.info.name)
@quick_share(4)
def test_a_copy_of_a_family_agrees_with_it(cls):
    own = copy_of(cls)
    theta = cls.info.cases[0]
    model, peer = own(*theta), cls(*theta)
    q = np.array([1e-12, 1e-3, 0.2, 0.5, 0.9])
    x = np.unique([*peer.icdf(q), *peer.isf(q)])
    for name in ("log_prob", "log_cdf", "log_sf"):
        np.testing.assert_allclose(getattr(model, name)(x), getattr(peer, name)(x), rtol=1e-9, atol=1e-11, err_msg=name)
    np.testing.assert_allclose(model.icdf(q), peer.icdf(q), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(model.isf(q), peer.isf(q), rtol=1e-9, atol=1e-12)
    assert model.log_prob_between(x[0], x[1]) == pytest.approx(peer.log_prob_between(x[0], x[1]), rel=1e-9)
    for name in ("mean", "variance"):
        if math.isfinite(getattr(peer, name)):
            assert getattr(model, name) == pytest.approx(getattr(peer, name), rel=1e-8), name
    assert model.entropy() == pytest.approx(peer.entropy(), rel=1e-8, abs=1e-9)
    scores = peer.score(x)
    np.testing.assert_allclose(model.score(x), scores, rtol=1e-6, atol=1e-8 * np.abs(scores).max())


@pytest.mark.parametrize("cls", SMOOTH, ids=lambda cls: cls.info.name)
@quick_share(4)
def test_a_copy_of_a_family_fits_like_it(cls):
    own, x = copy_of(cls), cls(*cls.info.cases[0]).sample(300, seed=2)
    expected, found = cls.fit(x), own.fit(x)
    if expected.status != "converged":
        return
    assert found.status == "converged", found.reason
    assert found.log_likelihood == pytest.approx(expected.log_likelihood, rel=1e-10, abs=1e-8)
    for name, error in expected.standard_errors.items():
        assert abs(found.parameters[name] - expected.parameters[name]) <= 1e-6 * error, name
        assert found.standard_errors[name] == pytest.approx(error, rel=1e-5)


def test_a_skewed_density_in_five_lines():
    model, peer = SkewNormal(1.0, 2.0, 3.0), scipy.stats.skewnorm(3.0, 1.0, 2.0)
    x = np.array([-1.5, 0.0, 1.0, 2.5, 9.0])
    np.testing.assert_allclose(model.cdf(x), peer.cdf(x), rtol=1e-9)
    assert (model.mean, model.variance) == pytest.approx(peer.stats("mv"), rel=1e-10)
    draws = model.sample(3000, seed=3)
    np.testing.assert_array_equal(draws[:50], model.sample(50, seed=3))
    ranking = th.compare(draws, families=[SkewNormal, "normal", "student_t", "logistic"])
    assert ranking.rows[0].family == "skewed" and ranking.fits["skewed"].status == "converged"
    errors = ranking.fits["skewed"].standard_errors
    for name, true in zip(("loc", "scale", "shape"), (1.0, 2.0, 3.0), strict=True):
        assert abs(ranking.fits["skewed"].parameters[name] - true) <= 5 * errors[name]
    assert th.fit("skewed", draws) == th.fit(SkewNormal, draws)


def test_it_takes_modifiers():
    assert th.shifted(SkewNormal, 10.0)(1.0, 2.0, 3.0).mean == pytest.approx(10 + SkewNormal(1.0, 2.0, 3.0).mean)


@pytest.mark.slow
def test_it_is_fitted_to_every_kind_of_observation_and_as_modified():
    x = SkewNormal(1.0, 2.0, 3.0).sample(400, seed=4)
    rows = th.observations.censored(np.where(x > 3, 3.0, x), np.where(x > 3, np.inf, x))
    fit = th.fit(SkewNormal, rows)
    assert fit.status == "converged"
    assert abs(fit.parameters["shape"] - 3.0) <= 5 * fit.standard_errors["shape"]
    window = th.fit(th.truncated(SkewNormal, low=0.0), x[x >= 0])
    assert window.status in ("converged", "not_identified")


def test_documents_hold_the_name():
    model = SkewNormal(1.0, 2.0, 3.0)
    assert th.Family.from_json(model.to_json()) == model and pickle.loads(pickle.dumps(model)) == model
    document = {**model.to_dict(), "family": "never_defined"}
    with pytest.raises(th.UnknownNameError, match="'never_defined' is unknown"):
        th.Family.from_dict(document)


def test_array_parameters():
    two = SkewNormal(1.0, 2.0, np.array([0.0, 3.0]))
    np.testing.assert_allclose(two.cdf(1.5), [SkewNormal(1.0, 2.0, 0.0).cdf(1.5), SkewNormal(1.0, 2.0, 3.0).cdf(1.5)])
    assert two.sample(5, seed=1).shape == (5, 2) and two.mean.shape == (2,)


def test_a_density_that_is_unbounded_at_an_end():
    power = th.family("power_law", log_density=lambda x, a: np.log(a) + (a - 1) * np.log(x), parameters={"a": "positive"},
                      support=(0.0, 1.0))(0.05)  # fmt: skip
    assert power.mean == pytest.approx(0.05 / 1.05, rel=1e-10)
    assert power.icdf(1e-10) == pytest.approx(1e-200, rel=1e-9)


def test_a_law_without_a_mean():
    cauchy = th.family("own_cauchy", log_density=lambda x, c: -math.log(math.pi) - np.log1p((x - c) ** 2),
                       parameters={"c": "real"}, support=(-math.inf, math.inf))(1e6)  # fmt: skip
    assert cauchy.median == pytest.approx(1e6, rel=1e-14) and math.isnan(cauchy.mean)
    assert not math.isfinite(cauchy.variance)


def test_far_tails_of_counts():
    law = th.family("own_geometric", log_density=lambda k, p: np.log(p) + k * np.log1p(-p), parameters={"p": "unit"},
                    support=(0, math.inf), kind="discrete")  # fmt: skip
    assert law(0.3).log_sf(5000.0) == pytest.approx(5001 * math.log(0.7), rel=1e-12)
    with pytest.raises(th.ParameterError, match="counts are summed up to 1048576 terms, which hold 0.99997"):
        law(1e-5)


def test_a_parameter_at_the_end_of_its_range():
    law = th.family("own_exponential", log_density=lambda x, r: np.log1p(r) - (1 + r) * x, parameters={"r": "nonnegative"},
                    support=(0, math.inf))  # fmt: skip
    np.testing.assert_allclose(law(0.0).score([1.0, 3.0])[:, 0], [0.0, -2.0], atol=1e-8)


def test_a_family_that_was_defined_anew_is_not_taken_for_the_old_one():
    def laplace(scale):
        return th.family("own_laplace", log_density=lambda x, c: -math.log(2 * scale) - np.abs(x - c) / scale,
                         parameters={"c": "real"}, support=(-math.inf, math.inf))  # fmt: skip

    old = laplace(1.0)(0.0)
    inflated = th.zero_inflated(type(old))(0.0, 0.5)
    assert laplace(2.0)(0.0).cdf(1.0) != old.cdf(1.0)
    for model in (old, inflated):
        with pytest.raises(th.DataError, match="was defined anew since this member was made"):
            pickle.dumps(model)


def own(log_density, **options):
    return th.family("bad", log_density=log_density, parameters={"s": "positive"}, support=(0.0, math.inf), **options)


REFUSED = [
    (lambda: own(lambda x, s: -x / s)(2.0), "must integrate to 1 over the support; the integral is 2 at s=2.0. Subtract"),
    (lambda: own(lambda x, s: 0.0 * s)(2.0), r"must return one value per row, shape \(\d+,\); got shape \(\)"),
    (lambda: own(lambda x, s: np.log(x - 1) - s)(2.0), "must be a number or -inf; got nan at x=.*with s=2.0. A density that is neg"),
    (lambda: own(lambda x, s: np.where(x == 3.0, np.inf, -x / s - np.log(s)))(2.0).log_prob(3.0), "got inf at x=3.0"),
    (lambda: own(lambda x, s: "text")(2.0), "must return real numbers; got str"),
    (lambda: own(lambda x, s: -s * x, kind="discrete")(2.0), "must sum to 1 over the support; the sum is 1.1565"),
    (lambda: own("exp(-x)"), "log_density: must be a function of x and the parameters; got str. Text is never evaluated"),
    (lambda: own(lambda x, s: x, kind="both"), "kind: 'both' is unknown"),
    (lambda: th.family(log_density=lambda x: x, parameters={"s": "real"}, support=(0, 1)), "name: must be a name of letters.*<lambda>"),
    (lambda: th.family("gamma", log_density=lambda x: x, parameters={"s": "real"}, support=(0, 1)), "'gamma' is a family of thetahat's own"),
    (lambda: th.family("a", log_density=lambda x: x, parameters={"s": "big"}, support=(0, 1)), "parameters: s: 'big' is unknown"),
    (lambda: th.family("class", log_density=lambda x: x, parameters={"s": "real"}, support=(0, 1)), "name: must be a name of"),
    (lambda: th.family("a", log_density=lambda x: x, parameters=["s"], support=(0, 1)), "parameters: must map at least one name"),
    (lambda: th.family("a", log_density=lambda x: x, parameters={"info": "real"}, support=(0, 1)), "'info' cannot name one"),
    (lambda: th.family("a", log_density=lambda x: x, parameters={"mean": "real"}, support=(0, 1)), "'mean' cannot name one, or is"),
    (lambda: th.family("a", log_density=lambda x: x, parameters={"s": "real"}, support=(1, 0)), "support: the lower end must be"),
    (lambda: th.family("a", log_density=lambda x: x, parameters={"s": "real"}, support=3), "support: must be two numbers; got 3"),
    (lambda: SkewNormal(0.0, -1.0, 0.0), "skewed: scale must be positive and finite; got -1.0"),
    (lambda: th.fit(SkewNormal, [1.0, 2.0], start={"loc": 1.0}), "start: lacks scale"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_is_no_density_is_refused(number):
    call, message = REFUSED[number]
    with pytest.raises(th.ThetahatError, match=message):
        call()


def test_examples():
    outcome = doctest.testmod(custom)
    assert outcome.attempted >= 7 and outcome.failed == 0
