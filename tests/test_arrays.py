"""What users hold comes in without a copy, is never written to, and is refused with the cast to write."""

from __future__ import annotations

import array
import warnings

import numpy as np
import pytest
import thetahat as th
from thetahat.arrays import observations, real_array, rows

DTYPES = ["f2", "f4", "f8", ">f4", ">f8", "i1", "i2", "i4", "i8", ">i8", "u1", "u2", "u4", "u8"]


def wrapped(source, *names):
    """An object that offers some protocols of another and nothing else."""
    return type("Wrapped", (), {name: staticmethod(getattr(source, name)) for name in names})()


# Without a copy -----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_numpy_passes_through_untouched(dtype):
    x = np.arange(1, 9).astype(dtype)
    for view in (x, x[::2], x[::-1]):
        column = observations(view)
        assert column.values is view
        assert column.weights is None
        assert column.dropped == 0


def test_read_only_memory_is_read_in_place():
    x = np.frombuffer(np.arange(4.0).tobytes())
    assert not x.flags.writeable
    assert observations(x).values is x


def test_subclasses_and_buffers_share_their_memory():
    base = np.arange(5.0)
    for source in (array.array("d", base), memoryview(base), base.view(np.recarray), np.ma.array(base)):
        assert np.shares_memory(observations(source).values, np.asarray(source))


def test_lists_and_scalars():
    np.testing.assert_array_equal(observations([1, 2, 3]).values, [1, 2, 3])
    np.testing.assert_array_equal(observations((1.5, 2)).values, [1.5, 2])
    assert real_array(2, "x").shape == ()
    assert real_array([[1, 2], [3, 4]], "x").shape == (2, 2)


def test_dlpack_is_read_in_place():
    x = np.arange(4.0)
    values = observations(wrapped(x, "__dlpack__", "__dlpack_device__")).values
    assert np.shares_memory(values, x)


def test_another_device_is_refused():
    other = wrapped(np.arange(4.0), "__dlpack__", "__dlpack_device__")
    type(other).__dlpack_device__ = staticmethod(lambda: (2, 0))
    with pytest.raises(th.DtypeError, match="another device"):
        observations(other)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "int32"])
def test_pandas(dtype):
    pandas = pytest.importorskip("pandas")
    series = pandas.Series(np.arange(1, 6).astype(dtype))
    values = observations(series).values
    assert values.dtype == dtype
    assert np.shares_memory(values, series.to_numpy())
    strided = pandas.DataFrame(np.arange(6.0).reshape(3, 2), columns=["a", "b"])["b"]
    np.testing.assert_array_equal(observations(strided).values, [1.0, 3.0, 5.0])
    for nullable in (series.astype(dtype.capitalize()), series.convert_dtypes(dtype_backend="pyarrow")):
        np.testing.assert_array_equal(observations(nullable).values, series.to_numpy())


def test_pandas_nulls_are_not_nan():
    pandas = pytest.importorskip("pandas")
    for series in (
        pandas.Series([1, None, 3], dtype="Int64"),
        pandas.Series([1.0, None, 3.0], dtype="Float64"),
        pandas.Series([1.0, None, 3.0], dtype="float64[pyarrow]") if _has("pyarrow") else None,
    ):
        if series is None:
            continue
        with pytest.raises(th.DataError, match=r"1 null, the first at index 1"):
            observations(series)
        column = observations(series, weights=[1, 2, 4], missing="drop")
        np.testing.assert_array_equal(column.values, [1, 3])
        np.testing.assert_array_equal(column.weights, [1, 4])
        assert column.dropped == 1


def test_pandas_refusals():
    pandas = pytest.importorskip("pandas")
    for series in (
        pandas.Series(["a", "b"]),
        pandas.Series(["a", "b"], dtype="category"),
        pandas.Series([1, 2], dtype="object"),
        pandas.to_datetime(pandas.Series(["2020-01-01"])),
        pandas.Series([True, False]),
        pandas.Series([True, None], dtype="boolean"),
    ):
        with pytest.raises(th.DtypeError, match=r"^x: "):
            observations(series)
    frame = pandas.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    with pytest.raises(th.DataError, match=r"frame\['name'\]"):
        observations(frame)
    np.testing.assert_array_equal(rows(frame).values, frame.to_numpy())


