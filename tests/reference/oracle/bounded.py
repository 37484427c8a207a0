"""Families on an interval or the circle."""

from mpmath import besseli, cos, log, loggamma, mp, mpf

from reference.oracle.density import density, times_log


@density(lambda a, b: (mpf(0), mpf(1)), lambda a, b: a / (a + b))
def beta(x, a, b):  # JKB 2, chapter 25
    return times_log(a - 1, x) + times_log(b - 1, 1 - x) + loggamma(a + b) - loggamma(a) - loggamma(b)


@density(lambda low, high: (low, high), lambda low, high: (low + high) / 2)
def uniform(x, low, high):  # JKB 2, chapter 26
    return -log(high - low)


def opposite_direction(loc, concentration):
    return loc - mp.pi if loc > 0 else loc + mp.pi


@density(lambda loc, concentration: (-mp.pi, +mp.pi), lambda loc, concentration: loc, valley=opposite_direction)
def von_mises(x, loc, concentration):  # Mardia and Jupp, section 3.5.4
    return concentration * cos(x - loc) - log(2 * mp.pi * besseli(0, concentration))
