"""Families of counts."""

from mpmath import log, log1p, loggamma, mpf

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
