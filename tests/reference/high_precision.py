"""What the tests ask of the oracle: values, derivatives, integrals and sums of its log densities.

Floats go in exactly; `digits` is the number of decimal digits the answer is good for. Results are cached, because
several tests ask for the same points and mpmath is slow.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from itertools import pairwise

from mpmath import exp, inf, isfinite, isnan, log, mp, mpc, mpf, sinh

from reference.oracle import ORACLE

GUARD_DIGITS = 40
NOTHING = -(mpf(10) ** 1000)  # a log density whose exponential is zero: mpmath would reduce it to a billion digits


def exact(values):
    return tuple(mpf(value) for value in values)


def support(name, theta):
    """The ends of the support, to the digits in force."""
    return ORACLE[name].support(*exact(theta))


def clipped(name, theta, x):
    """The log density at x with -inf outside the support and the limit on its edge."""
    lower, upper = support(name, theta)
    if x < lower or x > upper or not isfinite(x) or (ORACLE[name].lattice and x != int(x)):
        return -inf
    try:
        value = ORACLE[name].log_density(x, *exact(theta))
    except ZeroDivisionError:
        return -inf
    # On the edge itself rounding can make the argument of a logarithm negative.
    return -inf if isnan(value) or isinstance(value, mpc) else value


@cache
def log_prob(name, theta, x, digits=50):
    with mp.workdps(digits + GUARD_DIGITS):
        return clipped(name, theta, mpf(x))


@dataclass(frozen=True)
class Jet:
    """log p and its derivatives in relative steps: ∂ᵢ stands for uᵢ ∂/∂vᵢ, v = (x, θ), uᵢ = |vᵢ|, or |x| for a zero θ."""

    value: mpf
    gradient: tuple
    hessian: tuple
    units: tuple
    smooth: bool


@cache
def jet(name, theta, x, order=2, digits=34):
    """Central differences of the analytic formula: the square of the step is the error, the guard digits cover rounding."""
    with mp.workdps(digits + 2 * GUARD_DIGITS):
        step = mpf(10) ** -(digits // 2 + 2)
        point = exact((x, *theta))
        units = (abs(point[0]), *(abs(value) or abs(point[0]) or mpf(1) for value in point[1:]))

        def moved(*shifts):
            coordinates = list(point)
            for index, steps in shifts:
                coordinates[index] += steps * step * units[index]
            return ORACLE[name].log_density(*coordinates)

        indices = range(len(point))
        value = moved()
        up = [moved((i, 1)) for i in indices]
        down = [moved((i, -1)) for i in indices]
        gradient = [(up[i] - down[i]) / (2 * step) for i in indices]
        hessian = [[(up[i] - 2 * value + down[i]) / step**2 for i in indices] for _ in indices]
        for i in indices if order == 2 else ():
            for j in range(i):
                corners = [moved((i, a), (j, b)) * a * b for a in (1, -1) for b in (1, -1)]
                hessian[i][j] = hessian[j][i] = sum(corners) / (4 * step**2)
        smooth = True
        for i in indices:  # the second difference of a kink falls with the step, that of a smooth function with its square
            coarse = abs(up[i] - 2 * value + down[i])
            fine = abs(moved((i, mpf(1) / 1000)) - 2 * value + moved((i, -mpf(1) / 1000)))
            smooth &= coarse < mpf(10) ** -(digits + 8) * (1 + abs(value)) or fine < coarse / 10**5
        return Jet(value, tuple(gradient), tuple(map(tuple, hessian)), units, smooth)


@cache
def hessian_change(name, theta, x):
    """max |∂ᵢ hⱼₖ| over the relative steps i, for j, k >= 1: how rounding of x and θ shakes the second derivatives."""
    base = jet(name, theta, x)
    shift = mpf(10) ** -12
    indices = range(len(theta) + 1)
    changes = [[mpf(0)] * len(indices) for _ in indices]
    with mp.workdps(50):
        for i in indices:
            point = list(exact((x, *theta)))
            point[i] += shift * base.units[i]
            moved = jet(name, tuple(point[1:]), point[0])
            ratios = [moved.units[j] / base.units[j] if j else 1 for j in indices]
            for j in indices[1:]:
                for k in indices[1:]:
                    difference = moved.hessian[j][k] / (ratios[j] * ratios[k]) - base.hessian[j][k]
                    changes[j][k] = max(changes[j][k], abs(difference) / shift)
    return changes


def conditioning(name, theta, x):
    """max(1, |log p|, |x ∂ₓ log p|, maxⱼ |θⱼ ∂ⱼ log p|): what the declared accuracy is a multiple of."""
    value, point = log_prob(name, theta, x), exact((x, *theta))
    parts = [mpf(0)]
    with mp.workdps(90):
        step = mpf(10) ** -20
        for i in (i for i, value in enumerate(point) if value != 0):
            moved = [*point[:i], point[i] * (1 + step), *point[i + 1 :]]
            parts.append(abs(ORACLE[name].log_density(*moved) - value) / step)
    return max(1, abs(value), *parts)


def fall(log_f, near, sign, span):
    """Distance from `near` over which the density falls by a factor e."""
    start = log_f(near)
    if not isfinite(start):
        return span / 2 if isfinite(span) else mpf(1)
    distance = span / 2 if isfinite(span) else max(abs(near), mpf(1))
    while start - log_f(near + sign * distance) > 1:
        distance /= 2
    while not isfinite(span) and start - log_f(near + sign * distance) < 1:
        distance *= 2
    return distance


def integrate_piece(log_f, weights, lower, upper, digits):
    """∫ weight·exp(log_f) over a piece on which log_f has no interior peak, by the double-exponential rule.

    The variable is the distance s from the end of larger density, in units of the density's own fall there: s = e^t
    (logistic in t on a finite piece), t = 2 sinh u, trapezoidal in u. The error squares when the step halves.
    """
    lower_is_near = upper == inf or (lower != -inf and not log_f(lower) < log_f(upper))
    near, sign = (lower, 1) if lower_is_near else (upper, -1)
    span = upper - lower
    width = fall(log_f, near, sign, span)

    def term(u):
        t = 2 * sinh(u)
        slope = 2 * (exp(u) + exp(-u)) / 2
        if isfinite(span):
            grown = exp(t) * width / (span - width) if width < span else exp(t)
            distance, change = span * grown / (1 + grown), span * grown / (1 + grown) ** 2
        else:
            distance = change = width * exp(t)
        x = near + sign * distance
        log_p = log_f(x)
        if not isfinite(log_p) or log_p < NOTHING:
            return [mpf(0)] * len(weights)
        measure = exp(log_p) * change * slope
        return [weight(x, log_p) * measure for weight in weights]

    def swept(first, step):
        # Each integral has its own size: x^2 has long died away where -log p still counts.
        totals, largest = [mpf(0)] * len(weights), [mpf(0)] * len(weights)
        for direction in (1, -1):
            u, quiet = direction * first, 0
            while quiet < 3 and abs(u) < 15:
                parts = term(u)
                largest = [max(most, abs(part)) for most, part in zip(largest, parts, strict=True)]
                small = mpf(10) ** -(digits + 8)
                quiet = quiet + 1 if all(abs(p) <= most * small for p, most in zip(parts, largest, strict=True)) else 0
                totals = [total + part for total, part in zip(totals, parts, strict=True)]
                u += direction * step
        return totals

    step = mpf(1) / 4
    centre = term(mpf(0))
    sums = [total + part for total, part in zip(swept(step, step), centre, strict=True)]
    while True:
        added = swept(step / 2, step)
        refined = [total + part for total, part in zip(sums, added, strict=True)]
        change = max(abs(new / 2 - old) / (abs(new / 2) or 1) for new, old in zip(refined, sums, strict=True))
        step, sums = step / 2, refined
        if change < mpf(10) ** (-0.6 * digits) or step < mpf(1) / 300:
            return [total * step for total in sums]


def endpoint_digits(name, theta):
    """Digits that resolve a density which is infinite at an upper end other than zero: s^exponent down to 1e-40."""
    _, upper = support(name, theta)
    if not isfinite(upper) or upper == 0:
        return 0
    with mp.workdps(80):
        near, nearer = (clipped(name, theta, support(name, theta)[1] - mpf(10) ** -e) for e in (30, 40))
        exponent = 1 + (near - nearer) / (10 * log(10))
    return 0 if exponent >= 1 else int(45 / exponent)


def continuous_integrals(name, theta, weights, lower, upper, digits):
    with mp.workdps(digits + 15 + endpoint_digits(name, theta)):
        ends = support(name, theta)
        lower, upper = max(mpf(lower), ends[0]), min(mpf(upper), ends[1])
        centre = ORACLE[name].centre(*exact(theta))
        points = [centre, *([ORACLE[name].valley(*exact(theta))] if ORACLE[name].valley else [])]
        cuts = sorted({lower, upper, *(point for point in points if lower < point < upper)})
        totals = [mpf(0)] * len(weights)
        for a, b in pairwise(cuts):
            parts = integrate_piece(lambda x: clipped(name, theta, x), weights, a, b, digits)
            totals = [total + part for total, part in zip(totals, parts, strict=True)]
        return totals


DIRECT_TERMS = 2000
EDGE_TERMS = 300
GREGORY_ORDER = 24


def lattice_sums(name, theta, weights, lower, upper, digits):
    """Σ weight·p over integers, outwards from the largest term; long smooth tails by Gregory's formula."""
    with mp.workdps(digits + 25):
        bottom, top = support(name, theta)
        lower, upper = max(mpf(lower), bottom), min(mpf(upper), top)
        if lower > upper:
            return [mpf(0)] * len(weights)
        density = ORACLE[name].log_density

        def log_f(x):
            return density(x, *exact(theta))

        def parts(x):
            log_p = log_f(x)
            return [weight(x, log_p) * exp(log_p) if isfinite(log_p) else mpf(0) for weight in weights]

        start = min(max(mp.floor(ORACLE[name].centre(*exact(theta))), lower), upper)
        totals = parts(start)
        for direction, last in ((1, upper), (-1, lower)):
            x, largest = start, max(map(abs, totals))
            for _ in range(DIRECT_TERMS):
                x += direction
                if (x - last) * direction > 0:
                    break
                terms = parts(x)
                largest = max(largest, *map(abs, terms))
                totals = [total + term for total, term in zip(totals, terms, strict=True)]
                if max(map(abs, terms)) < largest * mpf(10) ** -(digits + 8):
                    break
            else:
                rest = smooth_tail(log_f, parts, weights, x + direction, last, digits)
                totals = [total + part for total, part in zip(totals, rest, strict=True)]
        return totals


