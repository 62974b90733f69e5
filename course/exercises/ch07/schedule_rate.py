"""Exercise 07.3: the learning rate of a step, with warm-up and decay."""

import math
from collections.abc import Iterator

import torch

from course.judging.exercise import exercise
from utils.training.config import TrainConfig
from utils.training.schedule import learning_rate


@exercise(
    "07.3",
    minutes=10,
    hints=(
        "Two cases. As long as step < warmup, the rate is a share of the peak. Which share, if "
        "step 0 has one part of warmup + 1, step 1 two parts, and step `warmup` all?",
        "Afterwards, how much of the way down is done? At step `warmup` nothing, at step "
        "steps - 1 all of it: done = (step - warmup) / (steps - 1 - warmup).",
        "Half a cosine: (1 + math.cos(math.pi * done)) / 2 falls from 1 to 0. Stretch it to the "
        "distance from the floor to the peak, and put it on the floor.",
    ),
)
def schedule_rate(step: int, warmup: int, steps: int, peak: float, floor: float) -> float:
    """The learning rate of a step: a linear warm-up, then half a cosine down to a floor.

    The warm-up takes `warmup` steps and rises evenly: step 0 has one part of
    (warmup + 1), step 1 two parts, and step `warmup` would be the next, with the whole
    peak. From there half a cosine leads down, so that the last step has the floor.

    step: counted from 0, so from 0 to steps - 1.
    warmup: how many steps the warm-up takes; it may be 0. At least two steps follow.
    steps: how many steps the training has in all.
    peak: the highest learning rate.
    floor: the learning rate of the last step.
    Returns the learning rate of this step.
    """
    if step < warmup:
        return peak * (step + 1) / (warmup + 1)
    done = (step - warmup) / (steps - 1 - warmup)
    return floor + (peak - floor) * (1 + math.cos(math.pi * done)) / 2


@schedule_rate.also_right
def _that_of_utils(step: int, warmup: int, steps: int, peak: float, floor: float) -> float:
    config = TrainConfig(steps=steps, warmup_steps=warmup, learning_rate=peak, floor=floor / peak)
    return learning_rate(step, config)


@schedule_rate.also_right
def _a_table_of_all_steps(step: int, warmup: int, steps: int, peak: float, floor: float) -> float:
    up = torch.linspace(0, peak, warmup + 2)[1:-1]
    way = torch.linspace(0, math.pi, steps - warmup)
    down = floor + (peak - floor) * (0.5 + 0.5 * way.cos())
    return float(torch.cat([up, down])[step])


@schedule_rate.also_right
def _with_half_the_angle(step: int, warmup: int, steps: int, peak: float, floor: float) -> float:
    if step >= warmup:
        share = math.cos(math.pi / 2 * (step - warmup) / (steps - 1 - warmup)) ** 2
        return share * peak + (1 - share) * floor
    return (step + 1) * (peak / (warmup + 1))


def _down(done: float, peak: float, floor: float) -> float:
    return floor + (peak - floor) * (1 + math.cos(math.pi * done)) / 2


def _up(step: int, warmup: int, peak: float) -> float:
    return peak * (step + 1) / (warmup + 1)


@schedule_rate.wrong(
    "Where does the cosine begin? Behind the warm-up. Begun at step 0, it has already fallen when "
    "the warm-up ends, and the rate jumps."
)
def _cosine_from_step_0(step: int, warmup: int, steps: int, peak: float, floor: float) -> float:
    return _up(step, warmup, peak) if step < warmup else _down(step / (steps - 1), peak, floor)


@schedule_rate.wrong(
    "Which is the last step? Number steps - 1. This reaches the floor one step later, at a step "
    "that is never made."
)
def _floor_one_step_late(step: int, warmup: int, steps: int, peak: float, floor: float) -> float:
    if step < warmup:
        return _up(step, warmup, peak)
    return _down((step - warmup) / (steps - warmup), peak, floor)


@schedule_rate.wrong(
    "How high is the rate at step 0? Not 0: nothing would be learned. It is one part of "
    "(warmup + 1)."
)
def _begins_at_0(step: int, warmup: int, steps: int, peak: float, floor: float) -> float:
    if step < warmup:
        return peak * step / warmup
    return _down((step - warmup) / (steps - 1 - warmup), peak, floor)


@schedule_rate.wrong(
    "When is the peak reached? At step `warmup`. Here the last step of the warm-up has it already, "
    "so that it comes twice."
)
def _peak_one_step_early(step: int, warmup: int, steps: int, peak: float, floor: float) -> float:
    if step < warmup:
        return peak * (step + 1) / warmup
    return _down((step - warmup) / (steps - 1 - warmup), peak, floor)


