"""Every function of the mathematical layer against 45 digits and more, within the bound that bounds.hpp declares.

The points are random, with fixed seeds, over every scale of the domain and next to roots, edges, the borders between
methods and deep in the tails; special values are asked for one by one.
"""

import re
from functools import lru_cache
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
from mpmath import mpf
from reference.bessel_functions import (
    DIGITS,
    bessel_i_ratio,
    log_bessel_i,
    log_bessel_i_dx,
    log_bessel_i_dxx,
    log_bessel_k,
    log_bessel_k_dn,
    log_bessel_k_dnn,
    log_bessel_k_dnx,
    log_bessel_k_dx,
    log_bessel_k_dxx,
)
from reference.tails import (
    beta_log_density,
    beta_log_tails,
    complement,
    exact_pair,
    gamma_log_density,
    gamma_log_tails,
    relative_integral,
)
from thetahat._core import _math

BOUNDS = {line["function"]: line for line in _math.bounds()}
INCLUDE = Path(__file__).parent.parent / "cpp" / "include" / "thetahat" / "math"
INF, NAN = np.inf, np.nan
TINY, LARGEST = 5e-324, np.finfo(float).max
LIMIT = mpf(2) ** 1024 - mpf(2) ** 970  # rounds to infinity

gamma_tails = lru_cache(maxsize=None)(gamma_log_tails)
beta_tails = lru_cache(maxsize=None)(beta_log_tails)


# ----- errors ---------------------------------------------------------------------------------------------------------


def unit(exact):
    """One unit in the last place at an exact value."""
    return mp.ldexp(1, max(int(mp.frexp(abs(exact))[1]) - 53, -1074))


SCALES = {
    "1": lambda f: 1,
    "max(1, 1/|f|)": lambda f: max(1, 1 / abs(f)) if f else mp.inf,
    "max(1, |log f|)": lambda f: max(1, abs(mp.log(f))) if f else mp.inf,
    "max(1, |log(1 - exp f)|)": lambda f: max(1, abs(complement(f))) if f else mp.inf,
}


def error(value, exact, scale):
    """In units in the last place, as a share of the scale."""
    value = float(value)
    if abs(exact) >= LIMIT:
        return 0.0 if value == np.sign(exact) * INF else INF
    if exact == 0:
        return 0.0 if value == 0 else INF
    if not np.isfinite(value):
        return INF
    return float(abs(mpf(value) - exact) / unit(exact) / scale(exact))


def check(name, points, reference):
    """The worst error over the points; the message names the point."""
    bound = BOUNDS[name]
    scale = SCALES[bound["scale"]]
    values = getattr(_math, name)(*points)
    worst, at = -1.0, None
    with mp.workdps(DIGITS):
        for value, *point in zip(values, *points, strict=True):
            found = error(value, reference(*(mpf(float(c)) for c in point)), scale)
            if found > worst:
                worst, at = found, (tuple(map(float, point)), float(value))
    assert worst <= bound["ulp"], f"{name}: {worst:.3g} ulp > {bound['ulp']} ({bound['scale']}) at {at}"


# ----- points ---------------------------------------------------------------------------------------------------------


class Points:
    def __init__(self, seed, n):
        self.random = np.random.default_rng(seed)
        self.n = n

    def uniform(self, low, high):
        return self.random.uniform(low, high, self.n)

    def scales(self, low, high):
        """Log-uniform between powers of ten."""
        return 10.0 ** self.uniform(low, high)

    def signed(self, low, high):
        return self.random.choice([-1.0, 1.0], self.n) * self.scales(low, high)

    def around(self, centre, low=-16, high=-1):
        return centre + self.signed(low, high)

    def positive_patterns(self):
        """All positive doubles alike, subnormal ones included."""
        return self.random.integers(1, 0x7FF0000000000000, self.n).view(float)

    def mixed(self, *columns):
        """Element by element from one of the columns."""
        return np.stack(columns)[self.random.integers(0, len(columns), self.n), np.arange(self.n)]


