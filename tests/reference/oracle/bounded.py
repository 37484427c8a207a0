"""Families on an interval or the circle."""

from mpmath import exp, log, log1p, loggamma, mpf, pi

from reference.oracle.density import density, times_log


@density(lambda a, b: (mpf(0), mpf(1)), lambda a, b: a / (a + b))
def beta(x, a, b):  # JKB 2, chapter 25
    return times_log(a - 1, x) + times_log(b - 1, 1 - x) + loggamma(a + b) - loggamma(a) - loggamma(b)


@density(lambda low, high: (low, high), lambda low, high: (low + high) / 2)
def uniform(x, low, high):  # JKB 2, chapter 26
    return -log(high - low)


def unit_interval(*theta):
    return mpf(0), mpf(1)


@density(unit_interval, lambda a: a / (a + 1))
def power_function(x, a):  # JKB 1, section 20.8
    return log(a) + times_log(a - 1, x)


@density(unit_interval, lambda a, b: (1 - mpf(1) / 2 ** (1 / b)) ** (1 / a))
def kumaraswamy(x, a, b):  # Jones (2009), equation 1.2; the median
    return log(a) + log(b) + times_log(a - 1, x) + times_log(b - 1, 1 - x**a)


@density(unit_interval, lambda loc, scale: 1 / (1 + exp(-loc)))
def logit_normal(x, loc, scale):  # Atchison and Shen (1980), in one dimension
    logit = log(x) - log1p(-x)
    return -(((logit - loc) / scale) ** 2) / 2 - log(scale) - log(2 * pi) / 2 - log(x) - log1p(-x)
