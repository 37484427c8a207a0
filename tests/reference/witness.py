"""The third witness: log densities by scipy.stats, through the arguments that each family declares for it.

It guards against a mistake that header and oracle share. Its own accuracy is that of scipy, far below the oracle's. A
family that scipy lacks has an entry in COMPOSED: its log density from laws that scipy has, by a representation of its
source that is not the formula of the header.
"""

import numpy as np

COMPOSED = {}


def composed(function):
    """Registers log p(x; theta) under the registry name that the function has."""
    COMPOSED[function.__name__] = function
    return function


@composed
def split_normal(x, loc, scale1, scale2):
    """A half-normal distance, to the left with probability scale1 / (scale1 + scale2)."""
    from scipy.stats import halfnorm

    left = np.log(scale1 / (scale1 + scale2)) + halfnorm.logpdf(loc - x, scale=scale1)
    return np.logaddexp(left, np.log(scale2 / (scale1 + scale2)) + halfnorm.logpdf(x - loc, scale=scale2))

@composed
def sinh_arcsinh(x, loc, scale, skewness, tailweight):
    """The density of sinh u, normal, times the slope of sinh u in x."""
    from scipy.stats import norm

    y = np.arcsinh((x - loc) / scale)
    u = tailweight * y - skewness
    slope = tailweight * np.cosh(u) / (scale * np.cosh(y))
    return norm.logpdf(np.sinh(u)) + np.log(slope)


@composed
def fernandez_steel_skew_t(x, loc, scale, skewness, df):
    """Half of Student's law to either side, on scales whose ratio is the odds of the sides."""
    from scipy.stats import t

    odds = skewness**2
    left = np.log(2 / (1 + odds)) + t.logpdf(x, df, loc, scale / skewness)
    right = np.log(2 * odds / (1 + odds)) + t.logpdf(x, df, loc, scale * skewness)
    return np.where(x < loc, left, right)


RELATIVE_ACCURACY = 1e-10


def cancelled(theta):
    """What scipy loses by subtracting logarithms of gamma functions of large parameters: some ulps of n log n each."""
    large = [abs(value) for value in theta if abs(value) > 1]
    return 8 * np.finfo(np.float64).eps * sum(value * max(1.0, np.log(value)) for value in large)


def log_prob(model, x):
    if model.info.scipy is None:
        with np.errstate(all="ignore"):
            return COMPOSED[model.info.name](np.asarray(x, dtype=float), *model.parameters.values())
    frozen = model.to_scipy()
    with np.errstate(all="ignore"):
        return frozen.logpmf(x) if model.info.kind == "discrete" else frozen.logpdf(x)


def fitted_log_likelihood(case, x):
    """The log-likelihood at scipy's own maximum, with what the family holds held."""
    import warnings

    import scipy.stats

    info = case.family.info
    if info.scipy is None:
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
            rows = case.family.from_scipy(distribution(*found)).log_prob(x)
            return float(rows.sum() if np.isfinite(rows).all() else distribution.logpdf(x, *found).sum())
        return searched_log_likelihood(case, x)


def searched_log_likelihood(case, x):
    """scipy has no real-valued fit of counts, nor of what it lacks: its simplex search over the witness instead."""
    from scipy.optimize import minimize
    from scipy.special import expit, logit

    into = {"positive": np.exp, "unit": expit, "real": float}
    outof = {"positive": np.log, "unit": logit, "real": float}
    domains = [parameter.domain for parameter in case.family.info.parameters]

    def loss(point):
        model = case.family(*(into[domain](value) for domain, value in zip(domains, point, strict=True)))
        return -log_prob(model, x).sum()

    start = [outof[domain](value) for domain, value in zip(domains, case.theta, strict=True)]
    return -float(minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-10}).fun)
