"""Maximum-likelihood fits of parametric families at the speed of reading the data, with a status that can be trusted.

>>> import thetahat as th
>>> model = th.Gamma(concentration=2.0, rate=0.5)
>>> fit = th.fit("gamma", model.sample(10_000, seed=7))
>>> fit.status
'converged'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _core, observations
from ._version import __version__
from .arrays import count as _count
from .base import Family
from .compare import Comparison, Ranked, Unranked, compare
from .divergence import Divergence, kl_divergence

# The names that these modules export are the package's, by their own lists.
from .errors import *  # noqa: F403
from .errors import __all__ as _error_names
from .families import *  # noqa: F403
from .families import __all__ as _family_names
from .families import families, family_class
from .fit import Fit, Limit, fit
from .info import FamilyInfo, LimitInfo
from .modifiers import *  # noqa: F403
from .modifiers import __all__ as _modifier_names
from .univariate import UnivariateFamily
from .vector import VectorFamily
from .weights import Weights, importance, precision

if TYPE_CHECKING:
    from .custom import family as family
    from .nested import NestedTest as NestedTest
    from .survival import SurvivalCurve as SurvivalCurve
    from .survival import survival_curve as survival_curve

# Modules that are read when one of their names is first asked for.
_LATER = {"NestedTest": "nested", "SurvivalCurve": "survival", "family": "custom", "survival_curve": "survival"}

__all__ = [  # pyright: ignore[reportUnsupportedDunderAll]
    "Comparison",
    "Divergence",
    "Family",
    "FamilyInfo",
    "Fit",
    "Limit",
    "LimitInfo",
    "Ranked",
    "UnivariateFamily",
    "Unranked",
    "VectorFamily",
    "Weights",
    "__version__",
    "compare",
    "families",
    "family_class",
    "fit",
    "get_num_threads",
    "importance",
    "info",
    "kl_divergence",
    "observations",
    "precision",
    "set_num_threads",
    *_error_names,
    *_family_names,
    *_modifier_names,
    *_LATER,
]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        from importlib import import_module

        return getattr(import_module(f".{_LATER[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


def set_num_threads(n: int) -> None:
    """Use n threads from now on; the default is the cores that the process may use, or THETAHAT_NUM_THREADS."""
    _core.set_num_threads(_count(n, "n", least=1))


def get_num_threads() -> int:
    """Threads in use."""
    return _core.get_num_threads()


def info() -> dict[str, Any]:
    """Version, CPU targets that work here (best last), the target in use, threads, and whether CUDA is built in."""
    return {
        "version": __version__,
        "targets": _core.targets(),
        "target": _core.target(),
        "threads": _core.get_num_threads(),
        "cuda": _core.cuda(),
    }
