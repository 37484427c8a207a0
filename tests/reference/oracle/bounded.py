"""Families on an interval or the circle."""

from mpmath import besseli, cos, exp, expm1, log, log1p, loggamma, mp, mpf, pi

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


@density(lambda low, high: (low, high), lambda low, high: (low + high) / 2)
def log_uniform(x, low, high):  # Hamming (1970): the reciprocal law
    return -log(x) - log(log(high / low))


@density(lambda rate, high: (mpf(0), high), lambda rate, high: high / 2)
def truncated_exponential(x, rate, high):  # Deemer and Votaw (1955), equation 1
    return -rate * x - (log(high) if rate == 0 else log(-expm1(-rate * high) / rate))


@density(lambda alpha, low, high: (low, high), lambda alpha, low, high: low + (high - low) / 2 ** (1 + abs(alpha)))
def truncated_pareto(x, alpha, low, high):  # Aban, Meerschaert and Panorska (2006), equation 1
    norm = log(log(high / low)) if alpha == 0 else log((low**-alpha - high**-alpha) / alpha)
    return -(alpha + 1) * log(x) - norm


@density(lambda g, d, loc, scale: (loc, loc + scale), lambda g, d, loc, scale: loc + scale / (1 + exp(g / d)))
def johnson_sb(x, g, d, loc, scale):  # JKB 1, equation 12.35
    y = (x - loc) / scale
    return log(d / scale) - log(2 * pi) / 2 - log(y) - log(1 - y) - (g + d * (log(y) - log(1 - y))) ** 2 / 2


def opposite_direction(loc, concentration):
    return loc - mp.pi if loc > 0 else loc + mp.pi


@density(lambda loc, concentration: (-mp.pi, +mp.pi), lambda loc, concentration: loc, valley=opposite_direction)
def von_mises(x, loc, concentration):  # Mardia and Jupp, section 3.5.4
    return concentration * cos(x - loc) - log(2 * mp.pi * besseli(0, concentration))
