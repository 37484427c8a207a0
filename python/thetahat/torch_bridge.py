"""To torch.distributions, by the arguments that each family declares."""

from __future__ import annotations

from typing import Any

import numpy as np

from .base import Family
from .errors import DataError, missing_extra
from .info import forward

__all__ = ["to_torch"]


def to_torch(model: Family) -> Any:
    """The torch.distributions object with the densities of `model`."""
    info = model.info
    if not info.torch:
        raise DataError(f"{info.class_name}: torch.distributions has no distribution with these densities")
    try:
        import torch  # pyright: ignore[reportMissingImports]
        import torch.distributions  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise missing_extra("torch", "torch", "to_torch()") from None
    made = getattr(torch.distributions, info.torch, None)
    if made is None:
        raise DataError(
            f"{info.class_name}: torch {torch.__version__} has no torch.distributions.{info.torch}; a later one does"
        )
    values = model.parameters
    arguments = {
        a.name: forward(a.transform, values.get(a.first), values.get(a.second), a.value, values.get(a.third))
        for a in info.torch_arguments
    } or values
    return made(**{name: torch.as_tensor(np.array(v, dtype=np.float64)) for name, v in arguments.items()})
