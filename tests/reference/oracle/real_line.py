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