def gamma_points(p):
    """Shapes and arguments: everywhere, about the mean, on the borders of the methods, next to zero."""
    a = p.mixed(p.scales(-10, 10), p.scales(-10, 10), p.uniform(0.5, 25), 20 * p.uniform(0.9, 1.1), p.scales(-2, 1.5))
    about = np.maximum(a + p.random.normal(0, 3, p.n) * np.sqrt(a), a * 1e-3)
    border = a * p.mixed(p.uniform(0.57, 0.63), p.uniform(1.37, 1.43))
    deep = np.maximum(np.exp(-p.scales(-2, 2.5) / np.maximum(a, 1e-3)), 1e-300)
    return a, p.mixed(a * np.exp(p.uniform(-2, 2)), p.scales(-300, 12), about, border, p.scales(-3, 1), deep)


def beta_points(p):
    """The same for two shapes; x and 1 - x, the smaller of them exact."""
    a = p.mixed(p.scales(-10, 10), p.uniform(0.3, 45), 40 * p.uniform(0.9, 1.1), p.uniform(0.8, 1.2))
    b = np.clip(p.mixed(p.scales(-10, 10), a * p.scales(-1, 1), a * p.scales(0, 4)), 1e-10, 1e10)
    spread = np.sqrt(1 / a + 1 / b)
    logit = np.log(a / b) + p.mixed(
        p.random.normal(0, 3, p.n) * spread,
        p.random.normal(0, 30, p.n) * spread,
        p.uniform(-0.6, 0.6),
        p.uniform(-20, 20),
    )
    logit = np.clip(p.mixed(logit, logit, np.log(p.uniform(0.4, 3) / np.maximum(b, 3))), -690, 690)
    small = np.exp(-np.abs(logit)) / (1 + np.exp(-np.abs(logit)))
    below = logit < 0
    return a, b, np.where(below, small, 1 - small), np.where(below, 1 - small, small)


def probabilities(p):
    return p.mixed(p.uniform(0, 1), p.scales(-300, 0), 1 - p.scales(-16, 0), p.scales(-3, 0))


# ----- functions ------------------------------------------------------------------------------------------------------


def normal_cdf(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def log_normal_cdf(x):
    return mp.log(normal_cdf(x)) if x < 5 else mp.log1p(-normal_cdf(-x))


def normal_quantile_log(log_p):
    """Newton's method on the logarithm from the function's own answer, with 45 digits."""
    z = mpf(float(_math.normal_quantile_log(float(log_p))))
    for _ in range(4):
        z -= (log_normal_cdf(z) - log_p) * normal_cdf(z) / mp.npdf(z)
    return z


def normal_quantile(p):
    if p == 0.5:
        return mpf(0)
    return normal_quantile_log(mp.log(p)) if p < 0.5 else -normal_quantile_log(mp.log(1 - p))


def stirling_correction(a):
    return mp.loggamma(a) - ((a - mpf(0.5)) * mp.log(a) - a + mp.log(2 * mp.pi) / 2)


def deviance(x, m):
    with mp.workdps(2 * DIGITS):
        return x * mp.log(x / m) + m - x


def exp_rest(x):
    with mp.workdps(2 * DIGITS):
        return mp.exp(x) - 1 - x


def trigamma_rest(x):
    with mp.workdps(2 * DIGITS):
        return mp.psi(1, x) - 1 / x


def shape_divergence(a, b):
    with mp.workdps(3 * DIGITS):
        return mp.loggamma(b) - mp.loggamma(a) - b * mp.log(b) + a * mp.log(a) + b - a - (mp.psi(0, a) - mp.log(a)) * (b - a)


def lbeta(a, b):
    return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)


