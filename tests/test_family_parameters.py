"""Parameters: scalar and array, checked with a message that helps, and the model as a value: frozen, equal, written."""

import copy
import json
import math
import pickle
import re
import sys

import numpy as np
import pytest
import thetahat as th
from reference.witness import COMPOSED
from registry import CASES, EPSILON, TINY, Case, quick_cases

OPERATIONS = ("log_prob", "prob", "cdf", "sf", "log_cdf", "log_sf", "hazard", "score")
PROPERTIES = ("mean", "variance", "stddev", "skewness", "kurtosis", "mode", "median")
OUTSIDE = {
    "real": [math.nan, math.inf, -math.inf],
    "positive": [0.0, -1.0, math.nan, math.inf],
    "nonnegative": [-1.0, math.nan, math.inf],
    "unit": [0.0, 1.0, -0.1, 1.1, math.nan],
    "above_one": [1.0, 0.0, math.nan, math.inf],
    "integer": [0.5, math.nan, math.inf],
    "count": [-1.0, 0.5, math.nan, math.inf],
}
INVERSE = {"reciprocal": lambda value: 1.0 / value, "logistic": lambda value: math.log(value) - math.log1p(-value)}
# Two keywords from the two parameters that they replace, by the formulas of those.
PAIRS = {
    ("product", "complement_product"): lambda names, a, b: dict(zip(names, (a / (a + b), a + b), strict=True)),
    ("reciprocal", "odds_share"): lambda names, n, p: dict(zip(names, (n * p / (1.0 - p), 1.0 / n), strict=True)),
}


def stacked(family):
    """One model that holds all cases as array parameters."""
    columns = np.array(family.info.cases).T
    return family(*columns)


def bits(value):
    return np.asarray(value, dtype=np.float64).tobytes()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_array_parameters_give_the_bits_of_scalars(family, operation):
    """At quantiles of every case, one column each; where it is allowed also outside the support."""
    levels = np.array([0.01, 0.2, 0.5, 0.7, 0.95])
    models = [family(*theta) for theta in family.info.cases]
    x = np.stack([np.clip(model.icdf(levels), TINY, None) if family.info.support.lower == 0 else model.icdf(levels) for model in models], axis=1)
    if operation != "score":
        x = np.concatenate([x, np.broadcast_to([[-1.5], [0.0], [1.0], [1e9]], (4, len(models)))])
    if family.info.kind == "discrete" and operation == "score":
        x = np.floor(x)
    together = getattr(stacked(family), operation)(x)
    for column, model in enumerate(models):
        alone = getattr(model, operation)(x[:, column])
        np.testing.assert_array_equal(together[:, column], alone)
        assert bits(together[:, column]) == bits(alone)


def test_array_parameters_give_the_bits_of_scalars_in_quantiles_and_summaries(family):
    q = np.array([0.0, 1e-9, 0.3, 0.5, 0.9, 1.0])
    models = [family(*theta) for theta in family.info.cases]
    together = stacked(family)
    for quantile in ("icdf", "isf"):
        rows = getattr(together, quantile)(q[:, None])
        for column, model in enumerate(models):
            assert bits(rows[:, column]) == bits(getattr(model, quantile)(q))
    for name in PROPERTIES:
        assert bits(getattr(together, name)) == bits([getattr(model, name) for model in models])
    assert bits(together.entropy()) == bits([model.entropy() for model in models])
    assert bits(together.moment(2)) == bits([model.moment(2) for model in models])
    assert bits(together.moment(2, central=True)) == bits([model.moment(2, central=True) for model in models])
    assert bits(together.support) == bits(np.array([model.support for model in models]).T)


def test_shapes_broadcast(family):
    theta = family.info.cases[0]
    model = family(*(np.full((4, 1), value) for value in theta))
    x = family(*theta).icdf(np.array([0.2, 0.5, 0.8]))
    assert model.shape == (4, 1)
    assert model.log_prob(x).shape == (4, 3)
    assert model.score(x).shape == (4, 3, len(theta))
    assert isinstance(family(*theta).log_prob(1.0), float)
    assert family(*theta).log_prob([[1.0, 2.0]]).shape == (1, 2)
    assert family(*theta).log_prob(np.empty((0, 3))).shape == (0, 3)
    with pytest.raises(th.ParameterError, match=r"broadcast.*x\[:, None\]"):
        family(*(np.full(4, value) for value in theta)).log_prob(x)


