"""Writes tests/data/published/answers.csv: where the likelihoods of published censored data are largest, to 30 digits.

Run from the repository: python tests/reference/make_published_data.py. The densities are the oracle's, the tails below
are from the same sources, and the maximum is found by Newton's method on differences in 90 digits. What was printed for
a case, with the digits that it was printed with, is in printed.csv and comes from its source alone.
"""

import csv
import math
import sys
from pathlib import Path

from mpmath import erfc, exp, gammainc, log, lu_solve, matrix, mp, mpf, nstr, sqrt

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS))

# The tests' own modules are found once their folder is on the path.
from reference.oracle import ORACLE  # noqa: E402

FOLDER = TESTS / "data" / "published"
DIGITS = 30
WORKING = 90
STEP = mpf(10) ** -18

# P(X > x); all of these live on the half line.
TAILS = {
    "exponential": lambda x, rate: exp(-rate * x),
    "weibull": lambda x, scale, concentration: exp(-((x / scale) ** concentration)),
    "log_normal": lambda x, loc, scale: erfc((log(x) - loc) / (scale * sqrt(2))) / 2,
    "gamma": lambda x, concentration, rate: gammainc(concentration, rate * x, regularized=True),
}

# Data set, family, start of the search.
MAXIMA = [
    ("freireich-6mp", "exponential", (0.03,)),
    ("freireich-6mp", "weibull", (30, 1.3)),
    ("freireich-6mp", "log_normal", (3, 1)),
    ("freireich-6mp", "gamma", (1.5, 0.05)),
    ("locomotives", "weibull", (180, 2.3)),
    ("locomotives", "log_normal", (5.1, 0.7)),
    ("fans", "exponential", (0.04,)),
    ("fans", "weibull", (25, 1.1)),
    ("fans", "log_normal", (3.5, 1.7)),
    ("turbine-wheels", "exponential", (0.01,)),
    ("turbine-wheels", "weibull", (50, 2)),
    ("turbine-wheels", "log_normal", (3.7, 0.7)),
    ("turbine-wheels", "gamma", (3, 0.07)),
    ("cosmesis", "exponential", (0.02,)),
    ("cosmesis", "weibull", (50, 1.1)),
    ("cosmesis", "log_normal", (3.6, 1.1)),
    ("cosmesis", "gamma", (1.2, 0.025)),
]


def read(name):
    """The rows of a data set: the ends of each, and how many there are."""
    with open(FOLDER / f"{name}.csv", newline="") as file:
        return [tuple(mpf(row[key]) for key in ("lower", "upper", "count")) for row in csv.DictReader(file)]


def log_likelihood(name, theta, rows):
    tail = TAILS[name]

    def above(x):
        return mpf(1) if x <= 0 else mpf(0) if math.isinf(x) else tail(x, *theta)

    return sum(
        count * (ORACLE[name].log_density(low, *theta) if low == high else log(above(low) - above(high)))
        for low, high, count in rows
    )


def maximise(name, start, rows):
    """The maximum by Newton's method, relative to each parameter; differences move it by their step squared."""
    theta = [mpf(value) for value in start]
    for _ in range(100):
        units, size = [abs(value) for value in theta], len(theta)

        def at(*steps, theta=theta, units=units):
            moved = [value + unit * step for value, unit, step in zip(theta, units, steps, strict=True)]
            return log_likelihood(name, moved, rows)

        def along(i, j=None, signs=(1, 1), size=size):
            return [STEP * (signs[0] * (k == i) + signs[1] * (k == j)) for k in range(size)]

        gradient = matrix([(at(*along(i)) - at(*along(i, signs=(-1, 0)))) / (2 * STEP) for i in range(size)])
        hessian = matrix(size)
        for i in range(size):
            for j in range(size):
                four = [(a * b, at(*along(i, j, (a, b)))) for a in (1, -1) for b in (1, -1)]
                hessian[i, j] = sum(sign * value for sign, value in four) / (4 * STEP**2)
        step = lu_solve(-hessian, gradient)
        # Half a unit at most: no parameter of these families changes its sign on the way.
        shorter = 1 / max(mpf(1), 2 * max(map(abs, step)))
        theta = [value + unit * shorter * part for value, unit, part in zip(theta, units, step, strict=True)]
        if max(map(abs, step)) < mpf(10) ** -(DIGITS + 2):
            return theta, log_likelihood(name, theta, rows)
    raise ArithmeticError(f"{name}: no maximum found")


def text(value):
    return nstr(value, DIGITS, strip_zeros=False)


def answers():
    for name, family, start in MAXIMA:
        theta, value = maximise(family, start, read(name))
        yield [name, family, text(value), *map(text, theta)]


def main():
    mp.dps = WORKING
    with open(FOLDER / "answers.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["data", "family", "log_likelihood", "parameter 1", "parameter 2"])
        writer.writerows(row + [""] * (5 - len(row)) for row in answers())


if __name__ == "__main__":
    main()
