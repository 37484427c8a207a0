"""A few of the synthetic sets of every family: no exception, and none below the truth."""

from __future__ import annotations

import synthetic_fits

SETS = 8


def test_fits_of_synthetic_data(family, benchmark):
    tally = benchmark.pedantic(lambda: synthetic_fits.tallied(family, SETS), rounds=1)
    assert not tally["exceptions"] and sum(tally["status"].values()) > 0
    assert not tally["lower"]
