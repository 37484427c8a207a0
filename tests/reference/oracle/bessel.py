"""log K by its integral: mpmath's own series for integer orders take a minute where this takes milliseconds."""

from functools import lru_cache

from mpmath import acosh, asinh, ceil, exp, log, log10, mp, mpf, pi, sqrt


def log_besselk(order, y):
    return cached(order, y, mp.dps)


@lru_cache(maxsize=10_000)
def cached(order, y, dps):
    """log of ∫ exp(-y cosh t) cosh(order·t) dt over t > 0 (DLMF 10.32.9), by the trapezoidal rule.

    Its error falls like exp(-π²/h) while the integrand is wide, and like exp(-2π²/(h² r)) where it is a peak of width
    1/√r, r = √(order² + y²).
    """
    r = sqrt(order**2 + y**2)
    with mp.workdps(dps + 10 + max(0, int(log10(r)))):
        digits = (mp.dps - max(0, int(log10(r)))) * log(10)
        r = sqrt(order**2 + y**2)
        step = mpf("0.8") * min(pi**2 / (digits + abs(order)), sqrt(2 * pi**2 / (r * digits)))
        saddle = asinh(abs(order) / y)
        top = r - abs(order) * saddle  # minus the exponent's largest value
        end = saddle + acosh(1 + digits / r) + 1 / sqrt(1 + r)
        total = exp(top - y) / 2
        factors = exp(step), exp(order * step)  # of exp(t) and exp(order·t) from node to node
        growth, power = mpf(1), mpf(1)
        for _ in range(int(ceil(end / step))):
            growth, power = growth * factors[0], power * factors[1]
            weight = exp(top - y * (growth + 1 / growth) / 2)
            total += weight * (power + 1 / power) / 2 if order else weight
        return log(total * step) - top
