"""A search in stripes: each worker takes one, and nobody learns which one matched.

    stripes        which slots each worker takes
    search_sums    what a worker does with its rows (ipse.matching.search)
    zero_test      opens the sum over all stripes, once (`all_zero`)

The sum of a stripe is the linear half of the zero test, under a coin that the stripe's
own three workers tossed. So the weights of any two stripes are independent, and the
sums of all stripes together are the sum that one worker would have found over all
rows, under other weights: 0 if nobody matches, else 0 with probability 2^-64. A sum
stays shared among the three seats; what is opened is one bit for the whole search.

No worker, link or row lives here.
"""

from typing import Final

from ipse.ground.errors import Malformed

STEADY: Final = 8
"""Stripes are cut for a count that is rounded up to the next of this many steps to the
next power of two. More would even the stripes, and move their borders more often:
whoever was shipped rows is shipped them anew when its border moves. At 8 no stripe is
longer than its even share by more than an eighth, and a border moves eight times while
the records double."""


def stripes(count: int, workers: int) -> tuple[range, ...]:
    """Cut `count` slots into one run for each worker, in the order of the workers.

    Every slot is in exactly one run. A pure function of two numbers that all three
    operators know, so their workers take the same slots.

    Raises: Malformed: there is no worker.
    """
    length = stripe_length(count, workers)
    return tuple(
        range(min(count, worker * length), min(count, (worker + 1) * length))
        for worker in range(workers)
    )


def stripe_length(count: int, workers: int) -> int:
    """Return how many slots a stripe has room for, until its borders move.

    Raises: Malformed: there is no worker.
    """
    if workers < 1:
        raise Malformed("A search in stripes needs at least one worker.")
    step = max(1, (1 << max(0, count.bit_length() - 1)) // STEADY)
    rounded = -(-count // step) * step
    return -(-rounded // workers)
