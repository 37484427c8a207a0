"""Families on a half-line."""

from mpmath import exp, inf, log, log1p, loggamma, pi, sqrt

from reference.oracle.density import density, half_line, times_log


@density(half_line, lambda loc, scale: exp(loc))
def log_normal(x, loc, scale):  # JKB 1, chapter 14
    return -(((log(x) - loc) / scale) ** 2) / 2 - log(x) - log(scale) - log(2 * pi) / 2


@density(half_line, lambda rate: 1 / rate)
def exponential(x, rate):  # JKB 1, chapter 19
    return log(rate) - rate * x


@density(lambda scale, alpha: (scale, inf), lambda scale, alpha: scale * (1 + 1 / alpha))
def pareto(x, scale, alpha):  # JKB 1, chapter 20, Pareto of the first kind
    return log(alpha) + alpha * log(scale) - (alpha + 1) * log(x)


def inverse_gaussian_mode(mean, shape):
    ratio = 3 * mean / (2 * shape)
    return mean / (sqrt(1 + ratio**2) + ratio)


@density(half_line, inverse_gaussian_mode)
def inverse_gaussian(x, mean, shape):  # JKB 1, chapter 15
    return log(shape / (2 * pi * x**3)) / 2 - shape * (x - mean) ** 2 / (2 * mean**2 * x)


@density(half_line, lambda concentration, rate: concentration / rate)
def gamma(x, concentration, rate):  # JKB 1, chapter 17
    return times_log(concentration - 1, x) + concentration * log(rate) - rate * x - loggamma(concentration)


@density(half_line, lambda scale, concentration: scale)
def weibull(x, scale, concentration):  # JKB 1, chapter 21
    power = (x / scale) ** concentration
    return log(concentration / scale) + times_log(concentration - 1, x / scale) - power


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


@density(half_line, lambda concentration, rate: rate / (concentration + 1))
def inverse_gamma(x, concentration, rate):  # JKB 1, chapter 17, section 8.5
    return concentration * log(rate) - loggamma(concentration) - (concentration + 1) * log(x) - rate / x


@density(half_line, lambda scale, concentration: scale)
def log_logistic(x, scale, concentration):  # JKB 2, chapter 23, section 11
    odds = (x / scale) ** concentration
    return log(concentration / scale) + times_log(concentration - 1, x / scale) - 2 * log1p(odds)
