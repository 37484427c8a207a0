"""Families that tests of the Python layer need for a property, chosen by what the registry declares."""

from __future__ import annotations

import math

from registry import FAMILIES, VECTOR_FAMILIES

VECTOR = VECTOR_FAMILIES[0]

# Estimated without trouble, two free parameters of which one is positive.
PAIR = next(
    cls
    for cls in FAMILIES
    if cls.info.kind == "continuous" and cls.info.fit_method == "statistics" and len(cls.info.parameters) == 2
)
REAL_LINE = next(
    cls for cls in FAMILIES if cls.info.fit_method == "closed_form" and cls.info.support.lower == -math.inf
)


def first(cls):
    """The family at its first case; a vector family in two dimensions."""
    values = cls.info.cases[0]
    return cls(*([value, value] for value in values)) if cls.info.vector else cls(*values)
