"""Exercise 06.4: which gradients are sent together."""

from collections.abc import Iterator
from itertools import accumulate

import torch

from course.judging.exercise import exercise


@exercise(
    "06.4",
    minutes=10,
    hints=(
        "Which gradient is ready first? The backward pass begins at the end of the model: go "
        "through the places from the last to 0.",
        "Put each place into the bucket that is open, and add its size. Once the bucket holds "
        "`capacity` bytes or more it is sent: close it and open the next.",
        "What is left when the backward pass has reached the first layer goes off as the last "
        "bucket, however small. But an empty bucket is never sent.",
    ),
)
def bucket_plan(sizes: list[int], capacity: int) -> list[list[int]]:
    """Which gradients are sent together, and in which order.

    The backward pass gives the gradients one after the other, the last parameter's first.
    Each goes into the open bucket as soon as it is there. When the bucket holds
    `capacity` bytes or more, it is sent, and the next gradient opens a new one. What is
    left at the end is sent as well.

    sizes: the bytes of each parameter's gradient, in the order of the model; at least one.
    capacity: the bytes from which on a bucket is sent.
    Returns the buckets in the order in which they are sent, each a list of places in
    `sizes` (from 0), in the order in which they were put in.
    """
    buckets: list[list[int]] = []
    bucket: list[int] = []
    held = 0
    for place in reversed(range(len(sizes))):
        bucket.append(place)
        held += sizes[place]
        if held >= capacity:
            buckets.append(bucket)
            bucket, held = [], 0
    if bucket:
        buckets.append(bucket)
    return buckets


@bucket_plan.also_right
def _open_on_demand(sizes: list[int], capacity: int) -> list[list[int]]:
    plan: list[list[int]] = []
    room = 0
    for place in range(len(sizes) - 1, -1, -1):
        if room <= 0:
            plan.append([])
            room = capacity
        plan[-1].append(place)
        room -= sizes[place]
    return plan


@bucket_plan.also_right
def _one_bucket_after_the_other(sizes: list[int], capacity: int) -> list[list[int]]:
    plan: list[list[int]] = []
    end = len(sizes)
    while end > 0:
        sums = list(accumulate(sizes[:end][::-1]))
        count = next((n for n, total in enumerate(sums, 1) if total >= capacity), end)
        plan.append(list(range(end - 1, end - count - 1, -1)))
        end -= count
    return plan


@bucket_plan.also_right
def _recursive(sizes: list[int], capacity: int) -> list[list[int]]:
    if not sizes:
        return []
    start, held = len(sizes), 0
    while start and held < capacity:
        start -= 1
        held += sizes[start]
    first = [*range(start, len(sizes))][::-1]
    return [first, *_recursive(sizes[:start], capacity)]


def _filled(order: list[int], sizes: list[int], capacity: int) -> list[list[int]]:
    """Buckets for places that come in this order."""
    plan: list[list[int]] = []
    room = 0
    for place in order:
        if room <= 0:
            plan.append([])
            room = capacity
        plan[-1].append(place)
        room -= sizes[place]
    return plan


@bucket_plan.wrong(
    "Which gradient is ready first? That of the last parameter: the backward pass goes from the "
    "end of the model to its beginning. This begins at place 0."
)
def _first_parameter_first(sizes: list[int], capacity: int) -> list[list[int]]:
    return _filled(list(range(len(sizes))), sizes, capacity)


@bucket_plan.wrong(
    "Does sorting by size help? A gradient cannot be sent before it is there: the order is that of "
    "the backward pass."
)
def _largest_first(sizes: list[int], capacity: int) -> list[list[int]]:
    order = sorted(range(len(sizes)), key=lambda place: -sizes[place])
    return _filled(order, sizes, capacity)


@bucket_plan.wrong(
    "What happens to the last bucket, if it is not full? It has to be sent, too, or those weights "
    "never learn from the others."
)
def _rest_never_sent(sizes: list[int], capacity: int) -> list[list[int]]:
    plan = bucket_plan.reference(sizes, capacity)
    return plan if sum(sizes[place] for place in plan[-1]) >= capacity else plan[:-1]


