"""A bound from prices of the `<=` rows, in whole numbers: valid whatever the prices are, and whoever found them."""

import numpy as np

from peers.mps import Arrays

UNIT = 1 << 16
"""Prices are rounded to multiples of 1 / UNIT, as `caseload` does in its own proofs."""


def price_bound(model: Arrays, prices: np.ndarray) -> int:
    """No allocation costs less: the cheapest priced column of every unit, less what the capacities are worth."""
    scaled_prices = np.rint(np.maximum(prices, 0.0) * UNIT)
    if not (scaled_prices < 1 << 62).all():
        raise OverflowError("a price is too large, or none")
    whole = scaled_prices.astype(np.int64)
    largest = int(whole.max(initial=0)) * int(max(model.use_weight.max(initial=0), model.capacity.max(initial=0)))
    total = largest * max(len(model.capacity), model.unit_count)
    if max(total, int(np.abs(model.cost).max(initial=0)) * UNIT * model.unit_count) >= 1 << 62:
        raise OverflowError("the prices are too large to be summed in 64 bits")
    priced = model.cost.astype(np.int64) * UNIT
    np.add.at(priced, model.use_column(), whole[model.use_row] * model.use_weight)
    cheapest = np.full(model.unit_count, np.iinfo(np.int64).max)
    np.minimum.at(cheapest, model.unit, priced)
    scaled = int(cheapest.sum()) - int((whole * model.capacity).sum())
    return -(-scaled // UNIT) + model.offset
