"""The opening example of generative modelling: learn where land is, from points on land, with the simplest family.

Observations are points drawn uniformly from the world's land. A rectangle is fitted by maximum likelihood (its corners
are the extreme observations), new points are drawn from it, and the share of them that falls on land says how good a
model of land a rectangle is:

    python examples/world_map.py                     # the windows below, from the committed examples/data/land.npz
    python examples/world_map.py --plot map.png      # the same, with a picture (needs thetahat[plot])
    python examples/world_map.py --rebuild           # make land.npz again (needs global-land-mask)

Coordinates are (longitude/360 + 1/2, (1 + sin latitude)/2), in which equal areas of the sphere are equal areas of the
unit square: "uniform on land" is then a constant density, 1 / 0.28905. On latitudes as they are, land would seem to
cover 33.2 % of the world.
"""

from __future__ import annotations

import argparse
import math
import os
import pathlib
from typing import NamedTuple

import numpy as np

DATA = pathlib.Path(__file__).resolve().parent / "data" / "land.npz"
BLOCK = 16
POINTS = 20_000
TEST_POINTS = 200_000


class Window(NamedTuple):
    """A part of the world in degrees, how many points the rectangle is fitted on, and what other runs have found."""

    name: str
    west: float
    east: float
    south: float
    north: float
    points: int
    reference_gap: float
    reference_on_land: float


WINDOWS = (
    Window("world", -180, 180, -90, 90, 2000, 1.231, 0.290),
    Window("Africa", -18, 52, -35, 37.5, 1000, 0.527, 0.596),
    Window("Australia", 112, 154, -44, -10, 1000, 0.588, 0.552),
    Window("South America", -82, -34, -56, 13, 1000, 0.638, 0.527),
)


def equal_area(longitude, latitude):
    """Degrees to the unit square, areas kept."""
    return np.stack([longitude / 360 + 0.5, (1 + np.sin(np.radians(latitude))) / 2], axis=-1)


def degrees(points):
    """The unit square back to longitude and latitude in degrees."""
    return (points[..., 0] - 0.5) * 360, np.degrees(np.arcsin(2 * points[..., 1] - 1))


class LandMask:
    """Which cells of a grid of longitudes and latitudes are land; rows run from north to south."""

    def __init__(self, cells):
        self.cells = cells

    def __call__(self, points):
        """True where a point of the unit square lies on land."""
        longitude, latitude = degrees(points)
        rows, columns = self.cells.shape
        row = np.clip(((90 - latitude) / 180 * rows).astype(int), 0, rows - 1)
        column = np.clip(((longitude + 180) / 360 * columns).astype(int), 0, columns - 1)
        return self.cells[row, column]

    def share(self, window):
        """The window's area on the unit square and the area of land in it, by exact weights of the cells."""
        rows, columns = self.cells.shape
        south_to_north = (
            1 + np.sin(np.radians(np.clip(90 - np.arange(rows + 1) * 180 / rows, window.south, window.north)))
        ) / 2
        west_to_east = np.clip(np.arange(columns + 1) * 360 / columns - 180, window.west, window.east) / 360
        heights, widths = -np.diff(south_to_north), np.diff(west_to_east)
        return heights.sum() * widths.sum(), float(heights @ self.cells @ widths)


def uniform_on_land(mask, count, seed):
    """Points uniform on land: uniform on the unit square, those at sea thrown away."""
    draws = np.random.Generator(np.random.PCG64(seed))
    found, have = [], 0
    while have < count:
        points = draws.random((count, 2))
        found.append(points[mask(points)])
        have += len(found[-1])
    return np.concatenate(found)[:count]


def rebuild():
    """Write land.npz from the mask of the package global-land-mask, 43200 x 21600 cells, reduced by 16 in blocks."""
    import importlib.util

    package = importlib.util.find_spec("global_land_mask")
    if package is None:
        raise SystemExit(
            "world_map.py --rebuild reads a mask of global-land-mask: pip install --no-deps global-land-mask"
        )
    # Read beside the package: importing it would build two more arrays of its size.
    file = pathlib.Path(package.submodule_search_locations[0]) / "globe_combined_mask_compressed.npz"
    with np.load(file, allow_pickle=False) as stored:
        ocean = stored["mask"]
    rows, columns = ocean.shape[0] // BLOCK, ocean.shape[1] // BLOCK
    at_sea = ocean.reshape(rows, BLOCK, columns, BLOCK).sum(axis=(1, 3), dtype=np.int32)
    cells = at_sea <= BLOCK * BLOCK // 2
    longitude, latitude = degrees(uniform_on_land(LandMask(cells), POINTS, seed=2))
    written = DATA.with_suffix(".part.npz")
    np.savez_compressed(
        written,
        longitude=longitude.astype(np.float32),
        latitude=latitude.astype(np.float32),
        mask=np.packbits(cells),
        shape=np.array(cells.shape),
    )
    os.replace(written, DATA)
    print(f"{DATA.name}: {POINTS} points, {cells.shape[0]} x {cells.shape[1]} cells, {DATA.stat().st_size} bytes")