@schedule_rate.wrong("Where does the way down end? At `floor`; here it ends at 0.")
def _down_to_0(step: int, warmup: int, steps: int, peak: float, floor: float) -> float:
    return schedule_rate.reference(step, warmup, steps, peak, 0.0)


@schedule_rate.wrong(
    "Does the way down lead to the floor smoothly? This one aims at 0 and is stopped at the floor, "
    "so it is too low before that."
)
def _cut_off_at_the_floor(step: int, warmup: int, steps: int, peak: float, floor: float) -> float:
    if step < warmup:
        return _up(step, warmup, peak)
    return max(floor, schedule_rate.reference(step, warmup, steps, peak, 0.0))


@schedule_rate.wrong(
    "How far does the cosine run? Half a turn, to pi. After a whole one the rate is back at the "
    "peak."
)
def _a_whole_cosine(step: int, warmup: int, steps: int, peak: float, floor: float) -> float:
    if step < warmup:
        return _up(step, warmup, peak)
    return _down(2 * (step - warmup) / (steps - 1 - warmup), peak, floor)


@schedule_rate.wrong(
    "How far does the cosine run? Half a turn. A quarter falls from 1 to 0, too, but steeply at "
    "the end instead of gently."
)
def _a_quarter_of_a_cosine(step: int, warmup: int, steps: int, peak: float, floor: float) -> float:
    if step < warmup:
        return _up(step, warmup, peak)
    done = (step - warmup) / (steps - 1 - warmup)
    return floor + (peak - floor) * math.cos(math.pi / 2 * done)


@schedule_rate.wrong("Is the way down straight? It should be half a cosine.")
def _straight_down(step: int, warmup: int, steps: int, peak: float, floor: float) -> float:
    if step < warmup:
        return _up(step, warmup, peak)
    return peak + (floor - peak) * (step - warmup) / (steps - 1 - warmup)


@schedule_rate.wrong(
    "What does the floor lift? The whole way down has to fit between peak and floor. Added on top "
    "of a cosine from the peak, it begins above the peak."
)
def _floor_added_on_top(step: int, warmup: int, steps: int, peak: float, floor: float) -> float:
    if step < warmup:
        return _up(step, warmup, peak)
    return floor + _down((step - warmup) / (steps - 1 - warmup), peak, 0.0)


@schedule_rate.wrong(
    "What is `floor`: a rate, or a share of the peak? A rate. Here it was multiplied by the peak."
)
def _floor_as_a_share(step: int, warmup: int, steps: int, peak: float, floor: float) -> float:
    return schedule_rate.reference(step, warmup, steps, peak, floor * peak)


@schedule_rate.wrong("Where is the warm-up? This begins at the peak.")
def _no_warm_up(step: int, warmup: int, steps: int, peak: float, floor: float) -> float:
    return _down(max(0, step - warmup) / (steps - 1 - warmup), peak, floor)


@schedule_rate.wrong("Where is the decay? This stays at the peak when the warm-up is over.")
def _no_decay(step: int, warmup: int, steps: int, peak: float, floor: float) -> float:
    return _up(step, warmup, peak) if step < warmup else peak


@schedule_rate.wrong(
    "What does math.cos take? An angle in radians, with pi for half a turn; here it got degrees."
)
def _degrees(step: int, warmup: int, steps: int, peak: float, floor: float) -> float:
    if step < warmup:
        return _up(step, warmup, peak)
    done = (step - warmup) / (steps - 1 - warmup)
    return floor + (peak - floor) * (1 + math.cos(180 * done)) / 2


@schedule_rate.inputs
def _steps(rng: torch.Generator) -> Iterator[tuple[int, int, int, float, float]]:
    yield 0, 3, 8, 0.4, 0.04
    yield 2, 3, 8, 0.4, 0.04
    yield 3, 3, 8, 0.4, 0.04
    yield 5, 3, 8, 0.4, 0.04
    yield 7, 3, 8, 0.4, 0.04
    for warmup, steps in ((0, 5), (2, 9), (20, 200), (7, 30), (50, 120)):
        for _ in range(5):
            peak, share = torch.rand(2, generator=rng).tolist()
            step = int(torch.randint(steps, (), generator=rng))
            yield step, warmup, steps, 0.01 + peak, (0.01 + peak) * (0.05 + 0.4 * share)