@lru_cache(maxsize=1)
def gregory_coefficients():
    """x / log(1 + x) = Σ Gₙ xⁿ: Σ f(k) over k >= a is ∫ f from a plus Σ Gₙ Δⁿ⁻¹ f(a)."""
    coefficients = [Fraction(1)]
    for n in range(1, GREGORY_ORDER):
        coefficients.append(-sum(Fraction((-1) ** j, j + 1) * coefficients[n - j] for j in range(1, n + 1)))
    return coefficients


def smooth_tail(log_f, parts, weights, first, last, digits):
    """Σ from `first` to `last`, in either direction: an integral corrected by differences at its ends.

    The terms before a finite last one are added one by one, for the density need not be smooth there.
    """
    direction = 1 if last >= first else -1
    totals = [mpf(0)] * len(weights)
    if isfinite(last):
        edge = last - direction * min(EDGE_TERMS, abs(last - first) + 1)
        singles = [parts(edge + direction * k) for k in range(1, int(abs(last - edge)) + 1)]
        totals = [sum(column) for column in zip(*singles, strict=True)]
        last = edge
    if (last - first) * direction < GREGORY_ORDER:
        singles = [totals, *(parts(first + direction * k) for k in range(int((last - first) * direction) + 1))]
        return [sum(column) for column in zip(*singles, strict=True)]
    integral = integrate_piece(log_f, weights, min(first, last), max(first, last), digits)
    totals = [total + part for total, part in zip(totals, integral, strict=True)]
    for end, inward in ((first, direction), (last, -direction)):
        if not isfinite(end):
            continue
        rows = [parts(end + inward * k) for k in range(GREGORY_ORDER)]
        for coefficient in gregory_coefficients()[1:]:
            scale = mpf(coefficient.numerator) / coefficient.denominator
            totals = [total + scale * value for total, value in zip(totals, rows[0], strict=True)]
            rows = [[b - a for a, b in zip(row, following, strict=True)] for row, following in pairwise(rows)]
    return totals