def test_polars():
    polars = pytest.importorskip("polars")
    for dtype in (polars.Float64, polars.Float32, polars.Int64, polars.UInt16):
        series = polars.Series("a", [1, 2, 3], dtype=dtype)
        values = observations(series).values
        assert np.shares_memory(values, series.to_numpy())
    holes = polars.Series("a", [1, None, 3])
    with pytest.raises(th.DataError, match="1 null, the first at index 1"):
        observations(holes)
    assert observations(holes, missing="drop").values.dtype.kind == "i", "nulls do not turn counts to floats"
    nan = polars.Series("a", [1.0, float("nan"), None])
    column = observations(nan, missing="drop")
    assert column.values.tolist() == [1.0]
    assert column.dropped == 2
    for series in (polars.Series("a", ["x"]), polars.Series("a", [True])):
        with pytest.raises(th.DtypeError, match="cast"):
            observations(series)
    frame = polars.DataFrame({"a": [1.0, None, 3.0], "b": [4.0, 5.0, 6.0]})
    np.testing.assert_array_equal(rows(frame, missing="drop").values, [[1.0, 4.0], [3.0, 6.0]])
    with pytest.raises(th.DtypeError, match="collect"):
        observations(frame.lazy())


def test_pyarrow():
    pyarrow = pytest.importorskip("pyarrow")
    x = pyarrow.array([1.0, 2.0, 3.0])
    assert observations(x).values.ctypes.data == x.buffers()[1].address
    assert observations(x.slice(1)).values.ctypes.data == x.buffers()[1].address + 8
    one = pyarrow.chunked_array([x])
    assert observations(one).values.ctypes.data == x.buffers()[1].address
    two = pyarrow.chunked_array([x, x.slice(2)])
    assert observations(two).values.tolist() == [1.0, 2.0, 3.0, 3.0]
    for holes in (pyarrow.array([1, None, 3]), pyarrow.chunked_array([[1, None], [3]])):
        with pytest.raises(th.DataError, match="1 null, the first at index 1"):
            observations(holes)
        column = observations(holes, missing="drop")
        assert column.values.tolist() == [1, 3]
        assert column.values.dtype == np.int64
    for text in (pyarrow.array(["a"]), pyarrow.array([True]), pyarrow.array([1], pyarrow.timestamp("s"))):
        with pytest.raises(th.DtypeError, match="cast"):
            observations(text)
    table = pyarrow.table({"a": [1.0, 2.0], "b": [3, None]})
    assert rows(table, missing="drop").values.tolist() == [[1.0, 3.0]]
    with pytest.raises(th.DataError, match="one dimension"):
        observations(table, missing="drop")


@pytest.mark.parametrize("kind", ["array", "stream"])
def test_arrow_capsules(kind):
    pyarrow = pytest.importorskip("pyarrow")
    if kind == "array":
        x = pyarrow.array([1.0, 2.0, 3.0])
        values = observations(wrapped(x, "__arrow_c_array__")).values
        assert values.ctypes.data == x.buffers()[1].address
    else:
        x = pyarrow.chunked_array([[1.0, 2.0], [3.0]])
        values = observations(wrapped(x, "__arrow_c_stream__")).values
    assert values.tolist() == [1.0, 2.0, 3.0]


def test_torch():
    torch = pytest.importorskip("torch")
    for dtype in (torch.float64, torch.float32, torch.float16, torch.int64, torch.uint8):
        x = torch.arange(1, 5).to(dtype)
        assert observations(x).values.ctypes.data == x.data_ptr()
    strided = torch.arange(8.0)[::2]
    assert observations(strided).values.strides == (8,)
    with pytest.raises(th.DtypeError, match=r"x\.detach\(\)"):
        observations(torch.ones(2, requires_grad=True))
    with pytest.raises(th.DtypeError, match=r"x\.double\(\)"):
        observations(torch.ones(2, dtype=torch.bfloat16))
    with pytest.raises(th.DtypeError, match="meta"):
        observations(torch.ones(2, device="meta"))


def test_xarray():
    xarray = pytest.importorskip("xarray")
    x = np.arange(4.0)
    assert np.shares_memory(observations(xarray.DataArray(x)).values, x)


# Refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "remedy"),
    [
        (np.array([1 + 2j]), "x.real"),
        (np.array(["1", "2"]), "float64"),
        (np.array([b"1"]), "float64"),
        (np.array([1, "a"], dtype=object), "index 1 holds 'a'"),
        (np.array(["2020-01-01"], dtype="M8[D]"), "timedelta64"),
        (np.array([1], dtype="m8[s]"), "timedelta64"),
        (np.array([True]), "int8"),
        (np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]), "one field"),
        (np.array([1.0], dtype=np.longdouble), "float64"),
        (["1", "2"], "float64"),
        ([1, "a"], "float64"),
        ("12", "float64"),
        ({1, 2}, "numpy array or list"),
        (object(), "numpy array or list"),
        (None, "numpy array or list"),
        ([2**70], "float64"),
    ],
)
def test_a_dtype_that_is_not_real_numbers(x, remedy):
    with warnings.catch_warnings(), pytest.raises(th.DtypeError, match=r"^x: ") as caught:
        warnings.simplefilter("error")
        observations(x)
    assert remedy in str(caught.value)
    assert isinstance(caught.value, TypeError)


def test_shapes():
    for x, remedy in [(3.0, r"\[x\]"), (np.ones((3, 2)), r"x\[:, 0\]"), (np.ones((2, 2, 2)), r"x\.ravel\(\)")]:
        with pytest.raises(th.DataError, match=remedy):
            observations(x)
    with pytest.raises(th.DataError, match="rectangular"):
        observations([[1.0], [1.0, 2.0]])
    with pytest.raises(th.DataError, match=r"shape \(n, d\)"):
        rows([1.0, 2.0])
    for x in ([], np.empty(0, dtype=np.int64)):
        with pytest.raises(th.DataError, match="at least one observation"):
            observations(x)


def test_masked_entries_and_none_are_nulls():
    masked = np.ma.array([1.0, 2.0, 3.0], mask=[False, True, False])
    for x in (masked, [1.0, None, 3.0]):
        with pytest.raises(th.DataError, match="1 null, the first at index 1"):
            observations(x)
        assert observations(x, missing="drop").values.tolist() == [1.0, 3.0]
    with pytest.raises(th.DataError, match="all 2 values are missing"):
        observations([np.nan, np.nan], missing="drop")


def test_missing_drops_nan_with_its_weight_and_leaves_infinity():
    column = observations([1.0, np.nan, np.inf], weights=[1.0, 2.0, 3.0], missing="drop")
    np.testing.assert_array_equal(column.values, [1.0, np.inf])
    np.testing.assert_array_equal(column.weights, [1.0, 3.0])
    assert column.dropped == 1
    with pytest.raises(th.ParameterError, match="missing"):
        observations([1.0], missing="ignore")


@pytest.mark.parametrize("value", [2**53 + 1, -(2**53) - 1])
def test_integers_that_float64_does_not_hold(value):
    x = np.zeros(100_000, dtype=np.int64)
    x[70_000] = value
    with pytest.raises(th.DataError, match=rf"got {value} at index 70000"):
        observations(x)
    with pytest.raises(th.DataError, match=r"2\*\*53"):
        observations(np.array([2**63], dtype=np.uint64))
    assert observations(np.array([2**53, -(2**53)])).values.dtype == np.int64


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1.0, -1.0, 1.0], "got -1.0 at index 1"),
        ([1.0, np.nan, 1.0], "got nan at index 1"),
        ([1.0, 1.0, np.inf], "got inf at index 2"),
        ([0.0, 0.0, 0.0], "all 3 are 0"),
        ([1.0, 1.0], r"shape \(3,\)"),
        (1.0, r"shape \(3,\)"),
        ([[1.0], [1.0], [1.0]], r"shape \(3,\)"),
        ([1.0, None, 1.0], "weights: has 1 null"),
    ],
)
def test_weights_that_cannot_be_used(weights, message):
    with pytest.raises(th.DataError, match=message):
        observations([1.0, 2.0, 3.0], weights)


def _has(name):
    import importlib.util

    return importlib.util.find_spec(name) is not None
