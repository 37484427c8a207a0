"""Writes tests/data/status: one data set for every verdict of a fit, and the answers to 50 digits.

Run from the repository: python tests/reference/make_status_data.py. The data come from an equidistributed sequence, so
that they are the same everywhere; the answers from the oracle's densities alone, by Newton's method in 130 digits.
"""

import csv
import sys
from pathlib import Path

from mpmath import inf, log, lu_solve, matrix, mp, mpf, nstr, sqrt

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS))

from reference import high_precision  # noqa: E402
from reference.oracle import ORACLE  # noqa: E402

FOLDER = TESTS / "data" / "status"
DIGITS = 50
WORKING = 130


def sequence(n, root):
    """Fractional parts of k√root: equidistributed in (0, 1), not in order."""
    return [k * sqrt(mpf(root)) % 1 for k in range(1, n + 1)]


def rounded(values, decimals):
    return [float(mp.nint(value * 10**decimals) / 10**decimals) for value in values]


def logits(n, root):
    return [log(u / (1 - u)) for u in sequence(n, root)]


def data_sets():
    return {
        "real": rounded([5 + 2 * t * (1 + t * t / 20) for t in logits(61, 2)], 3),
        "positive": rounded([4 * (-log(1 - u)) ** mpf("1.3") + mpf("0.05") for u in sequence(61, 3)], 3),
        "heavy": rounded([(1 - u) ** mpf("-0.7") * 2 - mpf("1.9") for u in sequence(61, 5)], 3),
        "unit": rounded([u ** mpf("0.6") * (1 - u / 3) for u in sequence(61, 7)], 4),
        "counts": [float(mp.floor(3 * (-log(1 - u)) ** mpf("1.5"))) for u in sequence(61, 11)],
        "light": rounded([10 + 3 * u for u in sequence(60, 13)], 3),
        "even-counts": [float(3 + int(4 * u)) for u in sequence(40, 17)],
        "late": rounded([u ** mpf("0.2") * 7 for u in sequence(30, 19)], 3),
        "tied": [0.2, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 4.0],
        "equal": [0.375] * 12,
        "zeros": [0.0] * 12,
        "single": [0.375],
        "single-count": [4.0],
    }


# Data set, family, start of the search (mpmath holds what has no derivative: minimum, maximum, median).
MAXIMA = [
    ("real", "normal", (5, 4)),
    ("real", "student_t", (3, 5, 3)),
    ("real", "logistic", (5, 2)),
    ("real", "gumbel", (4, 3)),
    ("real", "laplace", ("median", 3)),
    ("real", "uniform", ("minimum", "maximum")),
    ("positive", "log_normal", (1, 1)),
    ("positive", "exponential", (0.3,)),
    ("positive", "inverse_gaussian", (4, 1)),
    ("positive", "gamma", (0.8, 0.2)),
    ("positive", "weibull", (4, 0.8)),
    ("positive", "pareto", ("minimum", 0.3)),
    ("heavy", "generalized_pareto", (0.0, 1.5, 0.5)),
    ("heavy", "gamma", (0.6, 0.1)),
    ("unit", "beta", (1.2, 1.0)),
    ("counts", "poisson", (3,)),
    ("counts", "geometric", (0.2,)),
    ("counts", "negative_binomial", (0.8, 0.8)),
    ("even-counts", "poisson", (3,)),
    ("equal", "exponential", (2.0,)),
    ("single", "exponential", (2.0,)),
    ("single-count", "poisson", (3.0,)),
    ("single-count", "geometric", (0.3,)),
]

# Data set, family, its limit at the end of the parameter space, start of the search there.
LIMITS = [
    ("light", "student_t", "normal", (11, 1)),
    ("even-counts", "negative_binomial", "poisson", (4,)),
]

# Verdicts without a maximum.
VERDICTS = [
    ("tied", "student_t", "unbounded"),
    *(("equal", name, "degenerate") for name in (
        "normal", "log_normal", "laplace", "pareto", "inverse_gaussian", "gamma", "beta", "weibull", "student_t",
        "logistic", "gumbel", "generalized_pareto", "uniform",
    )),
    *(("zeros", name, "degenerate") for name in ("poisson", "geometric", "negative_binomial")),
    *(("single", name, "not_identified") for name in (
        "normal", "log_normal", "inverse_gaussian", "gamma", "beta", "weibull", "student_t", "logistic", "gumbel",
        "generalized_pareto",
    )),
    ("single-count", "negative_binomial", "not_identified"),
]  # fmt: skip