def bessel_points(p):
    """Orders and arguments: everywhere, of one size, small, and about the borders between the methods."""
    p = Points(6, min(p.n // 2, 1000))  # references are slow
    orders = p.mixed(p.scales(-3, 6), p.uniform(0, 30), p.random.integers(0, 4, p.n).astype(float))
    arguments = p.mixed(p.scales(-3, 3), p.scales(-300, 300), orders * p.scales(-2, 2) + 1e-3, p.uniform(0, 60))
    return [(orders, arguments)]


def few_bessel_points(p):
    """For references by differences, which are slower."""
    return bessel_points(Points(5, max(24, p.n // 10)))


def sine(u):
    return mp.sinpi(2 * u)


def cosine(u):
    return mp.cospi(2 * u)


def exp_points(p):
    return [p.uniform(-708, 709.7), p.uniform(-1, 1), p.uniform(-746, -707), p.signed(-20, 0)]


def log_points(p):
    return [p.positive_patterns(), p.uniform(0.5, 2), 1 + p.uniform(-0.5, 0.5) * p.scales(-16, 0)]


def angle_points(p):
    return [p.uniform(0, 1), p.signed(0, 14), p.signed(-300, 0), p.around(0.25), p.uniform(0.12, 0.13)]


def normal_points(p):
    return [p.uniform(-38, 9), p.uniform(-3, 3), p.signed(-300, 0), p.around(-0.7071)]


def psi_points(p):
    return [p.scales(-10, 10), p.uniform(0.3, 12), p.uniform(0.01, 3), p.around(1.4616321449683622)]


def single(columns):
    return [(column,) for column in columns]


# name: (reference, the sets of points)
def log_owen_rest(h, a):
    """In w with x = sinh(w), where the logarithm of the integrand is concave."""
    start, origin = mp.asinh(a), mp.sqrt(1 + a * a)

    def g(s):
        return -h * h / 2 * mp.sinh(s) * mp.sinh(2 * start + s) - mp.log(mp.cosh(start + s) / origin)

    return -h * h * (1 + a * a) / 2 + mp.log(relative_integral(g, 1) / origin / (2 * mp.pi))


ELEMENTARY = {
    "vexp": (mp.exp, exp_points),
    "vlog": (mp.log, log_points),
    "vlog_positive": (mp.log, lambda p: [x[x > 2.3e-308] for x in log_points(p)]),
    "vlog1p": (
        mp.log1p,
        lambda p: [
            p.uniform(-0.9999, 3),
            p.scales(0, 308),
            -1 + p.scales(-16, 0),
            p.scales(-20, 0),
            -p.scales(-20, -0.01),
        ],
    ),
    "vexpm1": (mp.expm1, lambda p: [*exp_points(p), p.uniform(-2, 2), p.uniform(30, 45)]),
    "vsin_two_pi": (sine, angle_points),
    "vcos_two_pi": (cosine, angle_points),
}
SPECIAL = {
    "lgamma": (mp.loggamma, lambda p: single([p.scales(-300, 300), p.scales(-1, 1), p.around(1), p.around(2)])),
    "digamma": (lambda x: mp.psi(0, x), lambda p: single(psi_points(p))),
    "trigamma": (lambda x: mp.psi(1, x), lambda p: single(psi_points(p))),
    "tetragamma": (lambda x: mp.psi(2, x), lambda p: single(psi_points(p))),
    "stirling_correction": (stirling_correction, lambda p: single([p.scales(-10, 10), p.uniform(0.05, 9)])),
    "log1pmx": (
        lambda x: mp.log1p(x) - x,
        lambda p: single([p.scales(-20, 300), -p.scales(-20, -0.01), p.uniform(-0.99, 2)]),
    ),
    "deviance": (
        deviance,
        lambda p: [
            (m := p.scales(-3, 10), m * (1 + 0.99 * p.signed(-16, 0))),
            (p.scales(-300, 300), p.scales(-300, 300)),
            (m := p.scales(-3, 10), m * p.uniform(0.1, 5)),
        ],
    ),
    "exp_rest": (exp_rest, lambda p: single([p.uniform(-745, 709), p.uniform(-3, 3), p.signed(-20, 0)])),
    "trigamma_rest": (trigamma_rest, lambda p: single([p.scales(-10, 10), p.uniform(0.3, 30), p.uniform(19, 21)])),
    "shape_divergence": (
        shape_divergence,
        lambda p: [
            (a := p.scales(-10, 10), a * (1 + 0.99 * p.signed(-12, 0))),
            (p.scales(-10, 10), p.scales(-10, 10)),
            (a := p.uniform(0.1, 40), a * p.uniform(0.3, 4)),
        ],
    ),
    "lbeta": (lbeta, lambda p: [(p.scales(-10, 10), p.scales(-10, 10)), (p.scales(-2, 2), p.scales(-2, 2))]),
    "log1mexp": (lambda x: complement(-x), lambda p: single([p.scales(-300, 2), p.scales(-2, 1)])),
    "log_sum_exp": (
        lambda a, b: mp.log(mp.exp(a) + mp.exp(b)),
        lambda p: [(p.uniform(-90, 90), p.uniform(-90, 90)), (p.uniform(-2, 2), p.uniform(-2, 2))],
    ),
    "normal_cdf": (normal_cdf, lambda p: single(normal_points(p))),
    "normal_sf": (lambda x: normal_cdf(-x), lambda p: single(normal_points(p))),
    "log_normal_cdf": (log_normal_cdf, lambda p: single([*normal_points(p), -p.scales(0, 4)])),
    "log_owen_rest": (
        log_owen_rest,
        lambda p: [
            (
                p.mixed(p.scales(-15, 3), p.uniform(0, 6), p.scales(-3, 1)),
                p.mixed(p.scales(-10, 10), p.uniform(0, 6), p.scales(-2, 3)),
            )
        ],
    ),
    "normal_quantile": (normal_quantile, lambda p: single([probabilities(p), p.around(0.5), p.scales(-307, 0)])),
    "normal_quantile_log": (normal_quantile_log, lambda p: single([-p.scales(-15, 1), -p.scales(1, 8)])),
    "log_bessel_i": (log_bessel_i, bessel_points),
    "bessel_i_ratio": (bessel_i_ratio, bessel_points),
    "log_bessel_k": (log_bessel_k, bessel_points),
    "log_bessel_i_dx": (log_bessel_i_dx, bessel_points),
    "log_bessel_i_dxx": (log_bessel_i_dxx, bessel_points),
    "log_bessel_k_dx": (log_bessel_k_dx, bessel_points),
    "log_bessel_k_dxx": (log_bessel_k_dxx, bessel_points),
    "log_bessel_k_dn": (log_bessel_k_dn, few_bessel_points),
    "log_bessel_k_dnn": (log_bessel_k_dnn, few_bessel_points),
    "log_bessel_k_dnx": (log_bessel_k_dnx, few_bessel_points),
}
TAILS = {
    "gamma_p": (lambda a, x: mp.exp(gamma_tails(a, x)[0]), gamma_points),
    "gamma_q": (lambda a, x: mp.exp(gamma_tails(a, x)[1]), gamma_points),
    "log_gamma_p": (lambda a, x: gamma_tails(a, x)[0], gamma_points),
    "log_gamma_q": (lambda a, x: gamma_tails(a, x)[1], gamma_points),
    "beta_p": (lambda *args: mp.exp(beta_tails(*args)[0]), beta_points),
    "beta_q": (lambda *args: mp.exp(beta_tails(*args)[1]), beta_points),
    "log_beta_p": (lambda *args: beta_tails(*args)[0], beta_points),
    "log_beta_q": (lambda *args: beta_tails(*args)[1], beta_points),
}


def accurate_elementary(name, n):
    reference, columns = ELEMENTARY[name]
    for column in columns(Points(1, n)):
        check(name, (column,), reference)


def accurate_special(name, n):
    reference, sets = SPECIAL[name]
    for points in sets(Points(2, n)):
        check(name, points, reference)


def accurate_tail(name, n):
    reference, points = TAILS[name]
    check(name, points(Points(3, n)), reference)


@pytest.mark.parametrize("name", ELEMENTARY)
def test_elementary_bounds(name):
    accurate_elementary(name, 700)


@pytest.mark.slow
@pytest.mark.parametrize("name", ELEMENTARY)
def test_elementary_bounds_at_many_points(name):
    accurate_elementary(name, 30_000)


@pytest.mark.parametrize("name", SPECIAL)
def test_special_bounds(name):
    accurate_special(name, 100)


@pytest.mark.slow
@pytest.mark.parametrize("name", SPECIAL)
def test_special_bounds_at_many_points(name):
    accurate_special(name, 3000)


@pytest.mark.parametrize("name", TAILS)
def test_tail_bounds(name):
    accurate_tail(name, 90)


@pytest.mark.slow
@pytest.mark.parametrize("name", TAILS)
def test_tail_bounds_at_many_points(name):
    accurate_tail(name, 1000)


# ----- inverses -------------------------------------------------------------------------------------------------------

SMALLEST_CHECKED = 1e-307  # below it a result is rounded to few digits, or to zero


def share_of_bound(log_tail, target, slope):
    """The inverse's relative error, in ulp and as a share of its scale."""
    return float(abs(log_tail - target) / slope * mpf(2) ** 53 / max(1, max(1, abs(target)) / slope))


def targets(p, lower):
    """Whether the smaller tail is the lower one, and its exact logarithm."""
    p = mpf(float(p))
    return (p < 0.5) == lower, mp.log(p) if p < 0.5 else mp.log(1 - p)


def beyond(tails, lower, target):
    """Whether the point where `tails` were taken lies above the solution."""
    return tails[0] >= target if lower else tails[1] <= target


def gamma_inverse_error(a, q, x, asked_lower):
    lower, target = targets(q, asked_lower)
    if x < SMALLEST_CHECKED:
        return 0.0 if beyond(gamma_log_tails(a, SMALLEST_CHECKED), lower, target) else INF
    log_tail = gamma_log_tails(a, x)[0 if lower else 1]
    return share_of_bound(log_tail, target, mp.exp(gamma_log_density(mpf(a), mpf(x)) - log_tail))


def beta_inverse_error(a, b, q, x, y, asked_lower):
    lower, target = targets(q, asked_lower)
    if x < SMALLEST_CHECKED:
        return 0.0 if beyond(beta_log_tails(a, b, SMALLEST_CHECKED, 1.0), lower, target) else INF
    if y < SMALLEST_CHECKED:
        return INF if beyond(beta_log_tails(a, b, 1.0, SMALLEST_CHECKED), lower, target) else 0.0
    log_tail = beta_log_tails(a, b, x, y)[0 if lower else 1]
    x, y = exact_pair(x, y)
    slope = mp.exp(beta_log_density(mpf(a), mpf(b), x, y) - log_tail) / max(x, y)
    return share_of_bound(log_tail, target, slope)


def accurate_inverse(name, n):
    p = Points(4, n)
    shapes = (p.scales(-10, 10), p.scales(-10, 10))[: 1 if name.startswith("gamma") else 2]
    columns = (*shapes, probabilities(p))
    found = getattr(_math, name)(*columns)
    results = found if isinstance(found, tuple) else (found,)
    measure = gamma_inverse_error if len(results) == 1 else beta_inverse_error
    with mp.workdps(DIGITS):
        for point in zip(*columns, *results, strict=True):
            arguments = tuple(map(float, point))
            ulp = measure(*arguments, "_p_" in name)
            assert ulp <= BOUNDS[name]["ulp"], f"{name}: {ulp:.3g} ulp at {arguments}"


INVERSES = ["gamma_p_inverse", "gamma_q_inverse", "beta_p_inverse", "beta_q_inverse"]


@pytest.mark.parametrize("name", INVERSES)
def test_inverse_bounds(name):
    accurate_inverse(name, 25)


@pytest.mark.slow
@pytest.mark.parametrize("name", INVERSES)
def test_inverse_bounds_at_many_points(name):
    accurate_inverse(name, 1500)


# ----- special values and declarations --------------------------------------------------------------------------------

UNDERFLOWN = -745.2
OVERFLOWN = 709.79
SPECIAL_VALUES = {
    "vexp": {0.0: 1.0, INF: INF, -INF: 0.0, OVERFLOWN: INF, UNDERFLOWN: 0.0, -745.13: TINY, TINY: 1.0},
    "vlog": {0.0: -INF, 1.0: 0.0, INF: INF, -INF: NAN, -1.0: NAN, -TINY: NAN},
    "vlog1p": {0.0: 0.0, TINY: TINY, -TINY: -TINY, -1.0: -INF, -1.5: NAN, INF: INF, -INF: NAN},
    "vexpm1": {0.0: 0.0, TINY: TINY, -TINY: -TINY, INF: INF, -INF: -1.0, OVERFLOWN: INF, -50.0: -1.0},
    "vsin_two_pi": {0.0: 0.0, 0.25: 1.0, 0.5: 0.0, 0.75: -1.0, 1.0: 0.0, INF: NAN, -INF: NAN},
    "vcos_two_pi": {0.0: 1.0, 0.25: 0.0, 0.5: -1.0, 0.75: 0.0, 1.0: 1.0, INF: NAN, -INF: NAN},
    "lgamma": {0.0: INF, 1.0: 0.0, 2.0: 0.0, INF: INF, -0.5: NAN, 2.6e305: INF},
    "digamma": {0.0: -INF, INF: INF, -0.5: NAN},
    "trigamma": {0.0: INF, INF: 0.0, -0.5: NAN},
    "tetragamma": {0.0: -INF, INF: 0.0, -0.5: NAN},
    "stirling_correction": {0.0: INF, INF: 0.0, -1.0: NAN},
    "log1pmx": {0.0: 0.0, -1.0: -INF, -2.0: NAN, INF: -INF},
    "log1mexp": {0.0: -INF, INF: 0.0, -1.0: NAN},
    "normal_cdf": {0.0: 0.5, INF: 1.0, -INF: 0.0, -40.0: 0.0},
    "normal_sf": {0.0: 0.5, INF: 0.0, -INF: 1.0, 40.0: 0.0},
    "log_normal_cdf": {INF: 0.0, -INF: -INF, -1e300: -INF},
    "normal_quantile": {0.0: -INF, 0.5: 0.0, 1.0: INF, -0.1: NAN, 1.1: NAN},
    "normal_quantile_log": {0.0: INF, -INF: -INF, 0.1: NAN},
}


@pytest.mark.parametrize("name", SPECIAL_VALUES)
def test_special_values(name):
    arguments = np.array([*SPECIAL_VALUES[name], NAN])
    expected = np.array([*SPECIAL_VALUES[name].values(), NAN])
    np.testing.assert_array_equal(getattr(_math, name)(arguments), expected)


def test_signed_zeros():
    zeros = np.array([-0.0, 0.0])
    for name in ("vlog1p", "vexpm1"):
        assert np.signbit(getattr(_math, name)(zeros)).tolist() == [True, False]
    assert _math.vexp(zeros).tolist() == [1.0, 1.0]
    assert _math.vlog(zeros).tolist() == [-INF, -INF]


@pytest.mark.parametrize("x", [LARGEST, LARGEST / 2, 1e300])
def test_logarithms_of_huge_numbers(x):
    assert _math.vlog1p(np.array([x])) == _math.vlog(np.array([x])) == np.log(x)


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("deviance", (0.0, 3.0), 3.0),
        ("deviance", (3.0, 0.0), INF),
        ("deviance", (0.0, 0.0), 0.0),
        ("deviance", (7.0, 7.0), 0.0),
        ("deviance", (-1.0, 1.0), NAN),
        ("log_sum_exp", (-INF, -INF), -INF),
        ("log_sum_exp", (-INF, 2.0), 2.0),
        ("log_sum_exp", (INF, -INF), INF),
        ("log_sum_exp", (INF, INF), INF),
        ("log_sum_exp", (NAN, 0.0), NAN),
        ("log_sum_exp", (0.0, NAN), NAN),
        ("log_owen_rest", (INF, 1.0), -INF),
        ("log_owen_rest", (-1.0, 1.0), NAN),
        ("log_owen_rest", (NAN, 1.0), NAN),
        ("lbeta", (0.0, 1.0), NAN),
        ("gamma_p", (2.0, 0.0), 0.0),
        ("gamma_q", (2.0, 0.0), 1.0),
        ("log_gamma_p", (2.0, 0.0), -INF),
        ("log_gamma_q", (2.0, INF), -INF),
        ("gamma_p", (2.0, INF), 1.0),
        ("gamma_p", (0.0, 1.0), NAN),
        ("gamma_p", (2.0, -1.0), NAN),
        ("gamma_q", (NAN, 1.0), NAN),
        ("gamma_q", (1.0, NAN), NAN),
        ("gamma_p_inverse", (2.0, 0.0), 0.0),
        ("gamma_p_inverse", (2.0, 1.0), INF),
        ("gamma_q_inverse", (2.0, 0.0), INF),
        ("gamma_q_inverse", (2.0, 1.0), 0.0),
        ("gamma_p_inverse", (2.0, 1.1), NAN),
        ("gamma_p_inverse", (1e-10, 0.5), 0.0),
        ("beta_p", (2.0, 3.0, 0.0, 1.0), 0.0),
        ("beta_p", (2.0, 3.0, 1.0, 0.0), 1.0),
        ("log_beta_q", (2.0, 3.0, 1.0, 0.0), -INF),
        ("beta_p", (-1.0, 3.0, 0.5, 0.5), NAN),
        ("beta_p", (2.0, 3.0, NAN, NAN), NAN),
        ("beta_p_inverse", (2.0, 3.0, 0.0), (0.0, 1.0)),
        ("beta_p_inverse", (2.0, 3.0, 1.0), (1.0, 0.0)),
        ("beta_q_inverse", (2.0, 3.0, 0.0), (1.0, 0.0)),
        ("beta_p_inverse", (2.0, 3.0, -0.1), (NAN, NAN)),
    ],
)
def test_edges(name, arguments, expected):
    np.testing.assert_array_equal(getattr(_math, name)(*arguments), expected)


def test_every_function_has_a_bound_and_a_check():
    assert set(BOUNDS) == {*ELEMENTARY, *SPECIAL, *TAILS, *INVERSES}
    assert set(BOUNDS) == set(dir(_math)) - {"bounds"} - {name for name in dir(_math) if name.startswith("__")}


def test_the_header_declares_the_bounds():
    """A comment `error: N ulp` holds for the functions declared below it, up to the next one."""
    declared, bound = {}, None
    for line in (INCLUDE / "special.hpp").read_text().splitlines():
        if comment := re.match(r"// error: ([\d.]+) ulp", line):
            bound = float(comment[1])
        elif function := re.match(r"(?:double|unit_pair) (\w+)\(", line):
            declared[function[1]] = bound
    assert declared == {name: line["ulp"] for name, line in BOUNDS.items() if name in declared}
    assert set(declared) == set(BOUNDS) - set(ELEMENTARY)