def test_the_memory_order_of_x_does_not_matter(family):
    model = family(*family.info.cases[0])
    x = np.arange(12.0).reshape(3, 4)
    expected = model.log_prob(np.ascontiguousarray(x.T))
    np.testing.assert_array_equal(model.log_prob(x.T), expected)
    np.testing.assert_array_equal(model.log_prob(x[:, ::2]), model.log_prob(x)[:, ::2])


def test_a_parameter_outside_its_domain(family):
    theta = dict(zip(family.info.parameter_names, family.info.cases[0], strict=True))
    for parameter in family.info.parameters:
        for value in OUTSIDE[parameter.domain]:
            with pytest.raises(th.ParameterError) as caught:
                family(**{**theta, parameter.name: value})
            message = str(caught.value)
            assert family.__name__ in message and parameter.name in message and repr(value) in message
            with pytest.raises(th.ParameterError, match="at index 1"):
                family(**{**theta, parameter.name: [theta[parameter.name], value]})
        for text in ("1", None if parameter.default is None else "x", 1j, [["a"]]):
            if text is not None:
                with pytest.raises((th.DtypeError, th.DataError), match=parameter.name):
                    family(**{**theta, parameter.name: text})


def test_a_constraint_between_parameters(family):
    if not family.info.constraint:
        return
    words = family.info.constraint.split()[::2]
    left, right = (word.removeprefix("abs(").removesuffix(")") for word in (words[0], words[-1]))
    theta = dict(zip(family.info.parameter_names, family.info.cases[0], strict=True))
    exchanged = {**theta, left: theta[right], right: theta[left]}
    with pytest.raises(th.ParameterError, match=re.escape(family.info.constraint)):
        family(**exchanged)
    with pytest.raises(th.ParameterError, match="at index 1"):
        family(**{**theta, left: [theta[left], theta[right]], right: [theta[right], theta[left]]})


def test_missing_unknown_and_repeated_parameters(family):
    names, theta = family.info.parameter_names, family.info.cases[0]
    required = [parameter for parameter in family.info.parameters if parameter.default is None]
    with pytest.raises(th.ParameterError, match=f"{required[0].name}.*missing|missing.*{required[0].name}"):
        family()
    with pytest.raises(th.UnknownNameError, match=f"did you mean.*{names[-1]}"):
        family(*theta[:-1], **{names[-1] + "x": theta[-1]})
    with pytest.raises(th.ParameterError, match="twice"):
        family(*theta, **{names[0]: theta[0]})
    with pytest.raises(th.ParameterError, match=f"takes {len(names)}"):
        family(*theta, 1.0)
    if len(names) > 1:
        with pytest.raises(th.ParameterError, match="broadcast"):
            family(*([value, value] for value in theta[:-1]), [theta[-1]] * 3)


def keywords_of(alternative, values):
    """What the keywords of an alternative are at canonical values: each formula solved for what is not yet known."""
    if len(alternative.keywords) == 1:
        (each,) = alternative.parameters
        return {each.first: INVERSE[each.transform](values[each.parameter])}
    return PAIRS[tuple(each.transform for each in alternative.parameters)](
        alternative.names, *(values[name] for name in alternative.replaced)
    )


def named(value):
    return str(value) if isinstance(value, Case) else ",".join(value.names)


ALTERNATIVES = [(case, each) for case in CASES for each in case.family.info.alternatives]


