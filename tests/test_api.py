"""The Python layer: the package, and models as objects that are checked, frozen, written, and broadcast."""

from __future__ import annotations

import copy
import doctest
import inspect
import math
import pickle
import re
import subprocess
import sys

import numpy as np
import pytest
import thetahat as th
from chosen import PAIR, REAL_LINE, first
from registry import FAMILIES, VECTOR_FAMILIES, quick_share


@pytest.fixture(params=[*FAMILIES, *VECTOR_FAMILIES], ids=lambda cls: cls.info.name)
def any_family(request):
    return request.param


# The package --------------------------------------------------------------------------------------


def test_the_public_names_are_there():
    assert set(th.__all__) == set(dir(th))
    for name in th.__all__:
        assert getattr(th, name) is not None
    assert len(th.__all__) == len(set(th.__all__))


def test_importing_is_light():
    code = "import numpy, sys; before = set(sys.modules); import thetahat; print(*(set(sys.modules) - before))"
    added = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    roots = {name.partition(".")[0] for name in added}
    assert not roots & {
        "scipy",
        "pandas",
        "polars",
        "pyarrow",
        "torch",
        "matplotlib",
        "typer",
        "rich",
        "json",
        "difflib",
    }


def test_info_and_threads():
    facts = th.info()
    assert facts["version"] == th.__version__
    assert facts["target"] in facts["targets"]
    before = th.get_num_threads()
    try:
        th.set_num_threads(3)
        assert th.get_num_threads() == 3 == th.info()["threads"]
    finally:
        th.set_num_threads(before)
    for bad in (0, -1):
        with pytest.raises(th.ParameterError, match=f"got {bad}"):
            th.set_num_threads(bad)
    with pytest.raises(th.ParameterError, match=r"int\(n\)"):
        th.set_num_threads(1.5)


def test_every_error_is_a_builtin_one_too():
    for name, base in {
        "DataError": ValueError,
        "ParameterError": ValueError,
        "UnknownNameError": ValueError,
        "DtypeError": TypeError,
        "FitError": RuntimeError,
        "MissingExtraError": ImportError,
    }.items():
        assert issubclass(getattr(th, name), th.ThetahatError)
        assert issubclass(getattr(th, name), base)


def test_unknown_names_list_the_nearest():
    name = PAIR.info.name
    with pytest.raises(th.UnknownNameError, match=rf"did you mean '{name}'"):
        th.fit(name[:-1] + "x", [1.0])
    with pytest.raises(th.UnknownNameError, match="did you mean"):
        th.compare([1.0], families=[name.upper() + "s"])
    with pytest.raises(th.UnknownNameError, match="known: "):
        th.fit("zzzzzzzz", [1.0])
    with pytest.raises(th.UnknownNameError, match="aicc"):
        th.compare([1.0], criterion="likelihood")


# Families -----------------------------------------------------------------------------------------


@quick_share(24)
def test_docstring_example_runs(any_family):
    example = doctest.DocTestFinder(recurse=False).find(any_family, any_family.__name__)[0]
    assert len(example.examples) >= 5
    runner = doctest.DocTestRunner()
    runner.run(example)
    assert runner.failures == 0
    for part in (
        any_family.info.formula,
        any_family.info.source,
        any_family.info.support.text,
        *any_family.info.parameter_names,
    ):
        assert part in any_family.__doc__


def test_lookup_by_name_class_name_and_class(any_family):
    assert th.family_class(any_family.info.name) is any_family
    assert th.family_class(any_family.__name__) is any_family
    assert th.family_class(any_family) is any_family
    assert getattr(th, any_family.__name__) is any_family


def test_models_are_frozen_comparable_and_copied_by_value(any_family):
    model = first(any_family)
    other = first(any_family)
    assert model == other
    assert hash(model) == hash(other)
    assert model is not other
    assert eval(repr(model), {any_family.__name__: any_family}) == model
    assert pickle.loads(pickle.dumps(model)) == model
    assert copy.deepcopy(model) == model
    name = any_family.info.parameter_names[0]
    with pytest.raises(AttributeError, match="frozen"):
        setattr(model, name, 1.0)
    with pytest.raises(AttributeError, match="frozen"):
        model.anything = 1
    with pytest.raises(AttributeError, match="frozen"):
        delattr(model, name)
    assert model != object()
    if len(any_family.info.cases) > 1 and not any_family.info.vector:
        assert any_family(*any_family.info.cases[1]) != model


