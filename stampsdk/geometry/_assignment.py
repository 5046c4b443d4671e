# ruff: noqa: C901, PLR0912 - kernels: loops by design, positional arguments only
"""The assignment problem for a handful of points."""

import numpy as np
from numpy.typing import NDArray

from stampsdk.geometry._compile import kernel


@kernel
def assign(
    cost: NDArray[np.float64],
    partner: NDArray[np.int64],
    row_price: NDArray[np.float64],
    column_price: NDArray[np.float64],
) -> None:
    """Assign each row to its own column at the least total cost.

    Shortest augmenting paths with prices, O(n³): H. W. Kuhn (1955), J. Munkres (1957).

    Parameters
    ----------
    cost : float64 (n, n)
        Any finite numbers.
    partner : int64 (n,), written
        The column of each row.
    row_price, column_price : float64 (n,), written
        Prices with ``cost[j, k] - row_price[j] - column_price[k] >= 0``, and zero on the pairs chosen. What
        an assignment loses against the best one is the sum of these differences over its pairs.
    """
    n = cost.shape[0]
    # Column n stands for "the row that is being placed"; owner[k] is the row that holds column k.
    owner = np.full(n + 1, -1, np.int64)
    before = np.zeros(n + 1, np.int64)
    reach = np.empty(n + 1, np.float64)
    settled = np.zeros(n + 1, np.bool_)
    price = np.zeros(n + 1, np.float64)
    for row in range(n):
        row_price[row] = 0.0
    for row in range(n):
        owner[n] = row
        column = n
        for k in range(n + 1):
            reach[k] = np.inf
            settled[k] = False
        while owner[column] >= 0:
            settled[column] = True
            at = owner[column]
            step = np.inf
            nearest = -1
            for k in range(n):
                if not settled[k]:
                    slack = cost[at, k] - row_price[at] - price[k]
                    if slack < reach[k]:
                        reach[k] = slack
                        before[k] = column
                    if reach[k] < step:
                        step = reach[k]
                        nearest = k
            for k in range(n + 1):
                if settled[k]:
                    row_price[owner[k]] += step
                    price[k] -= step
                else:
                    reach[k] -= step
            column = nearest
        while column != n:
            owner[column] = owner[before[column]]
            column = before[column]
    for k in range(n):
        partner[owner[k]] = k
        column_price[k] = price[k]
