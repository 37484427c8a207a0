"""Families made of every family of the registry by every modifier, and by random chains of them."""

import math
import random
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import thetahat as th
from registry import FAMILIES, known, lot

SEED = 20261126


def arguments_of(modifier, base):
    """Numbers that leave the law of the base's first case some probability, and that its draws would have."""
    model = base(*base.info.cases[0])
    if modifier == "truncated":
        low, high = float(model.icdf(0.1)), float(model.isf(0.1))
        whole = base.info.kind == "discrete"
        return [(low, high + whole), (low, math.inf), (-math.inf, high)]
    return {
        "shifted": [(3.0,), ()],
        "affine": [(2.0, 0.5), (-1.0, -3.0)],
        "discretized": [(2.0 if base.info.kind == "discrete" else 0.25,)],
    }.get(modifier, [()])


def apply(modifier, base):
    """What a modifier makes of a family with some of its arguments, each family's others.

    Nothing where it refuses, or where no member of it can be told apart.
    """
    if modifier in ("zero_inflated", "one_inflated", "hurdle") and base.info.support.upper - base.info.support.lower < 2:
        return None  # of two values, either of which it would give a probability of its own
    options = arguments_of(modifier, base)
    for number in sorted(range(len(options)), key=lambda number: lot(modifier, base.info.name, number)):
        try:
            family = getattr(th, modifier)(base, *options[number])
        except th.ParameterError:
            continue
        if family.info.cases:
            return family
    return None


MODIFIERS = ["truncated", "shifted", "affine", "reflected", "log_transformed", "discretized", "folded", "zero_inflated",
             "one_inflated", "hurdle"]  # fmt: skip


def singles():
    """Every modifier of every family."""
    made = [apply(modifier, base) for base in FAMILIES for modifier in MODIFIERS]
    return [family for family in made if family is not None]


def chain(base):
    """Two or three modifiers in a row, chosen at random for each family."""
    choice = random.Random(f"{SEED} {base.info.name}")
    while True:
        family = base
        for _ in range(choice.choice([2, 2, 3])):
            made = apply(choice.choice(MODIFIERS), family)
            if made is None:
                break
            family = made
        else:
            return family


@dataclass(frozen=True)
class Combination:
    """A family that modifiers made, at its first case."""

    family: type

    def __str__(self):
        return self.family.info.name

    @property
    def theta(self):
        return self.family.info.cases[0]

    @cached_property
    def model(self):
        return self.family(*self.theta)

    @property
    def discrete(self):
        return self.family.info.kind == "discrete"

    @property
    def long(self):
        """Whether its counts reach so far that an expectation takes a minute."""
        return self.discrete and not self.model.isf(1e-300) - self.model.icdf(1e-300) < 2**20

    @property
    def smooth(self):
        """Whether no kink and no end of the support moves with a parameter."""
        info = self.family.info
        return not info.boundary_maximum and info.information == "observed"

    def known(self):
        return known(self.family, self.theta)

    def draws(self, n, seed=1):
        """Draws that the support holds: some round to an edge that it leaves out."""
        x = self.model.sample(n, seed=seed).astype(float)
        return x[np.isfinite(self.model.log_prob(x))]

    def quantiles(self, *q):
        """Values where the law has most of its probability, away from the kinks that folding makes at zero."""
        x = np.unique(self.model.icdf(np.array(q)))
        return x[np.isfinite(self.model.log_prob(x))]


SINGLES = [Combination(family) for family in singles()]
CHAINS = [Combination(chain(base)) for base in FAMILIES]
COMBINATIONS = SINGLES + CHAINS
