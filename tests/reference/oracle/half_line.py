"""Families on a half-line."""

from mpmath import exp, expm1, inf, log, log1p, loggamma, mpf, pi, sqrt

from reference.oracle.bessel import log_besselk
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


@density(half_line, lambda scale: scale)
def half_normal(x, scale):  # JKB 1, section 13.10.1
    return log(2 / pi) / 2 - log(scale) - (x / scale) ** 2 / 2


@density(half_line, lambda scale: scale)
def rayleigh(x, scale):  # JKB 1, section 18.10
    return times_log(1, x) - 2 * log(scale) - (x / scale) ** 2 / 2


@density(half_line, lambda scale: scale)
def half_cauchy(x, scale):  # twice JKB 1, chapter 16, at location zero
    return log(2 / pi) - log(scale) - log1p((x / scale) ** 2)


@density(half_line, lambda df: df)
def chi2(x, df):  # JKB 1, chapter 18
    return times_log(df / 2 - 1, x) - x / 2 - df / 2 * log(2) - loggamma(df / 2)


@density(half_line, lambda concentration, scale: scale / (2 + concentration))
def lomax(x, concentration, scale):  # JKB 1, chapter 20, Pareto of the second kind
    return log(concentration / scale) - (concentration + 1) * log1p(x / scale)


@density(half_line, lambda scale, concentration: scale)
def frechet(x, scale, concentration):  # JKB 2, chapter 22, type 2 for maxima
    return log(concentration / scale) - (concentration + 1) * log(x / scale) - (x / scale) ** -concentration


@density(half_line, lambda concentration, scale: scale)
def nakagami(x, concentration, scale):  # Nakagami (1960), with m = concentration and Omega = scale^2
    power = times_log(2 * concentration - 1, x) - concentration * x**2 / scale**2
    return power + log(2) + concentration * (log(concentration) - 2 * log(scale)) - loggamma(concentration)


@density(half_line, lambda concentration, scale: scale * log1p(1 / concentration))
def gompertz(x, concentration, scale):  # JKB 2, section 22.8
    return log(concentration / scale) + x / scale - concentration * expm1(x / scale)


def birnbaum_saunders_mode(dispersion, scale):
    """By bisection of the derivative of the log density, (z - 1)(z + 1)² + dispersion² z (z + 3) up to a factor."""
    low, high = mpf(0), mpf(1)
    for _ in range(200):
        z = (low + high) / 2
        rising = (z - 1) * (z + 1) ** 2 + dispersion**2 * z * (z + 3) < 0
        low, high = (z, high) if rising else (low, z)
    return scale * low


@density(half_line, birnbaum_saunders_mode)
def birnbaum_saunders(x, dispersion, scale):  # JKB 2, section 33.2
    z = x / scale
    quadratic = (z + 1 / z - 2) / (2 * dispersion**2)
    return log(sqrt(z) + 1 / sqrt(z)) - log(2 * dispersion * x) - log(2 * pi) / 2 - quadratic


def log_beta(a, b):
    return loggamma(a) + loggamma(b) - loggamma(a + b)


@density(half_line, lambda df1, df2: max(df1 - 2, mpf(1)) / df1 * df2 / (df2 + 2))
def fisher_snedecor(x, df1, df2):  # JKB 2, chapter 27
    powers = df1 / 2 * log(df1 / df2) + times_log(df1 / 2 - 1, x)
    return powers - (df1 + df2) / 2 * log1p(df1 * x / df2) - log_beta(df1 / 2, df2 / 2)


@density(half_line, lambda a, b: max(a - 1, a / 2) / (b + 1))
def beta_prime(x, a, b):  # JKB 2, chapter 27, the standard Pearson type VI
    return times_log(a - 1, x) - (a + b) * log1p(x) - log_beta(a, b)


@density(half_line, lambda concentration, rate: rate / (concentration + 1))
def inverse_gamma(x, concentration, rate):  # JKB 1, chapter 17, section 8.5
    return concentration * log(rate) - loggamma(concentration) - (concentration + 1) * log(x) - rate / x


@density(half_line, lambda scale, concentration: scale)
def log_logistic(x, scale, concentration):  # JKB 2, chapter 23, section 11
    odds = (x / scale) ** concentration
    return log(concentration / scale) + times_log(concentration - 1, x / scale) - 2 * log1p(odds)


def generalized_inverse_gaussian_mode(order, chi, psi):
    root = sqrt((order - 1) ** 2 + chi * psi)
    return (order - 1 + root) / psi if order > 1 else chi / (1 - order + root)


@density(half_line, generalized_inverse_gaussian_mode)
def generalized_inverse_gaussian(x, order, chi, psi):  # Jorgensen, eq. 2.2
    norm = order / 2 * log(psi / chi) - log(2) - log_besselk(order, sqrt(chi * psi))
    return norm + (order - 1) * log(x) - (chi / x + psi * x) / 2


@density(half_line, lambda a, c, scale: scale * max(a - 1 / c, a / 2) ** (1 / c))
def generalized_gamma(x, a, c, scale):  # Stacy (1962), equation 2
    return log(c) - log(x) + a * c * log(x / scale) - (x / scale) ** c - loggamma(a)


def log_one_plus_power(x, c):
    power = c * log(x)
    return power + log1p(exp(-power)) if power > 0 else log1p(exp(power))


@density(half_line, lambda c, k, scale: scale * (max(c - 1, c / 2) / (c * k + 1)) ** (1 / c))
def burr12(x, c, k, scale):  # JKB 1, equation 12.84 with a scale
    y = x / scale
    return log(c) + log(k) + c * log(y) - log(x) - (k + 1) * log_one_plus_power(y, c)