@bucket_plan.wrong(
    "Is each gradient sent alone? Each sending has a cost of its own, so small ones share a bucket."
)
def _each_alone(sizes: list[int], capacity: int) -> list[list[int]]:
    return [[place] for place in reversed(range(len(sizes)))]


@bucket_plan.wrong(
    "Is everything sent at the end? Then nobody computes while it is sent. A bucket goes off as "
    "soon as it holds `capacity` bytes."
)
def _one_large_bucket(sizes: list[int], capacity: int) -> list[list[int]]:
    return [list(reversed(range(len(sizes))))]


@bucket_plan.wrong(
    "When is a bucket sent? Once it holds `capacity` bytes or more; the gradient that fills it is "
    "in it. Here that one is left for the next bucket, so that none ever holds more than capacity."
)
def _never_more_than_capacity(sizes: list[int], capacity: int) -> list[list[int]]:
    plan: list[list[int]] = [[]]
    held = 0
    for place in reversed(range(len(sizes))):
        if plan[-1] and held + sizes[place] > capacity:
            plan.append([])
            held = 0
        plan[-1].append(place)
        held += sizes[place]
    return plan


@bucket_plan.wrong(
    "When is a bucket sent? As soon as it holds `capacity` bytes, also if it is just as many. Here "
    "it waits for more: is there a > where a >= belongs?"
)
def _waits_for_more(sizes: list[int], capacity: int) -> list[list[int]]:
    return bucket_plan.reference(sizes, capacity + 1)


@bucket_plan.wrong(
    "What does a new bucket hold? Nothing yet. Here the bytes of the old ones are counted on: set "
    "the sum back to 0."
)
def _sum_never_set_back(sizes: list[int], capacity: int) -> list[list[int]]:
    plan: list[list[int]] = []
    bucket: list[int] = []
    held = 0
    for place in reversed(range(len(sizes))):
        bucket.append(place)
        held += sizes[place]
        if held >= capacity:
            plan.append(bucket)
            bucket = []
    return [*plan, bucket] if bucket else plan


@bucket_plan.wrong(
    "Is capacity a number of bytes or of gradients? Of bytes. Here each bucket takes so many "
    "gradients."
)
def _counts_gradients(sizes: list[int], capacity: int) -> list[list[int]]:
    return _filled(list(reversed(range(len(sizes)))), [1] * len(sizes), capacity)


@bucket_plan.wrong(
    "Places or bytes? The buckets hold places in `sizes`. These are the sizes themselves."
)
def _bytes_for_places(sizes: list[int], capacity: int) -> list[list[int]]:
    plan = bucket_plan.reference(sizes, capacity)
    return [[sizes[place] for place in bucket] for bucket in plan]


@bucket_plan.wrong(
    "In which order does a bucket fill? As the backward pass goes: the highest place first. Here "
    "each bucket is sorted upwards."
)
def _sorted_upwards(sizes: list[int], capacity: int) -> list[list[int]]:
    return [sorted(bucket) for bucket in bucket_plan.reference(sizes, capacity)]


@bucket_plan.wrong(
    "Which bucket is sent first? The one that is full first, with the last parameters. Here the "
    "list is turned round."
)
def _last_bucket_first(sizes: list[int], capacity: int) -> list[list[int]]:
    return bucket_plan.reference(sizes, capacity)[::-1]


@bucket_plan.wrong(
    "Is there always something left at the end? If the last gradient fills its bucket, nothing is: "
    "no empty bucket is sent."
)
def _empty_bucket_sent(sizes: list[int], capacity: int) -> list[list[int]]:
    plan = bucket_plan.reference(sizes, capacity)
    return [*plan, []] if sum(sizes[place] for place in plan[-1]) >= capacity else plan


@bucket_plan.inputs
def _models(rng: torch.Generator) -> Iterator[tuple[list[int], int]]:
    yield [4, 2, 3, 5], 6
    yield [6, 1, 4, 2], 6  # one that is just full
    yield [30, 2, 2, 9, 4], 8
    yield [7], 20
    for count in (3, 6, 11, 20, 40):
        for capacity in (7, 30, 90):
            yield torch.randint(1, 40, (count,), generator=rng).tolist(), capacity