@pytest.mark.parametrize("at, alternative", ALTERNATIVES, ids=named)
def test_alternative_parameters(at, alternative):
    family, values = at.family, dict(zip(at.family.info.parameter_names, at.theta, strict=True))
    canonical = {name: values.pop(name) for name in alternative.replaced}
    given = keywords_of(alternative, canonical)
    assert tuple(given) == alternative.names
    model = family(**values, **given)
    for name, value in canonical.items():
        # Of a complement the digits below those of one are lost; a logit multiplies rounding by its size.
        logit = abs(math.log(value)) + abs(math.log1p(-value)) if 0 < value < 1 else 0.0
        lost = 1.0 + logit + max(canonical.values()) / value
        assert model.parameters[name] == pytest.approx(value, rel=8 * EPSILON * lost), name
    arrays = family(**values, **{name: np.array([value, value]) for name, value in given.items()})
    assert arrays.shape == (2,) and bits(arrays.parameters[name]) == bits([model.parameters[name]] * 2)
    # A keyword that is called as a property of the law is that property.
    for name in given:
        if hasattr(th.UnivariateFamily, name):
            assert getattr(model, name) == pytest.approx(given[name], rel=1e-9)
    for name in canonical:
        with pytest.raises(th.ParameterError, match=f"{name} is given twice; drop {alternative.names[0]}="):
            family(**values, **{name: canonical[name]}, **given)
    for keyword in alternative.keywords:
        for wrong in OUTSIDE[keyword.domain]:
            with pytest.raises(th.ParameterError, match=f"{keyword.name} must"):
                family(**values, **{**given, keyword.name: wrong})
        with pytest.raises(th.DtypeError, match=keyword.name):
            family(**values, **{**given, keyword.name: "text"})
        rest = {name: value for name, value in given.items() if name != keyword.name}
        with pytest.raises(th.ParameterError, match=f"add {keyword.name}=" if rest else "is missing.*or "):
            family(**values, **rest)
        assert f"{keyword.name} :" in family.__doc__
    if len(given) > 1:
        first, *others = given
        with pytest.raises(th.ParameterError, match=f"{first}= and .* must broadcast"):
            family(**values, **{first: [given[first]] * 2}, **{name: [given[name]] * 3 for name in others})
    with pytest.raises(th.ParameterError, match=f"is missing.*{' and '.join(n + '=' for n in alternative.names)}"):
        family(**values)


@pytest.mark.parametrize("at, alternative", [each for each in ALTERNATIVES if each[0].number == 0], ids=named)
def test_alternative_parameters_of_a_fit(at, alternative):
    """As values that are held, and as a start."""
    values = dict(zip(at.family.info.parameter_names, at.theta, strict=True))
    given = keywords_of(alternative, {name: values[name] for name in alternative.replaced})
    x = at.draws(500, seed=1)
    held = at.family.fit(x, fixed=given)
    assert held.free == len(values) - len(given)
    assert [held.parameters[n] for n in alternative.replaced] == pytest.approx([values[n] for n in alternative.replaced], rel=1e-12)
    rest = {name: value for name, value in values.items() if name not in alternative.replaced}
    fitted = at.family.fit(x, start={**rest, **given})
    assert fitted.log_likelihood == pytest.approx(at.family.fit(x).log_likelihood, rel=1e-10)
    with pytest.raises(th.ParameterError, match="lacks|go together"):
        at.family.fit(x, start={**rest, **dict(list(given.items())[1:])})


@pytest.fixture
def torch():
    module = pytest.importorskip("torch")
    before = module.get_default_dtype()
    # Some of torch's distributions compare parameters with numbers of the default dtype.
    module.set_default_dtype(module.float64)
    yield module
    module.set_default_dtype(before)


# Of extreme parameters torch's own formulas lose what they please.
@pytest.mark.parametrize("moderate", [case for case in CASES if case.number < 2], ids=str)
def test_to_torch(moderate, torch):
    case = moderate
    if not case.family.info.torch:
        with pytest.raises(th.DataError, match="torch.distributions has no distribution"):
            case.model.to_torch()
        return
    if not hasattr(torch.distributions, case.family.info.torch):
        with pytest.raises(th.DataError, match=f"has no torch.distributions.{case.family.info.torch}"):
            case.model.to_torch()
        return
    x = case.inside(case.model.icdf(np.array([0.05, 0.3, 0.5, 0.8, 0.95])))
    found = case.model.to_torch().log_prob(torch.as_tensor(x))
    expected = case.model.log_prob(x)
    assert found.dtype == torch.float64
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12, atol=1e-12)
    arrays = stacked(case.family).to_torch()
    assert tuple(arrays.batch_shape) == (len(case.family.info.cases),)