def test_documents_keep_every_bit(any_family):
    model = first(any_family)
    text = model.to_json()
    assert th.Family.from_json(text) == model
    assert any_family.from_json(text) == model
    assert any_family.from_dict(model.to_dict()) == model
    domains = [parameter.domain for parameter in any_family.info.parameters]
    pairs = zip(domains, model.parameters.values(), strict=True)
    values = [v if domain in ("integer", "count") else np.nextafter(np.asarray(v), np.inf) for domain, v in pairs]
    odd = any_family(*values)
    assert any_family.from_json(odd.to_json()) == odd
    other = next(cls for cls in th.families() if cls is not any_family)
    with pytest.raises(th.DataError, match=any_family.__name__):
        other.from_json(text)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "thetahat.model/99"},
        {"schema": "thetahat.fit/1"},
        {"schema": None},
        {"family": "os.system"},
        {"parameters": [1.0, 2.0]},
        {"parameters": {"nothing": 1.0}},
    ],
)
def test_documents_of_another_kind_are_refused(change):
    with pytest.raises(th.ThetahatError):
        th.Family.from_dict({**first(PAIR).to_dict(), **change})
    with pytest.raises(th.DataError, match="JSON"):
        th.Family.from_json("{")
    with pytest.raises(th.DataError, match="JSON"):
        th.Family.from_json("[]")


def test_the_signature_names_parameters_and_alternatives(family):
    info = family.info
    parameters = inspect.signature(family).parameters
    assert list(parameters) == [*info.parameter_names, *(name for each in info.alternatives for name in each.names)]
    for parameter in info.parameters:
        if parameter.default is not None:
            assert parameters[parameter.name].default == parameter.default


def test_parameters_are_checked(family):
    info = family.info
    bad = {"real": math.inf, "positive": 0.0, "nonnegative": -1.0, "unit": 1.5, "above_one": 1.0, "integer": 0.5, "count": -1.0}
    for position, parameter in enumerate(info.parameters):
        for wrong in (bad[parameter.domain], math.nan):
            values = list(info.cases[0])
            values[position] = wrong
            with pytest.raises(th.ParameterError, match=rf"^{family.__name__}: {parameter.name} must .*; got "):
                family(*values)
        values = list(info.cases[0])
        values[position] = [values[position]] * 2 + [bad[parameter.domain]]
        with pytest.raises(th.ParameterError, match="at index 2"):
            family(*values)
        values[position] = "one"
        with pytest.raises(th.DtypeError):
            family(*values)
    with pytest.raises(th.UnknownNameError):
        family(*info.cases[0], nonsense=1.0)
    with pytest.raises(th.ParameterError, match="takes"):
        family(*info.cases[0], 1.0)


def test_constraints_are_checked():
    for cls in th.families():
        if not cls.info.constraint:
            continue
        words = cls.info.constraint.split()[::2]
        left, right = (word.removeprefix("abs(").removesuffix(")") for word in (words[0], words[-1]))
        given = dict(zip(cls.info.parameter_names, cls.info.cases[0] or (0.0, 1.0), strict=True))
        exchanged = {left: [given[left], given[right]], right: [given[right], given[left]]}
        with pytest.raises(th.ParameterError, match=rf"{re.escape(cls.info.constraint)}; .* at index 1"):
            cls(**{**given, **exchanged})


def test_parameter_arrays_are_copied_and_read_only():
    values = np.array([1.0, 2.0])
    model = PAIR(values, 1.0)
    values[0] = 5.0
    stored = getattr(model, PAIR.info.parameter_names[0])
    np.testing.assert_array_equal(stored, [1.0, 2.0])
    with pytest.raises(ValueError, match="read-only"):
        stored[0] = 3.0
    with pytest.raises(th.ParameterError, match="broadcast"):
        PAIR([1.0, 2.0], [1.0, 2.0, 3.0])


# Shapes -------------------------------------------------------------------------------------------


def test_scalars_give_floats_and_arrays_their_shape(family):
    model = first(family)
    middle = model.median
    assert type(middle) is float
    grid = np.full((2, 3, 2), middle)
    for method in (model.log_prob, model.prob, model.cdf, model.sf, model.log_cdf, model.log_sf, model.hazard):
        single = method(middle)
        assert type(single) is float
        for view in (grid, grid.T, grid[:, ::2], np.asfortranarray(grid)):
            result = method(view)
            assert result.shape == view.shape
            assert result.dtype == np.float64
            np.testing.assert_array_equal(result, single)
    assert model.score(grid).shape == (2, 3, 2, len(family.info.parameters))
    for value in (model.mean, model.variance, model.stddev, model.skewness, model.kurtosis, model.mode, model.entropy(), model.moment(1)):
        assert type(value) is float
    assert model.log_prob([]).shape == (0,)
    assert model.log_likelihood([]) == 0.0


def test_memory_order_does_not_change_places(family):
    model = first(family)
    grid = model.sample(12, seed=1).reshape(3, 4)
    np.testing.assert_array_equal(model.log_prob(np.asfortranarray(grid)), model.log_prob(grid))
    np.testing.assert_array_equal(model.score(np.asfortranarray(grid)), model.score(grid))


