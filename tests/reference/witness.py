"""The third witness: log densities by scipy.stats, through the arguments that each family declares for it.

It guards against a mistake that header and oracle share. Its own accuracy is that of scipy, far below the oracle's. A
law that scipy lacks, for some parameters or for all, is a function or a composition of laws that it has, by a route of its
source that is not the formula of the header: it is registered here under the family's name, its arguments are x and the
canonical parameters.
"""

import numpy as np
from thetahat import ParameterError

RELATIVE_ACCURACY = 1e-10


def cancelled(theta):
    """What scipy loses by subtracting logarithms of gamma functions of large parameters: some ulps of n log n each."""
    large = [abs(value) for value in theta if abs(value) > 1]
    return 8 * np.finfo(np.float64).eps * sum(value * max(1.0, np.log(value)) for value in large)


COMPOSED = {}


def composed(function):
    COMPOSED[function.__name__] = function
    return function


def log_prob(model, x):
    compose = COMPOSED.get(model.info.name)
    with np.errstate(all="ignore"):
        if compose is not None:
            return compose(np.asarray(x, dtype=float), *model.parameters.values())
        frozen = model.to_scipy()
        return frozen.logpmf(x) if model.info.kind == "discrete" else frozen.logpdf(x)


def fitted_log_likelihood(case, x):
    """The log-likelihood at scipy's own maximum, with what the family holds held."""
    import warnings

    import scipy.stats

    info = case.family.info
    if case.name in COMPOSED:
        return searched_log_likelihood(case, x)
    distribution = getattr(scipy.stats, info.scipy.name)
    known = case.known()
    # scipy frees a location and a scale that the family does not have.
    declared = {argument.name for argument in info.scipy.arguments}
    held = {"f" + name: value for name, value in (("loc", 0.0), ("scale", 1.0)) if name not in declared}
    for argument in info.scipy.arguments:
        if argument.transform == "constant":
            held["f" + argument.name] = argument.value
        elif argument.transform == "identity" and argument.first in known:
            held["f" + argument.name] = known[argument.first]
    named = {argument.name for argument in info.scipy.arguments}
    if info.kind == "continuous":  # scipy fits a location and a scale to everything unless they are held
        held.update({f"f{name}": value for name, value in (("loc", 0.0), ("scale", 1.0)) if name not in named})
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if info.kind == "continuous":
            try:
                found = distribution.fit(x, **held)
            except scipy.stats.FitError:
                return -np.inf
            # Its own sum loses digits in extreme shapes: the place is scipy's, the sum ours.
            try:
                rows = case.family.from_scipy(distribution(*found)).log_prob(x)
            except ParameterError:  # scipy's family is wider
                return -np.inf
            return float(rows.sum() if np.isfinite(rows).all() else distribution.logpdf(x, *found).sum())
        return searched_log_likelihood(case, x)


def searched_log_likelihood(case, x):
    """scipy has no real-valued fit of counts, and none of laws that it lacks: its simplex search over the witness."""
    from scipy.optimize import minimize
    from scipy.special import expit, logit

    into = {"positive": np.exp, "unit": expit, "real": float, "above_one": lambda u: 1.0 + np.exp(u)}
    outof = {"positive": np.log, "unit": logit, "real": float, "above_one": lambda v: np.log(v - 1.0)}
    domains = [parameter.domain for parameter in case.family.info.parameters]

    def loss(point):
        try:
            model = case.family(*(into[domain](value) for domain, value in zip(domains, point, strict=True)))
        except ParameterError:  # of a constraint between parameters
            return np.inf
        return -log_prob(model, x).sum()

    start = [outof[domain](value) for domain, value in zip(domains, case.theta, strict=True)]
    return -float(minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-10}).fun)


# ----- laws that scipy lacks ------------------------------------------------------------------------------------------


@composed
def kumaraswamy(x, a, b):  # x^a has the beta law with 1 and b
    import scipy.stats

    return scipy.stats.beta(1, b).logpdf(x**a) + np.log(a) + (a - 1) * np.log(x)


@composed
def logit_normal(x, loc, scale):  # log(x / (1 - x)) is normal
    import scipy.stats
    from scipy.special import logit

    return scipy.stats.norm(loc, scale).logpdf(logit(x)) - np.log(x) - np.log1p(-x)


@composed
def truncated_exponential(x, rate, high):  # scipy's has positive rates; high - x has the opposite one
    import scipy.stats

    if rate == 0:
        return scipy.stats.uniform(0, high).logpdf(x)
    place = x if rate > 0 else high - x
    return scipy.stats.truncexpon(abs(rate) * high, scale=1 / abs(rate)).logpdf(place)


@composed
def truncated_pareto(x, alpha, low, high):  # log(x / low) is a truncated exponential variable
    return truncated_exponential(np.log(x / low), alpha, np.log(high / low)) - np.log(x)


@composed
def split_normal(x, loc, scale1, scale2):
    """A half-normal distance, to the left with probability scale1 / (scale1 + scale2)."""
    from scipy.stats import halfnorm

    left = np.log(scale1 / (scale1 + scale2)) + halfnorm.logpdf(loc - x, scale=scale1)
    right = np.log(scale2 / (scale1 + scale2)) + halfnorm.logpdf(x - loc, scale=scale2)
    return np.where(x < loc, left, right)


@composed
def exponentially_modified_gaussian(x, loc, scale, rate):
    """scipy's, whose K has to be large enough for its erfc: below it the normal law with Edgeworth's correction."""
    from scipy.stats import exponnorm, norm

    ratio = 1 / (rate * scale)
    if ratio > 1e-3:
        return exponnorm.logpdf(x, ratio, loc, scale)
    deviation = scale * np.sqrt(1 + ratio**2)
    z = (x - loc - 1 / rate) / deviation
    return norm.logpdf(z) - np.log(deviation) + (ratio / np.sqrt(1 + ratio**2)) ** 3 * (z**3 - 3 * z) / 3


@composed
def sinh_arcsinh(x, loc, scale, asymmetry, tailweight):
    """The density of sinh u, normal, times the slope of sinh u in x."""
    from scipy.stats import norm

    y = np.arcsinh((x - loc) / scale)
    u = tailweight * y - asymmetry
    slope = tailweight * np.cosh(u) / (scale * np.cosh(y))
    return norm.logpdf(np.sinh(u)) + np.log(slope)


@composed
def generalized_poisson(x, rate, dispersion):
    """Consul's own form: a Poisson term whose rate follows the count, times the share of the first generation."""
    from scipy.stats import poisson

    first = rate / (1 + dispersion * rate)
    grown = first * (1 + dispersion * x)
    return np.log(first / grown) + poisson.logpmf(x, grown)