def test_torch_that_is_missing_is_named(family, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    model = family(*family.info.cases[0])
    with pytest.raises(th.MissingExtraError if family.info.torch else th.DataError, match=r"thetahat\[torch\]|has no distribution"):
        model.to_torch()


def test_a_model_is_a_value(case):
    model, again = case.family(*case.theta), case.family(**dict(zip(case.family.info.parameter_names, case.theta, strict=True)))
    assert model == again and hash(model) == hash(again) and model is not again
    assert len({model, again}) == 1
    other = case.family(*case.family.info.cases[case.number - 1])
    assert model != other and model != "text"
    assert eval(repr(model), {case.family.__name__: case.family}) == model
    for copied in (copy.copy(model), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert copied == model
    assert tuple(model.parameters.values()) == case.theta
    assert tuple(getattr(model, name) for name in case.family.info.parameter_names) == case.theta


def test_a_model_is_frozen(family):
    model = stacked(family)
    name = family.info.parameter_names[0]
    for forbidden in (name, "info", "anything"):
        with pytest.raises(AttributeError, match="frozen"):
            setattr(model, forbidden, 1.0)
    with pytest.raises(AttributeError, match="frozen"):
        delattr(model, name)
    with pytest.raises(ValueError, match="read-only"):
        getattr(model, name)[0] = 5.0
    given = np.array([family.info.cases[0][0]] * 2)
    rest = family.info.cases[0][1:]
    model = family(given, *rest)
    given[0] = math.nan
    assert not np.isnan(getattr(model, name)).any()


@quick_cases(99)
def test_documents_come_back_bit_for_bit(case):
    for model in (case.model, stacked(case.family)):
        text = model.to_json()
        assert json.loads(text)["family"] == case.name
        for reader in (case.family, th.Family):
            back = reader.from_json(text)
            assert back == model and type(back) is case.family
            for name, value in model.parameters.items():
                assert bits(back.parameters[name]) == bits(value)


def test_documents_of_something_else_are_refused(family):
    document = family(*family.info.cases[0]).to_dict()
    other = next(cls for cls in th.families() if cls is not family)
    with pytest.raises(th.DataError, match=f"{family.__name__}.from_dict"):
        other.from_dict(document)
    with pytest.raises(th.DataError, match="schema"):
        family.from_dict({**document, "schema": "thetahat.model/999"})
    with pytest.raises(th.DataError, match="JSON"):
        family.from_json("{")
    with pytest.raises(th.UnknownNameError):
        family.from_dict({**document, "family": "nonsense"})


def test_scipy_and_back(case):
    try:
        frozen = case.model.to_scipy()
    except th.DataError as error:
        # Only a law that has a witness of its own may be missing, or some of its members.
        assert case.name in COMPOSED
        assert re.search("no distribution|no member" if case.family.info.scipy else "no distribution", str(error))
        return
    back = case.family.from_scipy(frozen)
    assert type(back) is case.family
    for name, value in case.model.parameters.items():
        # Differences such as high - low are rounded on the way.
        assert back.parameters[name] == pytest.approx(value, rel=8 * EPSILON, abs=EPSILON)


def test_another_scipy_distribution_is_refused(family):
    import scipy.stats

    with pytest.raises(th.DataError, match="must be"):
        family.from_scipy(scipy.stats.vonmises_line(1.0))
    with pytest.raises(th.DataError, match="frozen"):
        family.from_scipy("text")
    for argument in family.info.scipy.arguments if family.info.scipy else ():
        if argument.transform == "constant":
            frozen = family(*family.info.cases[0]).to_scipy()
            frozen = getattr(scipy.stats, family.info.scipy.name)(**{**frozen.kwds, argument.name: argument.value + 1})
            with pytest.raises(th.DataError, match=argument.name):
                family.from_scipy(frozen)


def test_the_registry_is_complete(family):
    info = family.info
    assert th.family_class(info.name) is family and th.family_class(info.class_name) is family
    assert family.__name__ == info.class_name and getattr(th, info.class_name) is family
    assert info.summary and info.formula and info.source and info.support.text
    assert info.tier in (1, 2, 3)
    assert info.accuracy <= (16 if info.tier == 1 else 64) or info.accuracy_reason
    assert all(parameter.doc for parameter in info.parameters)
    assert len(info.cases) >= 3 and all(len(theta) == len(info.parameters) for theta in info.cases)
    assert family.__doc__ and info.formula.split("=")[0].strip() in family.__doc__
    with pytest.raises(AttributeError):
        info.name = "other"
