"""Log densities in high-precision arithmetic, written from the cited sources and from nothing else.

To add a family, add one function here: its name is the registry name, its arguments are x and the canonical
parameters in registry order, its body is the textbook formula. `support` and `centre` (a point of large density,
or the kink) are functions of the parameters. What is common to all
families (derivatives, integrals, sums) stands in `high_precision.py`.

Sources, by short name:
  JKB   Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions, 2nd ed., vol. 1 (1994), vol. 2 (1995)
  JKK   Johnson, Kemp, Kotz, Univariate Discrete Distributions, 3rd ed. (2005)
  Coles An Introduction to Statistical Modeling of Extreme Values (2001)
"""

from collections.abc import Callable
from dataclasses import dataclass

from mpmath import exp, inf, log, log1p, loggamma, mpf, pi, sqrt


@dataclass(frozen=True)
class Density:
    log_density: Callable
    support: Callable
    centre: Callable
    lattice: bool
    vector: bool


ORACLE: dict[str, Density] = {}


def density(support, centre, lattice=False, vector=False):
    def register(function):
        ORACLE[function.__name__] = Density(function, support, centre, lattice, vector)
        return function

    return register


def times_log(factor, argument):
    """factor·log(argument) with 0·log 0 = 0, its limit along constant factors."""
    return mpf(0) if factor == 0 else factor * log(argument)


def real_line(*theta):
    return -inf, inf


def half_line(*theta):
    return mpf(0), inf


@density(real_line, lambda loc, scale: loc)
def normal(x, loc, scale):  # JKB 1, chapter 13
    return -(((x - loc) / scale) ** 2) / 2 - log(scale) - log(2 * pi) / 2


@density(half_line, lambda loc, scale: exp(loc))
def log_normal(x, loc, scale):  # JKB 1, chapter 14
    return -(((log(x) - loc) / scale) ** 2) / 2 - log(x) - log(scale) - log(2 * pi) / 2


@density(half_line, lambda rate: 1 / rate)
def exponential(x, rate):  # JKB 1, chapter 19
    return log(rate) - rate * x


@density(real_line, lambda loc, scale: loc)
def laplace(x, loc, scale):  # JKB 2, chapter 24
    return -abs(x - loc) / scale - log(2 * scale)


@density(lambda scale, alpha: (scale, inf), lambda scale, alpha: scale * (1 + 1 / alpha))
def pareto(x, scale, alpha):  # JKB 1, chapter 20, Pareto of the first kind
    return log(alpha) + alpha * log(scale) - (alpha + 1) * log(x)


def inverse_gaussian_mode(mean, shape):
    ratio = 3 * mean / (2 * shape)
    return mean / (sqrt(1 + ratio**2) + ratio)


@density(half_line, inverse_gaussian_mode)
def inverse_gaussian(x, mean, shape):  # JKB 1, chapter 15
    return log(shape / (2 * pi * x**3)) / 2 - shape * (x - mean) ** 2 / (2 * mean**2 * x)


@density(half_line, lambda rate: rate, lattice=True)
def poisson(x, rate):  # JKK, chapter 4
    return times_log(x, rate) - rate - loggamma(x + 1)


@density(half_line, lambda probs: mpf(0), lattice=True)
def geometric(x, probs):  # JKK, section 5.2: failures before the first success
    return log(probs) + times_log(x, 1 - probs)


@density(half_line, lambda concentration, rate: concentration / rate)
def gamma(x, concentration, rate):  # JKB 1, chapter 17
    return times_log(concentration - 1, x) + concentration * log(rate) - rate * x - loggamma(concentration)


@density(lambda a, b: (mpf(0), mpf(1)), lambda a, b: a / (a + b))
def beta(x, a, b):  # JKB 2, chapter 25
    return times_log(a - 1, x) + times_log(b - 1, 1 - x) + loggamma(a + b) - loggamma(a) - loggamma(b)


@density(half_line, lambda total_count, probs: total_count * probs / (1 - probs), lattice=True)
def negative_binomial(x, total_count, probs):  # JKK, section 5.1, with P/Q = probs and real index
    binomial = loggamma(x + total_count) - loggamma(total_count) - loggamma(x + 1)
    return binomial + total_count * log1p(-probs) + times_log(x, probs)


@density(half_line, lambda scale, concentration: scale)
def weibull(x, scale, concentration):  # JKB 1, chapter 21
    power = (x / scale) ** concentration
    return log(concentration / scale) + times_log(concentration - 1, x / scale) - power


@density(real_line, lambda df, loc, scale: loc)
def student_t(x, df, loc, scale):  # JKB 2, chapter 28
    constant = loggamma((df + 1) / 2) - loggamma(df / 2) - log(df * pi) / 2 - log(scale)
    return constant - (df + 1) / 2 * log1p(((x - loc) / scale) ** 2 / df)


@density(real_line, lambda loc, scale: loc)
def logistic(x, loc, scale):  # JKB 2, chapter 23
    distance = abs(x - loc) / scale
    return -distance - log(scale) - 2 * log1p(exp(-distance))


@density(real_line, lambda loc, scale: loc)
def gumbel(x, loc, scale):  # JKB 2, chapter 22, type 1 for maxima
    return -(x - loc) / scale - exp(-(x - loc) / scale) - log(scale)


def generalized_pareto_support(loc, scale, shape):
    return loc, (loc - scale / shape if shape < 0 else inf)


def generalized_pareto_centre(loc, scale, shape):
    return loc + scale / (2 + 2 * abs(shape))


@density(generalized_pareto_support, generalized_pareto_centre)
def generalized_pareto(x, loc, scale, shape):  # Coles, section 4.2
    z = (x - loc) / scale
    if shape == 0:
        return -log(scale) - z
    return -log(scale) - (0 if shape == -1 else (1 / shape + 1) * log1p(shape * z))


@density(lambda low, high: (low, high), lambda low, high: (low + high) / 2)
def uniform(x, low, high):  # JKB 2, chapter 26
    return -log(high - low)


@density(lambda low, high: (low, high), lambda low, high: None, vector=True)
def box(x, low, high):  # the product of JKB 2, chapter 26
    return -sum(log(b - a) for a, b in zip(low, high, strict=True))
