"""Families on an interval or the circle."""

from mpmath import log, loggamma, mpf

from reference.oracle.density import density, times_log


@density(lambda a, b: (mpf(0), mpf(1)), lambda a, b: a / (a + b))
def beta(x, a, b):  # JKB 2, chapter 25
    return times_log(a - 1, x) + times_log(b - 1, 1 - x) + loggamma(a + b) - loggamma(a) - loggamma(b)


@density(lambda low, high: (low, high), lambda low, high: (low + high) / 2)
def uniform(x, low, high):  # JKB 2, chapter 26
    return -log(high - low)
