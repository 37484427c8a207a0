"""Families of counts."""

from functools import lru_cache

from mpmath import harmonic, inf, log, log1p, loggamma, mp, mpf
from mpmath import zeta as zeta_function

from reference.oracle.density import density, half_line, times_log


@density(half_line, lambda rate: rate, lattice=True)
def poisson(x, rate):  # JKK, chapter 4
    return times_log(x, rate) - rate - loggamma(x + 1)


@density(half_line, lambda probs: mpf(0), lattice=True)
def geometric(x, probs):  # JKK, section 5.2: failures before the first success
    return log(probs) + times_log(x, 1 - probs)


@density(half_line, lambda total_count, probs: total_count * probs / (1 - probs), lattice=True)
def negative_binomial(x, total_count, probs):  # JKK, section 5.1, with P/Q = probs and real index
    binomial = loggamma(x + total_count) - loggamma(total_count) - loggamma(x + 1)
    return binomial + total_count * log1p(-probs) + times_log(x, probs)


@density(lambda probs: (mpf(0), mpf(1)), lambda probs: mpf(0), lattice=True)
def bernoulli(x, probs):  # JKK, section 3.2
    return log(probs) if x == 1 else log1p(-probs)


def from_one(*theta):
    return mpf(1), inf


@density(from_one, lambda probs: mpf(1), lattice=True)
def log_series(x, probs):  # JKK, section 7.1
    return times_log(x, probs) - log(x) - log(-log1p(-probs))


@lru_cache(maxsize=64)
def log_power_sum(power, size, precision):
    if size == inf:
        return log(zeta_function(power))
    if size <= 2000:
        return log(sum(k ** -power for k in map(mpf, range(1, int(size) + 1))))
    if power == 1:
        return log(harmonic(size))
    return log(zeta_function(power) - zeta_function(power, size + 1))


@density(from_one, lambda power: mpf(1), lattice=True)
def zeta(x, power):  # JKK, section 11.2.20
    return -power * log(x) - log_power_sum(power, inf, mp.prec)


@density(half_line, lambda rate, dispersion: rate, lattice=True)
def generalized_poisson(x, rate, dispersion):  # Consul and Famoye, chapter 9, with theta = r and lambda = r * dispersion
    theta = rate / (1 + dispersion * rate)
    grown = theta * (1 + dispersion * x)
    return log(theta) + (x - 1) * log(grown) - grown - loggamma(x + 1)
