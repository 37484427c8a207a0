"""The example scripts, and the facts that the data beside them is said to have."""

from __future__ import annotations

import importlib.util
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import thetahat as th

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent / "examples"


@pytest.fixture(scope="module")
def world_map():
    specification = importlib.util.spec_from_file_location("world_map", EXAMPLES / "world_map.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def land(world_map):
    return world_map.load()


def test_medical_spending_is_positive_and_heavy_tailed():
    x = np.loadtxt(EXAMPLES / "data" / "medical-spending.csv", skiprows=1)
    assert len(x) == 15_737
    assert x.min() > 0
    assert (np.median(x).round(), x.max().round()) == (56, 39182)


def test_doctor_visits_are_overdispersed_counts():
    x = np.loadtxt(EXAMPLES / "data" / "doctor-visits.csv", skiprows=1, dtype=int)
    assert len(x) == 20_190
    assert x.min() == 0
    assert (round(x.mean(), 2), round(x.var(), 1), round((x == 0).mean(), 2)) == (2.86, 20.3, 0.31)


def test_the_points_are_on_land_and_uniform_by_area(world_map, land):
    points, mask = land
    assert points.shape == (world_map.POINTS, 2)
    assert mask(points).all()
    for window in world_map.WINDOWS:
        _, share = mask.share(window)
        expected = share / mask.share(world_map.WINDOWS[0])[1]
        found = world_map.inside(points, window).mean()
        assert abs(found - expected) <= 5 * np.sqrt(expected * (1 - expected) / len(points)) + 1e-12


def test_a_degree_of_longitude_counts_by_the_cosine_of_the_latitude(world_map, land):
    _, mask = land
    area, share = mask.share(world_map.WINDOWS[0])
    assert area == pytest.approx(1.0)
    assert share == pytest.approx(0.28905, abs=2e-4)
    # Without the weights land would seem to cover a third of the world.
    assert mask.cells.mean() == pytest.approx(0.3318, abs=1e-3)


def test_coordinates_go_forth_and_back(world_map):
    longitude, latitude = np.array([-180.0, 0.0, 12.5]), np.array([-90.0, 0.0, 47.0])
    there = world_map.degrees(world_map.equal_area(longitude, latitude))
    np.testing.assert_allclose(there, [longitude, latitude], atol=1e-6)


def test_a_rectangle_is_as_good_a_model_of_land_as_the_references_say(world_map, land):
    points, mask = land
    for window in world_map.WINDOWS:
        model, gap, on_land, covered = world_map.study(points, mask, window)
        train = points[world_map.inside(points, window)][: window.points]
        np.testing.assert_array_equal(model.low, train.min(axis=0))
        np.testing.assert_array_equal(model.high, train.max(axis=0))
        # The corners are extremes of a random sample: the references move by about as much from sample to sample.
        assert gap == pytest.approx(window.reference_gap, abs=0.06)
        assert on_land == pytest.approx(window.reference_on_land, abs=0.035)
        assert on_land == pytest.approx(np.exp(-gap), abs=0.01)
        # Four corners leave out about 4/(n + 1) of what follows.
        assert 1 - covered == pytest.approx(4 / (window.points + 1), abs=0.006)


def test_the_map_is_drawn(world_map, land, tmp_path):
    points, mask = land
    model = th.fit("box", points).model
    world_map.picture(points, mask, [(world_map.WINDOWS[0], model)], tmp_path / "map.png")
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")


def printed(script, *arguments):
    """The lines that a script prints below its heading."""
    command = [sys.executable, str(EXAMPLES / script), *arguments]
    process = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    assert process.returncode == 0, process.stderr
    return process.stdout.splitlines()[1:]


def test_the_world_map_prints_a_row_for_each_window(world_map):
    _, *rows = printed("world_map.py")
    assert [row[:14].strip() for row in rows] == [window.name for window in world_map.WINDOWS]


def test_scipy_is_never_above():
    lines = printed("from_scipy.py", "--n", "2000")
    assert len(lines) == 10
    for line in lines:
        total, gap = line[24:].split()[:2]
        assert gap == "nan" or float(gap) >= -1e-6 - 1e-9 * abs(float(total))
