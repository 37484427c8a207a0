"""Families made of every family of the registry by every modifier, and by random chains of them."""

import math
import random
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import thetahat as th
from registry import FAMILIES

CHAINS_PER_FAMILY = 4
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
    """What a modifier makes of a family; nothing where it refuses, or where no member of it can be told apart."""
    made = []
    for arguments in arguments_of(modifier, base):
        try:
            family = getattr(th, modifier)(base, *arguments)
        except th.ParameterError:
            continue
        if family.info.cases:
            made.append(family)
    return made


MODIFIERS = ["truncated", "shifted", "affine", "reflected", "log_transformed", "discretized", "folded", "zero_inflated",
             "one_inflated", "hurdle"]  # fmt: skip


def singles():
    """Every modifier of every family."""
    return [made for base in FAMILIES for modifier in MODIFIERS for made in apply(modifier, base)]


def chains():
    """Two or three modifiers in a row, chosen at random."""
    choice = random.Random(SEED)
    found = []
    for base in FAMILIES:
        made = []
        while len(made) < CHAINS_PER_FAMILY:
            family = base
            for _ in range(choice.choice([2, 2, 3])):
                options = apply(choice.choice(MODIFIERS), family)
                family = choice.choice(options) if options else None
                if family is None:
                    break
            if family is not None and family not in made:
                made.append(family)
        found += made
    return found


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
    def smooth(self):
        """Whether no kink and no end of the support moves with a parameter."""
        info = self.family.info
        return not info.boundary_maximum and info.information == "observed"

    def known(self):
        """The parameters that a fit holds by default, at this case's values."""
        pairs = zip(self.family.info.parameters, self.theta, strict=True)
        return {parameter.name: value for parameter, value in pairs if parameter.default is not None}

    def draws(self, n, seed=1):
        """Draws that the support holds: some round to an edge that it leaves out."""
        x = self.model.sample(n, seed=seed).astype(float)
        return x[np.isfinite(self.model.log_prob(x))]

    def quantiles(self, *q):
        """Values where the law has most of its probability, away from the kinks that folding makes at zero."""
        x = np.unique(self.model.icdf(np.array(q)))
        return x[np.isfinite(self.model.log_prob(x))]


SINGLES = [Combination(family) for family in singles()]
CHAINS = [Combination(family) for family in chains()]
COMBINATIONS = SINGLES + [chain for chain in CHAINS if chain not in SINGLES]