def load():
    """The committed points, on the unit square, and the mask that they were drawn from."""
    with np.load(DATA, allow_pickle=False) as stored:
        rows, columns = stored["shape"]
        cells = np.unpackbits(stored["mask"], count=rows * columns).reshape(rows, columns).astype(bool)
        return equal_area(stored["longitude"].astype(float), stored["latitude"].astype(float)), LandMask(cells)


def inside(points, window):
    """True where a point of the unit square lies in the window."""
    longitude, latitude = degrees(points)
    return (
        (longitude >= window.west)
        & (longitude <= window.east)
        & (latitude >= window.south)
        & (latitude <= window.north)
    )


def study(points, mask, window, seed=1):
    """Fit a rectangle to the land in a window, and say how good a model of that land it is.

    Returns the fitted model, its gap to the truth in nats per point (the Kullback-Leibler divergence from the uniform
    law on the window's land, which is its mean log-density minus the rectangle's), the share of the rectangle's
    samples on land, and the share of fresh points on land that the rectangle covers.
    """
    import thetahat as th

    train = points[inside(points, window)][: window.points]
    model = th.fit("box", train).model
    _, land = mask.share(window)
    area = math.prod(np.asarray(model.high) - np.asarray(model.low))
    fresh = uniform_on_land(mask, TEST_POINTS, seed=3)
    covered = np.isfinite(model.log_prob(fresh[inside(fresh, window)])).mean()
    samples = model.sample(100_000, seed=seed)
    return model, math.log(area / land), float(mask(samples).mean()), float(covered)


def picture(points, mask, models, path):
    """The land, the points and the rectangles fitted to them."""
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    figure = Figure(figsize=(11, 5.5), layout="constrained")
    ax = figure.subplots()
    rows, columns = mask.cells.shape
    grid = np.stack(
        np.meshgrid((np.arange(columns) + 0.5) / columns, (np.arange(rows // 2) + 0.5) / (rows // 2)), axis=-1
    )
    ax.imshow(mask(grid), origin="lower", extent=(0, 1, 0, 1), aspect="auto", cmap="Greys", alpha=0.35)
    ax.plot(*points[:3000].T, ".", markersize=1.5, color="tab:green")
    for window, model in models:
        low, high = np.asarray(model.low), np.asarray(model.high)
        ax.add_patch(Rectangle(low, *(high - low), fill=False, edgecolor="tab:red", linewidth=1.5))
        ax.annotate(window.name, low, xytext=(3, 3), textcoords="offset points", color="tab:red")
    ax.set(xlabel="longitude/360 + 1/2", ylabel="(1 + sin latitude)/2", title="Rectangles fitted to points on land")
    figure.savefig(path, dpi=120)


def main():
    parser = argparse.ArgumentParser(
        description="Fit a rectangle to land, sample from it, and look where the samples fall."
    )
    parser.add_argument(
        "--rebuild", action="store_true", help="make examples/data/land.npz again from global-land-mask"
    )
    parser.add_argument("--plot", metavar="FILE", help="write a map with the fitted rectangles")
    arguments = parser.parse_args()
    if arguments.rebuild:
        rebuild()
    points, mask = load()
    _, land = mask.share(WINDOWS[0])
    print(f"land: {land:.5f} of the world; mean log-density of the truth {-math.log(land):.4f} nats")
    print(f"{'window':14} {'gap, nats':>10} {'reference':>10} {'on land':>8} {'reference':>10} {'covered':>8}")
    models = []
    for window in WINDOWS:
        model, gap, on_land, covered = study(points, mask, window)
        models.append((window, model))
        print(
            f"{window.name:14} {gap:10.3f} {window.reference_gap:10.3f} {on_land:8.1%} {window.reference_on_land:10.1%}"
            f" {covered:8.1%}"
        )
    if arguments.plot:
        picture(points, mask, models, arguments.plot)


if __name__ == "__main__":
    main()