def integrals(name, theta, weights, lower, upper, digits=30):
    rule = lattice_sums if ORACLE[name].lattice else continuous_integrals
    return rule(name, theta, weights, lower, upper, digits)


def one(x, log_p):
    return mpf(1)


@cache
def mass(name, theta, lower=-inf, upper=inf, digits=30):
    """P(lower <= X <= upper) to a relative error of 10^-digits, tails included."""
    return integrals(name, theta, [one], lower, upper, digits)[0]


def cdf(name, theta, x, digits=30):
    return mass(name, theta, -inf, x, digits)


def sf(name, theta, x, digits=30):
    return mass(name, theta, mp.floor(x) + 1 if ORACLE[name].lattice else x, inf, digits)


@cache
def summaries(name, theta, moments=(), centre=0.0, digits=30):
    """Moments of the given orders about `centre`, then the entropy."""
    powers = [lambda x, log_p, k=order: (x - mpf(centre)) ** k for order in moments]
    return integrals(name, theta, [*powers, lambda x, log_p: -log_p], -inf, inf, digits)


def tail_exponents(name, theta):
    """d log p / d log |x| towards each infinite end: x^k has a mean if k + exponent < -1 at both."""
    with mp.workdps(60):
        theta = tuple(theta)
        scale = 1 + sum(abs(value) for value in exact(theta))
        far = scale * mpf(10) ** 2000
        ends = [sign for sign, end in zip((-1, 1), support(name, theta), strict=True) if not isfinite(end)]
        density = ORACLE[name].log_density
        log_ps = [[density(sign * distance, *exact(theta)) for distance in (far, 2 * far)] for sign in ends]
        return [(further - near) / log(2) for near, further in log_ps]