HELD = {"generalized_pareto": [0]}
STATISTICS = {"minimum": min, "maximum": max, "median": lambda values: sorted(values)[len(values) // 2]}


def log_likelihood(name, theta, x):
    return sum(ORACLE[name].log_density(mpf(value), *theta) for value in x)


def derivatives(name, theta, x, free):
    """Gradient and Hessian of the log-likelihood in relative steps, distinct values once."""
    counted = {value: x.count(value) for value in set(x)}
    jets = [(count, high_precision.jet(name, tuple(theta), value, digits=DIGITS)) for value, count in counted.items()]
    gradient = [sum(count * jet.gradient[i + 1] for count, jet in jets) for i in free]
    hessian = [[sum(count * jet.hessian[i + 1][j + 1] for count, jet in jets) for j in free] for i in free]
    return gradient, hessian, [jets[0][1].units[i + 1] for i in free]


def damped(hessian, gradient, ridge):
    """Solves (H - ridge) step = -gradient."""
    size = len(gradient)
    left = matrix(size, size)
    for i in range(size):
        for j in range(size):
            left[i, j] = hessian[i][j] - (ridge if i == j else 0)
    return lu_solve(left, -matrix(gradient))


def maximise(name, start, x):
    """Newton's method with a ridge that grows until a step raises the log-likelihood."""
    theta = [mpf(STATISTICS[value](x) if isinstance(value, str) else value) for value in start]
    free = [i for i, value in enumerate(start) if not isinstance(value, str) and i not in HELD.get(name, [])]
    value = log_likelihood(name, theta, x)
    for _ in range(200):
        if not free:
            return theta, value
        gradient, hessian, units = derivatives(name, theta, x, free)
        ridge = mpf(0)
        while True:
            step = damped(hessian, gradient, ridge)
            moved = list(theta)
            for i, unit, part in zip(free, units, step, strict=True):
                moved[i] += unit * part
            small = max(map(abs, step)) < mpf(10) ** -(DIGITS + 5)
            after = inside_value(name, moved, x)
            if small or after > value:
                break
            ridge = max(4 * ridge, mpf(len(x)) / 100)
        theta, value = moved, after
        if small:
            return theta, log_likelihood(name, theta, x)
    raise ArithmeticError(f"{name}: no maximum found")


def inside_value(name, theta, x):
    """The log-likelihood, or -inf where the formula leaves the real numbers: outside the parameter space."""
    value = sum(high_precision.clipped(name, tuple(theta), mpf(value)) for value in x)
    return value if isinstance(value, mpf) else -inf


def end_point_at_the_maximum(x):
    """The generalised Pareto with shape -1 is uniform; its likelihood is largest when it ends at the last observation."""
    return [mpf(0), mpf(max(x)), mpf(-1)], -len(x) * log(max(x))


def text(value):
    return nstr(value, DIGITS, strip_zeros=False)


def answers(data):
    for name, family, start in MAXIMA:
        theta, value = maximise(family, start, data[name])
        yield [name, family, "converged", "", text(value), *map(text, theta)]
    for name, family, limit, start in LIMITS:
        theta, value = maximise(limit, start, data[name])
        yield [name, family, "boundary", limit, text(value), *map(text, theta)]
    theta, value = end_point_at_the_maximum(data["late"])
    yield ["late", "generalized_pareto", "boundary", "generalized_pareto", text(value), *map(text, theta)]
    for name, family, status in VERDICTS:
        yield [name, family, status, "", ""]


def main():
    mp.dps = WORKING
    FOLDER.mkdir(parents=True, exist_ok=True)
    data = data_sets()
    for name, values in data.items():
        (FOLDER / f"{name}.csv").write_text("x\n" + "".join(f"{value!r}\n" for value in values))
    with open(FOLDER / "answers.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["data", "family", "status", "limit", "log_likelihood", "parameter 1", "parameter 2", "parameter 3"])
        writer.writerows(row + [""] * (8 - len(row)) for row in answers(data))


if __name__ == "__main__":
    main()
