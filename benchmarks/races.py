"""What is timed, and the figures that the times are held to."""

from __future__ import annotations

import csv
import functools
import pathlib

import numpy as np
import thetahat as th

HERE = pathlib.Path(__file__).resolve().parent
SCALAR = [cls for cls in th.families() if not cls.info.vector]
DRAWN = 1_000_000


@functools.cache
def limits():
    """What the table of limits says: {(benchmark, family): {against: most}}, `*` for every family."""
    with (HERE / "limits.csv").open(newline="") as stream:
        found = {}
        for row in csv.DictReader(stream):
            found.setdefault((row["benchmark"], row["family"]), {})[row["against"]] = float(row["most"])
    return found


def limited(benchmark, family):
    """The limits of one benchmark of one family."""
    return {**limits().get((benchmark, "*"), {}), **limits().get((benchmark, family), {})}


def model_of(family):
    """The member that is timed: the first of the family's test cases."""
    return family(*family.info.cases[0])


def observations(model, points):
    """Draws of the model; beyond a million they repeat, which no kernel can notice."""
    drawn = model.sample(min(points, DRAWN), seed=1)
    return drawn if points <= DRAWN else np.resize(drawn, points)


def known(family):
    """The parameters that a fit holds unless told otherwise, at the values of the member that is timed."""
    pairs = zip(family.info.parameters, family.info.cases[0], strict=True)
    return {parameter.name: value for parameter, value in pairs if parameter.default is not None}
