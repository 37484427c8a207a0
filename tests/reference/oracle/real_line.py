"""Families on the real line."""

from mpmath import asinh, cosh, erfc, exp, inf, log, log1p, loggamma, mp, mpf, pi, sinh, sqrt

from reference.oracle.density import density, real_line


@density(real_line, lambda loc, scale: loc)
def normal(x, loc, scale):  # JKB 1, chapter 13
    return -(((x - loc) / scale) ** 2) / 2 - log(scale) - log(2 * pi) / 2


@density(real_line, lambda loc, scale: loc)
def laplace(x, loc, scale):  # JKB 2, chapter 24
    return -abs(x - loc) / scale - log(2 * scale)


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


@density(real_line, lambda loc, scale: loc)
def gumbel_minimum(x, loc, scale):  # JKB 2, chapter 22, type 1 for minima
    return (x - loc) / scale - exp((x - loc) / scale) - log(scale)


@density(real_line, lambda loc, scale: loc)
def cauchy(x, loc, scale):  # JKB 1, chapter 16
    return -log(pi * scale) - log1p(((x - loc) / scale) ** 2)


def generalized_extreme_value_support(loc, scale, shape):
    return (loc - scale / shape if shape > 0 else -inf), (loc - scale / shape if shape < 0 else inf)


@density(generalized_extreme_value_support, lambda loc, scale, shape: loc)
def generalized_extreme_value(x, loc, scale, shape):  # Coles, section 3.1.3
    z = (x - loc) / scale
    if shape == 0:
        return -log(scale) - z - exp(-z)
    log_power = log1p(shape * z) / shape
    return -log(scale) - (1 + shape) * log_power - exp(-log_power)


@density(real_line, lambda loc, scale, slant: loc + scale * slant / (1 + slant**2))
def skew_normal(x, loc, scale, slant):  # Azzalini and Capitanio (2014), section 2.1
    z = (x - loc) / scale
    return log(2 / scale) - z**2 / 2 - log(2 * pi) / 2 + log_normal_cdf(slant * z)


@density(real_line, lambda loc, scale1, scale2: loc)
def split_normal(x, loc, scale1, scale2):  # John (1982): half of each law, scaled to meet at the mode
    scale = scale1 if x < loc else scale2
    return log(2 / pi) / 2 - log(scale1 + scale2) - ((x - loc) / scale) ** 2 / 2


@density(real_line, lambda loc, scale, kappa: loc)
def asymmetric_laplace(x, loc, scale, kappa):  # Kotz, Kozubowski and Podgorski (2001), equation 3.0.8 with scale/sqrt(2)
    rate = kappa if x >= loc else 1 / kappa
    return log(kappa / (1 + kappa**2)) - log(scale) - rate * abs(x - loc) / scale


def log_normal_cdf(x):
    if x > -(10**5):
        tail = erfc(abs(x) / sqrt(2)) / 2 if x < 10**5 else mpf(0)
        return log(tail) if x < 0 else log1p(-tail)
    term = total = mpf(1)  # Abramowitz and Stegun 26.2.12, whose terms fall below the digits in force before they rise
    k = 0
    while abs(term) > mp.eps / 10**6:
        term *= -(2 * k + 1) / x**2
        total += term
        k += 1
    return -(x**2) / 2 - log(-x) - log(2 * pi) / 2 + log(total)


def exponentially_modified_gaussian_mode(loc, scale, rate):
    return loc + min(1 / rate, scale) / 2


@density(real_line, exponentially_modified_gaussian_mode)
def exponentially_modified_gaussian(x, loc, scale, rate):  # Grushka (1972): a normal variable plus an exponential one
    moved = rate**2 * scale**2 / 2 - rate * (x - loc)
    return log(rate) + moved + log_normal_cdf((x - loc) / scale - rate * scale)


@density(real_line, lambda loc, scale, epsilon, delta: loc + scale * sinh(epsilon / delta))
def sinh_arcsinh(x, loc, scale, epsilon, delta):  # Jones and Pewsey (2009), equation 2
    z = (x - loc) / scale
    u = delta * asinh(z) - epsilon
    return log(delta / scale) - log(2 * pi * (1 + z**2)) / 2 + log(cosh(u)) - sinh(u) ** 2 / 2


@density(real_line, lambda gamma, delta, loc, scale: loc - scale * sinh(gamma / delta))
def johnson_su(x, gamma, delta, loc, scale):  # JKB 1, section 12.4.3
    z = (x - loc) / scale
    return log(delta / scale) - log(2 * pi * (1 + z**2)) / 2 - (gamma + delta * asinh(z)) ** 2 / 2