def test_array_parameters_broadcast_with_observations(family):
    one = first(family)
    many = family(*([value, value] for value in family.info.cases[0]))
    assert many.shape == (2,)
    column = one.sample(5, seed=2)[:, None]
    for operation in ("log_prob", "cdf", "sf"):
        both = getattr(many, operation)(column)
        assert both.shape == (5, 2)
        np.testing.assert_array_equal(both, np.repeat(getattr(one, operation)(column), 2, axis=1))
    assert many.score(column).shape == (5, 2, len(family.info.parameters))
    for name in ("mean", "variance", "median", "mode"):
        np.testing.assert_array_equal(getattr(many, name), np.full(2, getattr(one, name)))
    low, high = many.interval(0.5)
    assert low.shape == high.shape == (2,)
    assert many.sample(7, seed=1).shape == (7, 2)
    assert math.isclose(many.log_likelihood(column), 2 * one.log_likelihood(column), rel_tol=1e-12)
    with pytest.raises(th.ParameterError, match="broadcast"):
        many.log_prob(np.ones(3))
    with pytest.raises(th.ParameterError, match="one set of parameters"):
        many.information(np.ones(3))


def test_weights_of_zero_are_absent_from_a_likelihood():
    model = REAL_LINE([0.0, 0.0, 1.0], 1.0)
    assert model.log_likelihood([0.0, 1e100, 1.0], weights=[1, 0, 2]) == model.log_likelihood(
        [0.0, 0.0, 1.0], weights=[1, 0, 2]
    )


def test_draws():
    model = first(PAIR)
    np.testing.assert_array_equal(model.sample(5, seed=1), model.sample(9, seed=1)[:5])
    assert not np.array_equal(model.sample(5), model.sample(5))
    assert not np.array_equal(model.sample(5, seed=1), model.sample(5, seed=1, stream=1))
    assert model.sample(0, seed=1).shape == (0,)
    for arguments in ({"n": -1}, {"n": 1.5}, {"n": 1, "seed": -1}, {"n": 1, "seed": 2**64}, {"n": 2**62}):
        with pytest.raises(th.ParameterError, match=r"^(n|seed): "):
            model.sample(**arguments)
    model.sample(1, seed=2**64 - 1)


@pytest.mark.parametrize("counted", [cls for cls in FAMILIES if cls.info.kind == "discrete"], ids=lambda c: c.info.name)
def test_draws_beyond_int64_are_refused(counted):
    large = 0
    for name in (parameter.name for parameter in counted.info.parameters):
        for extreme in (1e-30, 1e30):
            given = dict(zip((p.name for p in counted.info.parameters), counted.info.cases[0], strict=True))
            try:
                model = counted(**{**given, name: extreme})
            except th.ParameterError:  # not a probability
                continue
            if model.icdf(0.01) > 2.0**64:
                large += 1
                with pytest.raises(th.ParameterError, match=r"below 2\^63, got a draw of .*e\+.* continuous family"):
                    model.sample(20, seed=1)
            elif model.icdf(0.99) > 2.0**53:
                draws = model.sample(20, seed=1)
                assert draws.dtype == np.int64 and (draws >= 0).all()
    if not large:
        pytest.skip("no extreme parameter makes its draws that large")


def test_levels_and_orders():
    model = first(REAL_LINE)
    for level in (-0.1, 1.1, math.nan, "x"):
        with pytest.raises(th.ParameterError, match="level"):
            model.interval(level)
    with pytest.raises(th.ParameterError, match="order"):
        model.moment(-1)
    low, high = model.interval(0.9)
    np.testing.assert_allclose(model.cdf([low, high]), [0.05, 0.95], rtol=1e-12)


# scipy --------------------------------------------------------------------------------------------


def test_scipy_and_back(family):
    pytest.importorskip("scipy")
    if family.info.scipy is None:
        pytest.skip("scipy has no such family")
    for case in family.info.cases[:3]:
        model = family(*case)
        try:
            frozen = model.to_scipy()
        except th.DataError as error:  # of a scale or shape below zero that scipy does not allow
            assert "has no member with these densities" in str(error) and case != family.info.cases[0]
            continue
        again = family.from_scipy(frozen)
        for name, value in model.parameters.items():
            assert getattr(again, name) == pytest.approx(value, rel=1e-12)
    positional = type(frozen)(
        frozen.dist, *(frozen.kwds[name] for name in (frozen.dist.shapes or "").split(", ") if name)
    )
    if not {"loc", "scale"} & set(frozen.kwds):
        assert isinstance(family.from_scipy(positional), family)


def test_a_scipy_distribution_without_counterpart_is_refused():
    stats = pytest.importorskip("scipy.stats")
    with pytest.raises(th.DataError, match="must be"):
        REAL_LINE.from_scipy(stats.expon() if REAL_LINE.info.scipy.name != "expon" else stats.norm())
    with pytest.raises(th.DataError, match="frozen"):
        REAL_LINE.from_scipy(3)
    scaled = next(
        cls
        for cls in FAMILIES
        if cls.info.scipy
        and cls.info.kind == "continuous"
        and cls is not REAL_LINE
        and not {"loc"} & {a.name for a in cls.info.scipy.arguments}
    )
    frozen = first(scaled).to_scipy()
    moved = getattr(stats, scaled.info.scipy.name)(**{**frozen.kwds, "loc": 1.0})
    with pytest.raises(th.DataError, match="loc"):
        scaled.from_scipy(moved)
