"""Both tails of the incomplete gamma and beta functions as logarithms, to 20 digits and more over the whole domain.

With s = log(t/x), or the difference of logits for the beta law, the integrand relative to its value at x is
exp(g(s)), g concave and falling away from the mode, so that a few panels of Gauss-Legendre nodes are exact to all
digits for every shape. Next to zero a small shape has most of its probability, and there the power series is summed.
Results do not depend on mpmath's own incomplete functions, which fail at the shapes that matter.
"""

from functools import lru_cache

from mpmath import exp, expm1, log, log1p, loggamma, mp, mpf
from mpmath.calculus.quadrature import GaussLegendre

DIGITS = 45
SERIES_DIGITS = 90
PANELS = 8
NEGLIGIBLE = (-100, -70)  # g where the integral may stop


@lru_cache(maxsize=1)
def nodes():
    return GaussLegendre(mp).calc_nodes(4, 160)


def relative_integral(g, direction):
    """∫ exp(g(s)) ds from 0 to ±∞."""
    end = mpf(1)
    while g(direction * end) > NEGLIGIBLE[1]:
        end *= 2
    start = mpf(0)
    while g(direction * end) < NEGLIGIBLE[0]:
        middle = (start + end) / 2
        if g(direction * middle) > NEGLIGIBLE[1]:
            start = middle
        else:
            end = middle
    half = end / PANELS / 2
    centres = [half * (2 * k + 1) for k in range(PANELS)]
    return half * sum(weight * exp(g(direction * (c + half * node))) for c in centres for node, weight in nodes())


def complement(log_tail):
    return log(-expm1(log_tail)) if log_tail > -5 else log1p(-exp(log_tail))


def gamma_log_density(a, x):
    """log of x·p(x), p the density of the gamma law with rate 1."""
    return a * log(x) - x - loggamma(a)


def gamma_series(a, x):
    term, total, n = 1 / a, 1 / a, 1
    while term > total * mpf(10) ** -SERIES_DIGITS:
        term *= x / (a + n)
        total += term
        n += 1
    return total


def gamma_log_tails(a, x):
    """(log P(a, x), log Q(a, x))."""
    with mp.workdps(DIGITS):
        a, x = mpf(a), mpf(x)
        if (a < 1 and x < 3) or (a < 30 and x < a):
            with mp.workdps(SERIES_DIGITS):
                lower = gamma_log_density(a, x) + log(gamma_series(a, x))
                return lower, complement(lower)
        direction = -1 if x < a else 1
        tail = gamma_log_density(a, x) + log(relative_integral(lambda s: a * s - x * expm1(s), direction))
        return (tail, complement(tail)) if x < a else (complement(tail), tail)


def exact_pair(x, y):
    """(x, 1 − x) from floats of which the smaller is exact."""
    x, y = mpf(x), mpf(y)
    return (x, 1 - x) if x < y else (1 - y, y)


def beta_log_density(a, b, x, y):
    """log of x·y·p(x), p the density of the beta law: the density of the logit."""
    return a * log(x) + b * log(y) - loggamma(a) - loggamma(b) + loggamma(a + b)


def beta_origin(a, b, x, y):
    with mp.workdps(SERIES_DIGITS):
        x, y = exact_pair(x, y)
        weight, total, n = mpf(1), 1 / a, 1
        while abs(weight) > abs(total) * mpf(10) ** -SERIES_DIGITS:
            weight *= (n - b) * x / n
            total += weight / (a + n)
            n += 1
        lower = beta_log_density(a, b, x, y) - b * log(y) + log(total)
        return lower, complement(lower)


def beta_log_tails(a, b, x, y):
    """(log I, log(1 − I)) for I = I_x(a, b), y = 1 − x."""
    with mp.workdps(DIGITS):
        a, b = mpf(a), mpf(b)
        if a < 1 and b * x <= 3 and x <= 0.7:
            return beta_origin(a, b, x, y)
        if b < 1 and a * y <= 3 and y <= 0.7:
            return beta_origin(b, a, y, x)[::-1]
        x, y = exact_pair(x, y)
        below = x * (a + b) < a
        area = relative_integral(lambda s: a * s - (a + b) * log1p(x * expm1(s)), -1 if below else 1)
        tail = beta_log_density(a, b, x, y) + log(area)
        return (tail, complement(tail)) if below else (complement(tail), tail)
