"""Ten fits, scipy's and thetahat's side by side: the gap in log-likelihood, the seconds, and what each says about it.

    python examples/from_scipy.py             10**5 observations each, about two minutes, nearly all of it scipy's
    python examples/from_scipy.py --n 10000

A family is found from its scipy distribution by its own declaration, so the table needs no translation of names:
`Family.from_scipy` and `to_scipy` convert the parameters. Both sides fit the same parameters of the same data; scipy's
are given the same fixed ones. A positive gap is log-likelihood that scipy leaves on the table.
"""

from __future__ import annotations

import argparse
import time
import warnings
from typing import NamedTuple

import numpy as np
import thetahat as th
from scipy import stats


class Case(NamedTuple):
    """What is drawn, and how scipy is asked to fit it."""

    title: str
    frozen: object
    fixed: dict
    scale: float = 1.0


CASES = (
    Case("normal", stats.norm(3.0, 2.0), {}),
    Case("lognormal", stats.lognorm(0.8, scale=4.0), {"floc": 0}),
    Case("exponential", stats.expon(scale=0.5), {"floc": 0}),
    Case("gamma", stats.gamma(2.5, scale=3.0), {"floc": 0}),
    Case("beta", stats.beta(0.8, 3.0), {"floc": 0, "fscale": 1}),
    Case("Weibull", stats.weibull_min(1.5, scale=2.0), {"floc": 0}),
    Case("Weibull, in millionths", stats.weibull_min(1.5, scale=2.0), {"floc": 0}, 1e-6),
    Case("Student t", stats.t(4.0, 1.0, 0.5), {}),
    Case("Student t, light tails", stats.norm(0.0, 1.0), {}),
    Case("generalized Pareto", stats.genpareto(0.3, scale=2.0), {"floc": 0}),
)
# Where the data comes from another law than the one that is fitted.
FITTED = {"Student t, light tails": stats.t}


def thetahat_fit(distribution, x):
    """The family that says it is this scipy distribution, fitted."""
    family = next(
        cls for cls in th.families("continuous") if cls.info.scipy and cls.info.scipy.name == distribution.name
    )
    return th.fit(family, x)


def scipy_fit(distribution, x, fixed):
    """scipy's parameters, their log-likelihood, and what it has to say."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = distribution.fit(x, **fixed)
        except (RuntimeError, ValueError) as error:
            return float("nan"), type(error).__name__
        return float(distribution.logpdf(x, *found).sum()), f"{len(caught)} warnings" if caught else "nothing"


def main():
    parser = argparse.ArgumentParser(description="Ten fits, scipy's and thetahat's side by side.")
    parser.add_argument("--n", type=int, default=100_000, help="observations of each case")
    n = parser.parse_args().n
    print(
        f"{'family':24} {'log-likelihood':>16} {'scipy is below':>15} {'thetahat, s':>12} {'scipy, s':>9}"
        "  status; scipy says"
    )
    for seed, case in enumerate(CASES):
        x = case.scale * case.frozen.rvs(n, random_state=np.random.default_rng(seed))
        distribution = FITTED.get(case.title, case.frozen.dist)
        start = time.perf_counter()
        fit = thetahat_fit(distribution, x)
        ours = time.perf_counter() - start
        start = time.perf_counter()
        theirs, said = scipy_fit(distribution, x, case.fixed)
        taken = time.perf_counter() - start
        print(
            f"{case.title:24} {fit.log_likelihood:16.4f} {fit.log_likelihood - theirs:15.6f} {ours:12.5f} {taken:9.3f}"
            f"  {fit.status}; {said}"
        )


if __name__ == "__main__":
    main()
