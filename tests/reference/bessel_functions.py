"""Logarithms of the modified Bessel functions and their derivatives, to 45 digits."""

from functools import lru_cache

import mpmath as mp
from mpmath import mpf

DIGITS = 45
DEBYE_FROM = 2000  # sqrt(nu^2 + x^2) from which a few terms of Debye's expansions have all digits


@lru_cache(maxsize=1)
def debye_polynomials():
    """U_k of DLMF 10.41.9 as coefficients of t^0, t^1, ..."""
    polynomials = [[mpf(1)]]
    for _ in range(20):
        u, following = polynomials[-1], [mpf(0)] * (len(polynomials[-1]) + 3)
        for m, c in enumerate(u):
            following[m + 1] += c * (mpf(m) / 2 + mpf(1) / (8 * (m + 1)))
            following[m + 3] -= c * (mpf(m) / 2 + mpf(5) / (8 * (m + 3)))
        polynomials.append(following)
    return polynomials


def debye(nu, x, sign):
    """log I_nu(x) - x for sign 1, log K_nu(x) + x for sign -1."""
    r = mp.sqrt(nu**2 + x**2)
    # U_k(t)/nu^k by powers of 1/r and nu, which also holds at nu = 0
    total = sum(
        sign**k * sum(c * nu ** (m - k) / r**m for m, c in enumerate(u) if c)
        for k, u in enumerate(debye_polynomials())
    )
    centre = nu**2 / (r + x) - nu * mp.asinh(nu / x)
    return sign * centre - mp.log(2 * mp.pi * r) / 2 + mp.log(total) + (mp.log(mp.pi) if sign < 0 else 0)


def log_bessel_i(nu, x):
    with mp.workdps(mp.mp.dps + 20):
        if nu**2 + x**2 > DEBYE_FROM**2:
            return debye(nu, x, 1)
        return mp.log(mp.besseli(nu, x)) - x


def log_bessel_k(nu, x):
    with mp.workdps(mp.mp.dps + 20):
        if nu**2 + x**2 > DEBYE_FROM**2:
            return debye(nu, x, -1)
        return mp.log(mp.besselk(nu, x)) + x


def digits_for(x):
    """Enough for what derivatives of a Bessel function cancel at a large argument."""
    return 2 * DIGITS + 3 * max(0, int(mp.log10(x)))


def bessel_i_ratio(nu, x):
    return mp.exp(log_bessel_i(nu + 1, x) - log_bessel_i(nu, x))


def bessel_k_ratio(nu, x):
    return mp.exp(log_bessel_k(nu + 1, x) - log_bessel_k(nu, x))


def log_bessel_i_dx(nu, x):
    with mp.workdps(digits_for(x)):
        return x * bessel_i_ratio(nu, x) + nu - x


def log_bessel_i_dxx(nu, x):  # by Bessel's equation
    with mp.workdps(digits_for(x)):
        slope = x * bessel_i_ratio(nu, x) + nu
        return x**2 + nu**2 - slope - slope**2


def log_bessel_k_dx(nu, x):
    with mp.workdps(digits_for(x)):
        return x + nu - x * bessel_k_ratio(nu, x)


def log_bessel_k_dxx(nu, x):
    with mp.workdps(digits_for(x)):
        slope = nu - x * bessel_k_ratio(nu, x)
        return x**2 + nu**2 - slope - slope**2


def difference(f, nu, x, order):
    """Central differences in nu with guard digits for what they cancel; their error is the square of the step."""
    with mp.workdps(2 * digits_for(x)):
        step = mpf(10) ** -(DIGITS // 2) * max(1, nu)
        up, down = f(nu + step, x), f(nu - step, x)
        return (up - down) / (2 * step) if order == 1 else (up - 2 * f(nu, x) + down) / step**2


def log_bessel_k_dn(nu, x):
    return difference(log_bessel_k, nu, x, 1)


def log_bessel_k_dnn(nu, x):
    return difference(log_bessel_k, nu, x, 2)


def log_bessel_k_dnx(nu, x):
    return difference(lambda n, at: n - at * bessel_k_ratio(n, at), nu, x, 1)
