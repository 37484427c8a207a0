"""Log densities in high-precision arithmetic, written from the cited sources and from nothing else.

To add a family, add one function to the module of its support: its name is the registry name, its arguments are x and
the canonical parameters in registry order, its body is the textbook formula. `support` and `centre` (a point of large
density, or the kink) are functions of the parameters. What is common to all families (derivatives, integrals, sums)
stands in `high_precision.py`.

Sources, by short name:
  JKB   Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions, 2nd ed., vol. 1 (1994), vol. 2 (1995)
  JKK   Johnson, Kemp, Kotz, Univariate Discrete Distributions, 3rd ed. (2005)
  Coles An Introduction to Statistical Modeling of Extreme Values (2001)
"""

import importlib
import pkgutil

from reference.oracle.density import ORACLE

__all__ = ["ORACLE"]

for module in pkgutil.iter_modules(__path__, f"{__name__}."):
    importlib.import_module(module.name)
