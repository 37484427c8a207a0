"""What the tests know of the registry: families, parameter points, and observations at which to look at a model."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pytest
import thetahat as th

EPSILON = np.finfo(np.float64).eps
TINY = np.finfo(np.float64).tiny

# Special functions of cdf, sf, quantiles and moments are held to tier 2's constant, whatever log_prob declares.
SPECIAL_ACCURACY = 64

FAMILIES = [cls for cls in th.families() if not cls.info.vector]
VECTOR_FAMILIES = [cls for cls in th.families() if cls.info.vector]

LOWER_TAIL = (1e-12, 1e-3, 0.1, 0.37)
UPPER_TAIL = (0.5, 0.2, 0.01, 1e-9)


def known(family, theta):
    """The parameters that a fit holds by default, at these values: what a fit of draws from this member is told."""
    pairs = zip(family.info.parameters, theta, strict=True)
    return {parameter.name: value for parameter, value in pairs if parameter.default is not None}


def fit_like(model, x, **options):
    """The fit of the model's family to draws from it: what it holds by default is held where the model has it."""
    held = {**known(type(model), model.parameters.values()), **(options.pop("fixed", None) or {})}
    return type(model).fit(x, fixed=held or None, **options)


@dataclass(frozen=True)
class Case:
    """A family at one of the parameter points that it declares."""

    family: type
    number: int

    @property
    def theta(self):
        return self.family.info.cases[self.number]

    @cached_property
    def model(self):
        return self.family(*self.theta)

    @property
    def name(self):
        return self.family.info.name

    @property
    def discrete(self):
        return self.family.info.kind == "discrete"

    def __str__(self):
        return f"{self.name}-{','.join(f'{value:g}' for value in self.theta)}"

    def inside(self, values):
        """Those of the values that lie in the interior of the support and are not subnormal, sorted."""
        lower, upper = self.model.support
        values = np.unique(np.asarray(values, dtype=np.float64))
        kept = np.isfinite(values) & (values > lower) & (values < upper) & ((abs(values) >= TINY) | (values == 0))
        if self.discrete:
            kept = np.isfinite(values) & (values >= lower) & (values == np.floor(values))
        return values[kept]

    def typical(self):
        """Quantiles from 1e-12 to 1 - 1e-9: where data lies."""
        return self.inside([*self.model.icdf(np.array(LOWER_TAIL)), *self.model.isf(np.array(UPPER_TAIL))])

    def everywhere(self):
        """Typical values, the neighbourhood of the edges, and magnitudes up to the largest float."""
        lower, upper = self.model.support
        edges = [np.nextafter(lower, np.inf), np.nextafter(upper, -np.inf)]
        if self.discrete:
            return self.inside([0, 1, 2, 17, 1e3, 1e6, 1e9, 2.0**53, 1e18, *self.typical()])
        sizes = np.array([1e-300, 1e-100, 1e-9, 1e-3, 0.9, 30.0, 1e3, 1e9, 1e100, 1.7e308])
        return self.inside([*self.typical(), *sizes, *-sizes, 0.0, *edges, *(edge for edge in (lower, upper))])

    def edges(self):
        """Finite ends of the support, with whether they belong to it.

        The family declares that for the ends of its widest support; an end that a parameter sets belongs to it.
        """
        support = self.family.info.support
        declared = {support.lower: support.lower_closed, support.upper: support.upper_closed}
        return [(end, declared.get(end, True)) for end in self.model.support if np.isfinite(end)]

    def draws(self, n, seed):
        return self.model.sample(n, seed=seed)

    def usable_draws(self, n, seed):
        """Draws that the family's own support holds: extreme shapes round some to an edge that is left out."""
        draws = self.draws(n, seed)
        inside = np.isfinite(self.model.log_prob(draws))
        if not inside.all():
            pytest.skip(f"{(~inside).sum()} of {n} draws round to the edge of the support")
        return draws

    def known(self):
        return known(self.family, self.theta)

    def differentiable(self):
        """Positions of the parameters that are no whole numbers."""
        parameters = self.family.info.parameters
        return [j for j, parameter in enumerate(parameters) if parameter.domain not in ("count", "integer")]

    def fit(self, x, **options):
        return fit_like(self.model, x, **options)


CASES = [Case(cls, number) for cls in FAMILIES for number in range(len(cls.info.cases))]


# What of a test stands outside the slow set: so many cases of each family, and so many families, however many there are.


def quick_cases(number, most=None):
    """How many cases of every family a test takes outside the slow set; mpmath's integrals afford one.

    With the slow set it takes the other cases too: of every family, or of `most`, chosen by the test's lots.
    """

    def mark(function):
        function.quick_cases = number
        function.most_families = most
        return function

    return mark


def quick_share(number, most=None):
    """For what is dear: how many families (or of what is made of them) a test takes outside the slow set, each test others.

    `lot` draws them for every test, and for every value of its other arguments, so that many tests meet all families.
    What is dearer still is left at that: with the slow set it takes `most` of them.
    """

    def mark(function):
        function.quick_share = number, most
        return function

    return mark


def lot(*key):
    """A number that looks random and never changes: the lowest of a test's lots are drawn."""
    return hashlib.sha256(repr(key).encode()).digest()
