"""Families on the real line."""

from mpmath import exp, log, log1p, loggamma, pi

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


@density(real_line, lambda loc, scale1, scale2: loc)
def split_normal(x, loc, scale1, scale2):  # John (1982): half of each law, scaled to meet at the mode
    scale = scale1 if x < loc else scale2
    return log(2 / pi) / 2 - log(scale1 + scale2) - ((x - loc) / scale) ** 2 / 2


@density(real_line, lambda loc, scale, kappa: loc)
def asymmetric_laplace(x, loc, scale, kappa):  # Kotz, Kozubowski and Podgorski (2001), equation 3.0.8 with scale/sqrt(2)
    rate = kappa if x >= loc else 1 / kappa
    return log(kappa / (1 + kappa**2)) - log(scale) - rate * abs(x - loc) / scale
