"""How a log density is registered, and what several of them are written with."""

from collections.abc import Callable
from dataclasses import dataclass

from mpmath import inf, log, mpf


@dataclass(frozen=True)
class Density:
    log_density: Callable
    support: Callable
    centre: Callable
    lattice: bool
    vector: bool
    valley: Callable | None  # where a density that has a second peak at an end of the support is least


ORACLE: dict[str, Density] = {}


def density(support, centre, lattice=False, vector=False, valley=None):
    def register(function):
        ORACLE[function.__name__] = Density(function, support, centre, lattice, vector, valley)
        return function

    return register


def times_log(factor, argument):
    """factor·log(argument) with 0·log 0 = 0, its limit along constant factors."""
    return mpf(0) if factor == 0 else factor * log(argument)


def real_line(*theta):
    return -inf, inf


def half_line(*theta):
    return mpf(0), inf
