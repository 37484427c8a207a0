"""Families of one variable: densities, tails, quantiles, moments and draws, elementwise and broadcasting."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from .arrays import Column, Missing, count, observations, real_array
from .base import Family
from .errors import DataError, ParameterError
from .info import LimitInfo
from .observations import Observations, as_observations
from .weights import Weights, plain_weights

__all__ = ["Columns", "Operation", "Summary", "UnivariateFamily", "Vector", "chosen"]

Result = Any  # float for scalar input, otherwise a float64 array of the broadcast shape
Operation = Literal["log_prob", "cdf", "sf", "log_cdf", "log_sf", "icdf", "isf"]
Summary = Literal["mean", "variance", "skewness", "kurtosis", "mode", "entropy", "lower", "upper"]
Vector = NDArray[np.float64]
Columns = list[Vector]  # one for each parameter, of one value or of as many as there are observations

_ROWS_PER_SUM = 65536


class UnivariateFamily(Family):
    """A family of distributions on the real line or on the integers.

    What all else here is made of stands at the end: functions of a flat column of observations and of columns of
    parameters, which a subclass defines.
    """

    __slots__ = ()

    # Where a law that has a density elsewhere has points of positive probability.
    _atoms: ClassVar[tuple[float, ...]] = ()

    # Per observation ------------------------------------------------------------------------------------------------

    def log_prob(self, x: Any) -> Result:
        """Log density (continuous) or log probability (discrete) of every observation; -inf outside the support.

        `x`: numbers of any real dtype and any shape, which broadcasts with the parameters. Returns float64 of the
        broadcast shape, a float for scalars. Raises DataError for NaN and nulls, DtypeError for what is not numbers.
        """
        return self._elementwise("log_prob", x)

    def cdf(self, x: Any) -> Result:
        """P(X <= x)."""
        return self._elementwise("cdf", x)

    def sf(self, x: Any) -> Result:
        """P(X > x), without the cancellation of 1 - cdf(x)."""
        return self._elementwise("sf", x)

    def log_cdf(self, x: Any) -> Result:
        """log P(X <= x), with its digits in the far lower tail."""
        return self._elementwise("log_cdf", x)

    def log_sf(self, x: Any) -> Result:
        """log P(X > x), with its digits in the far upper tail."""
        return self._elementwise("log_sf", x)

    def icdf(self, q: Any) -> Result:
        """Quantile: the smallest x with cdf(x) >= q, for 0 <= q <= 1."""
        return self._elementwise("icdf", q, "q")

    def isf(self, q: Any) -> Result:
        """Upper quantile: the smallest x with sf(x) <= q, for 0 <= q <= 1."""
        return self._elementwise("isf", q, "q")

    def log_prob_between(self, a: Any, b: Any) -> Result:
        """log P(a <= X <= b), from the tail in which it keeps its digits, or by quadrature where the interval is narrow.

        `a`, `b`: numbers, infinite where open, that broadcast with each other and with the parameters. Raises DataError
        where a exceeds b.

        Examples
        --------
        >>> import thetahat as th
        >>> round(th.Normal(loc=0.0, scale=1.0).log_prob_between(40.0, 41.0), 6)
        -804.608442
        """
        low, high = real_array(a, "a"), real_array(b, "b")
        try:
            low, high = np.broadcast_arrays(low, high)
        except ValueError:
            raise ParameterError(f"b: must broadcast with a; got shapes {high.shape} and {low.shape}") from None
        bad = ~(low <= high).reshape(-1)
        if bad.any():
            index = int(np.argmax(bad))
            raise DataError(
                f"a: must not exceed b; got a={low.reshape(-1)[index]!s}, b={high.reshape(-1)[index]!s} at index {index} "
                f"({int(bad.sum())} in all). Swap the ends; NaN is not an end"
            )
        lower, parameters, _, reshape = self._broadcast(low)
        upper = self._broadcast(high)[0]
        return _plain(reshape(self._log_between(_doubles(lower), _doubles(upper), parameters)))

    def hazard(self, x: Any) -> Result:
        """Rate of failure at x given survival until then: p(x) / P(X >= x). NaN beyond the support."""
        log_prob, log_sf = np.asarray(self.log_prob(x)), np.asarray(self.log_sf(x))
        with np.errstate(invalid="ignore", over="ignore"):
            points = np.isin(np.asarray(x), self._atoms) | (self.info.kind == "discrete")
            survival = np.where(points, np.logaddexp(log_sf, log_prob), log_sf)
            return _plain(np.exp(log_prob - survival))

    def score(self, x: Any) -> NDArray[np.float64]:
        """Derivatives of log_prob by the parameters, in their order along a last axis: shape (..., k).

        NaN for whole numbers such as a number of trials, in which there is no derivative.
        """
        flat, parameters, shape, reshape = self._broadcast(real_array(x, "x"))
        result = self._score(flat, parameters)
        result[:, [p.domain in ("count", "integer") for p in self.info.parameters]] = math.nan
        return np.stack([reshape(result[:, j]) for j in range(result.shape[1])], axis=-1).reshape(
            *shape, result.shape[1]
        )

    def _elementwise(self, operation: Operation, x: Any, name: str = "x") -> Result:
        flat, parameters, _, reshape = self._broadcast(real_array(x, name))
        return _plain(reshape(self._evaluate(operation, flat, parameters)))

    def _broadcast(self, x: NDArray[Any]) -> tuple[NDArray[Any], list[NDArray[np.float64]], tuple[int, ...], Any]:
        """One column of observations and one of each parameter, and how to give the result its shape."""
        if not self._shape:
            parameters = [np.array([value]) for value in self._values]
            if x.flags.f_contiguous and x.ndim > 1:
                # Read in memory order, so that a transposed array is not copied.
                return x.T.reshape(-1), parameters, x.shape, lambda r: r.reshape(x.shape[::-1]).T
            return x.reshape(-1), parameters, x.shape, lambda r: r.reshape(x.shape)
        try:
            shape = np.broadcast_shapes(x.shape, self._shape)
        except ValueError:
            raise ParameterError(
                f"{type(self).__name__}: observations of shape {x.shape} do not broadcast with parameters of shape "
                f"{self._shape}. Add an axis: x[:, None]"
            ) from None
        parameters = [
            np.array([value]) if np.size(value) == 1 else np.broadcast_to(value, shape).reshape(-1)
            for value in (np.asarray(v).reshape(-1)[0] if np.size(v) == 1 else v for v in self._values)
        ]
        parameters = [np.ascontiguousarray(p, dtype=np.float64) for p in parameters]
        return np.broadcast_to(x, shape).reshape(-1), parameters, shape, lambda r: r.reshape(shape)

    # Summed over the observations -----------------------------------------------------------------------------------

    def log_likelihood(self, x: Any, weights: Any | Weights = None, *, missing: Missing = "raise") -> float:
        """Sum of log_prob over the observations, each times its weight; nothing is materialised.

        `x` may have any shape when the parameters are scalars; array parameters go with the rows of a column.
        """
        weights = plain_weights(weights)
        if isinstance(x, Observations):
            return self._information(x, weights)["log_likelihood"]
        if weights is None and missing == "raise":
            # Sums over counts look for integers beyond 2**53 on their way.
            return self._summed(real_array(x, "x", exact=self.info.kind == "continuous" or bool(self._shape)), None)
        column = observations(x, weights, missing=missing)
        return self._summed(column.values, column.weights)

    def _summed(self, x: NDArray[Any], weights: NDArray[Any] | None) -> float:
        flat, parameters, _, _ = self._broadcast(x)
        if not self._shape:
            return self._total(flat, weights, self._scalars())
        if weights is not None and weights.size != flat.size:
            raise ParameterError("weights: with array parameters, x must have the shape of the parameters")
        parts: list[float] = []
        for start in range(0, flat.size, _ROWS_PER_SUM):
            block = slice(start, start + _ROWS_PER_SUM)
            rows = self._evaluate("log_prob", flat[block], chosen(parameters, block))
            if weights is not None:
                # A weight of zero means absent, also where log_prob is -inf.
                rows = np.where(weights[block] > 0, rows, 0.0) * weights[block]
            parts.append(float(rows.sum()))
        return math.fsum(parts) if all(map(math.isfinite, parts)) else sum(parts)

    def information(self, x: Any, weights: Any | Weights = None, *, missing: Missing = "raise") -> NDArray[np.float64]:
        """Observed information, minus the Hessian of log_likelihood in the parameters: shape (k, k).

        NaN in the rows and columns of whole numbers such as a number of trials.
        """
        plain = plain_weights(weights)
        if isinstance(x, Observations):
            local = self._information(x, plain)
        else:
            local = self._local(observations(x, plain, missing=missing), self._scalars())
        result = np.array(local["information"])
        for position, parameter in enumerate(self.info.parameters):
            if parameter.domain in ("count", "integer"):
                result[position, :] = result[:, position] = math.nan
        return result

    def _information(self, x: Observations, weights: Any) -> dict[str, Any]:
        return self._local(as_observations(x, weights), self._scalars())

    def _scalars(self) -> list[float]:
        if self._shape:
            raise ParameterError(
                f"{type(self).__name__}: one set of parameters is needed here; got arrays of shape {self._shape}. "
                "Construct one model per set"
            )
        return [float(value) for value in self._values]

    # Of the distribution --------------------------------------------------------------------------------------------

    @property
    def mean(self) -> Result:
        """Expectation; inf or NaN where it does not exist."""
        return self._summary("mean")

    @property
    def variance(self) -> Result:
        """Central second moment; inf or NaN where it does not exist."""
        return self._summary("variance")

    @property
    def stddev(self) -> Result:
        """Square root of the variance."""
        return _plain(np.sqrt(self._summary("variance")))

    @property
    def skewness(self) -> Result:
        """Asymmetry: E((X - mean)^3) / stddev^3, zero where the law is symmetric.

        To 1e-8 of max(1, |skewness|), where it is no closed form. Infinite where the variance is finite and the third moment
        is not, NaN where either does not exist, or the variance is infinite.
        Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions 1, section 12.2.

        Examples
        --------
        >>> import thetahat as th
        >>> th.Gamma(concentration=4.0, rate=3.0).skewness
        1.0
        """
        return self._summary("skewness")

    @property
    def kurtosis(self) -> Result:
        """Excess kurtosis: E((X - mean)^4) / stddev^4 - 3, zero for the normal law.

        As accurate as `skewness`, infinite where the variance alone is finite, and NaN where that is not.

        Examples
        --------
        >>> import thetahat as th
        >>> th.Laplace(loc=5.0, scale=2.0).kurtosis
        3.0
        """
        return self._summary("kurtosis")

    @property
    def mode(self) -> Result:
        """Where log_prob is largest."""
        return self._summary("mode")

    @property
    def median(self) -> Result:
        """The quantile of 1/2."""
        return self.icdf(0.5)

    @property
    def support(self) -> tuple[Result, Result]:
        """Lower and upper end of the set where log_prob is finite."""
        return self._summary("lower"), self._summary("upper")

    def entropy(self) -> Result:
        """Minus the expectation of log_prob, in nats."""
        return self._summary("entropy")

    def moment(self, order: int, central: bool = False) -> Result:
        """Expectation of X**order, or of (X - mean)**order; inf or NaN where it does not exist."""
        order = count(order, "order")
        return self._shaped(self._moment(order, bool(central), self._columns()))

    def fisher_information(self) -> NDArray[np.float64]:
        """Expected information of one observation, E(score score^T): shape (k, k), or (..., k, k) for array parameters.

        Its inverse over n is the covariance of the maximum-likelihood estimates of n observations, for large n. NaN in the
        rows and columns of a parameter whose estimate is no such thing: one that moves an end of the support at which there
        is density (by E score, which is then not zero), or whose score has no variance. By the family's closed form where
        it has one, else by quadrature over the law's quantiles, or sums over its counts, of the products of scores. Lehmann
        and Casella (1998), Theory of Point Estimation, section 2.5.

        Examples
        --------
        >>> import thetahat as th
        >>> th.Normal(loc=1.0, scale=2.0).fisher_information().round(12).tolist()
        [[0.25, 0.0], [0.0, 0.5]]
        """
        found = self._fisher(self._columns())
        return found.reshape(*self._shape, *found.shape[1:])

    def interval(self, level: float) -> tuple[Result, Result]:
        """The central interval with the given probability: both tails hold (1 - level) / 2."""
        tail = (1.0 - checked_level(level)) / 2.0
        return self.icdf(tail), self.isf(tail)

    def _summary(self, operation: Summary) -> Result:
        return self._shaped(self._summarize(operation, self._columns()))

    def _columns(self) -> Columns:
        return [np.ascontiguousarray(np.broadcast_to(value, self._shape)).reshape(-1) for value in self._values]

    def _shaped(self, result: NDArray[np.float64]) -> Result:
        return _plain(result.reshape(self._shape))

    # Draws ----------------------------------------------------------------------------------------------------------

    def sample(self, n: int, *, seed: int | None = None, stream: int = 0) -> NDArray[Any]:
        """n draws, float64 or int64 for counts; with parameters of shape s the result has shape (n, *s).

        Draw i depends on (seed, stream, i) and the family alone: on no number of threads, and on no other draw.
        Different streams of one seed are independent. seed=None takes fresh entropy.
        """
        n, seed, stream = self._draws(n, seed, stream)
        if not self._shape:
            return self._draw(self._columns(), n, seed, stream)
        shape = (n, *self._shape)
        columns = [np.ascontiguousarray(np.broadcast_to(value, shape)).reshape(-1) for value in self._values]
        return self._draw(columns, math.prod(shape), seed, stream).reshape(shape)

    # scipy ----------------------------------------------------------------------------------------------------------

    def to_scipy(self) -> Any:
        """The frozen scipy.stats distribution with the same densities."""
        from .scipy_bridge import to_scipy

        return to_scipy(self)

    @classmethod
    def from_scipy(cls, frozen: Any) -> Self:
        """The member of this family with the densities of a frozen scipy.stats distribution.

        Raises DataError when the distribution is another one, or has a location or scale that the family lacks.
        """
        from .scipy_bridge import from_scipy

        return from_scipy(cls, frozen)

    # torch ----------------------------------------------------------------------------------------------------------

    def to_torch(self) -> Any:
        """The torch.distributions object with the same densities, its parameters float64 tensors of the model's shape.

        Needs torch, which `pip install 'thetahat[torch]'` brings; it is imported here first. Raises DataError where torch
        has no such distribution. A few of torch's compare parameters with numbers of its default dtype, and fail where
        `torch.set_default_dtype(torch.float64)` was not called.
        """
        from .torch_bridge import to_torch

        return to_torch(self)

    # Nested limits ------------------------------------------------------------------------------------------------------

    @classmethod
    def _limits(cls, held: Mapping[str, float]) -> tuple[LimitInfo, ...]:
        """The limits that are nested in the family with some parameters held at a value."""
        return tuple(limit for each in cls.info.limits if (limit := cls._limit_with(each, held)) is not None)

    @classmethod
    def _limit_with(cls, limit: LimitInfo, held: Mapping[str, float]) -> LimitInfo | None:
        if limit.parameter in held:
            return None
        mapped = {argument.source for argument in limit.arguments}
        for parameter in cls.info.parameters:
            name = parameter.name
            if name == limit.threshold:
                if name not in held:  # a free threshold, which no limit family has
                    return None
                if held[name] != 0.0:
                    limit = replace(limit, family=f"shifted({limit.family}, threshold={held[name]!r})")
            elif name != limit.parameter and name not in mapped and held.get(name) != parameter.default:
                return None  # what the limit needs free is held, or the reverse
        return limit

    # What a subclass defines: rows in, rows out -----------------------------------------------------------------------

    @classmethod
    @abstractmethod
    def _evaluate(cls, operation: Operation, x: NDArray[Any], parameters: Columns) -> Vector: ...

    @classmethod
    @abstractmethod
    def _log_between(cls, lower: Vector, upper: Vector, parameters: Columns) -> Vector:
        """log P(lower <= X <= upper) of every row; -inf where lower exceeds upper."""

    @classmethod
    @abstractmethod
    def _score(cls, x: NDArray[Any], parameters: Columns) -> Vector:
        """Derivatives of log_prob by the parameters: shape (n, k)."""

    @classmethod
    @abstractmethod
    def _score_between(cls, lower: Vector, upper: Vector, parameters: Columns) -> Vector:
        """Derivatives of _log_between by the parameters: shape (n, k)."""

    @classmethod
    @abstractmethod
    def _summarize(cls, operation: Summary, parameters: Columns) -> Vector: ...

    @classmethod
    @abstractmethod
    def _moment(cls, order: int, central: bool, parameters: Columns) -> Vector: ...

    @classmethod
    def _divergence(cls, p: Columns, q: Columns) -> Vector | None:
        """Kullback's and Leibler's D(p || q) of every pair of members; None where there is no closed form."""
        return None

    @classmethod
    def _spikes(cls) -> tuple[float, ...]:
        """Counts whose probability is not that of their neighbours."""
        return ()

    @classmethod
    def _standard(cls, member: Columns, *others: Columns) -> tuple[Columns, ...] | None:
        """A member moved to location zero and scale one, and others moved with it; None where the family has neither."""
        return None

    @classmethod
    def _fisher(cls, parameters: Columns) -> Vector:
        """The expected information of one observation of every member: shape (n, k, k)."""
        from .divergence import regular_part

        n = max((p.size for p in parameters), default=1)
        members = (chosen(parameters, slice(i, i + 1)) for i in range(n))
        found = np.stack([regular_part(*cls._mean_scores(member)) for member in members])
        whole = [parameter.domain in ("integer", "count") for parameter in cls.info.parameters]
        found[:, whole, :] = found[:, :, whole] = np.nan
        return found

    @classmethod
    def _mean_scores(cls, member: Columns) -> tuple[Vector, Vector]:
        """E score and E score score^T of one member."""
        from .divergence import mean_scores

        return mean_scores(cls, member)

    @classmethod
    def _expect(cls, function: Callable[[Vector], Vector], member: Columns) -> float:
        """E function(X) of one member; inf or NaN where it does not exist."""
        from . import numeric

        return numeric.expectation(cls, function, member)

    @classmethod
    @abstractmethod
    def _draw(cls, parameters: Columns, n: int, seed: int, stream: int) -> NDArray[Any]: ...

    @classmethod
    @abstractmethod
    def _total(cls, x: NDArray[Any], weights: NDArray[Any] | None, parameters: list[float]) -> float:
        """The weighted sum of log_prob."""

    @classmethod
    @abstractmethod
    def _local(cls, rows: Column | Observations, parameters: list[float]) -> dict[str, Any]:
        """log_likelihood, score and information of all rows."""

    @classmethod
    @abstractmethod
    def _maximize(
        cls,
        rows: Column | Observations,
        held: list[float],
        start: Sequence[float] | None,
        progress: Callable[..., object] | None,
    ) -> dict[str, Any]:
        """The fit with weights taken as counts; `held` is NaN where a parameter is free."""


def chosen(parameters: Columns, which: Any) -> Columns:
    """The members that go with some of the rows, by a mask or a slice; one that goes with all stays."""
    return [column if column.size == 1 else column[which] for column in parameters]


def _doubles(x: NDArray[Any]) -> Vector:
    return np.ascontiguousarray(x, dtype=np.float64)


def checked_level(level: float) -> float:
    """A probability given as an argument."""
    try:
        value = float(level)
    except (TypeError, ValueError):
        raise ParameterError(f"level: must be a number between 0 and 1; got {level!r}. Write level=0.95") from None
    if not 0.0 <= value <= 1.0:
        raise ParameterError(f"level: must lie between 0 and 1; got {value!r}. Write level=0.95 for 95 %")
    return value


def _plain(result: Any) -> Result:
    return float(result) if np.ndim(result) == 0 else result
