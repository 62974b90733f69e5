"""Exercise 12.3: causal tracing: what share of the lost probability comes back."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "12.3",
    minutes=5,
    atol=1e-5,  # restored - corrupted may cancel
    hints=(
        "Two amounts are compared: how much probability was lost, and how much of it each "
        "restoration brings back. From which number does either of them start?",
        "Both start at `corrupted`: clean - corrupted was lost, restored - corrupted has come "
        "back. A share is one amount divided by the other.",
        "Mind the order: without brackets, division goes before subtraction. Two pairs of "
        "brackets, one above the line and one below, and no clamp.",
    ),
)
def restored_share(clean: float, corrupted: float, restored: torch.Tensor) -> torch.Tensor:
    """Causal tracing: what share of the lost probability does each restoration bring
    back?

    0 means that nothing came back, and 1 that all of it did. A restoration may also do
    harm, or
    bring back more than was lost: shares below 0 and above 1 stay as they are.

    clean: the answer's probability after the clean prompt.
    corrupted: the same with noise on the subject. It is lower than clean.
    restored: the same with noise, and one hidden state put back: one for each place,
    shape (layer, pos).
    Returns the shares, shape (layer, pos).
    """
    return (restored - corrupted) / (clean - corrupted)


@restored_share.also_right
def _place_by_place_in_float64(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    lost = clean - corrupted
    return torch.tensor(
        [[(p - corrupted) / lost for p in layer] for layer in restored.tolist()],
        dtype=torch.float64,
    )


@restored_share.also_right
def _one_minus_what_is_missing(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return 1 - (clean - restored.double()) / (clean - corrupted)


@restored_share.also_right
def _library_calls(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return torch.div(torch.sub(restored, corrupted), clean - corrupted)


@restored_share.also_right
def _numpy_interpolation_backward(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    # the line through (corrupted, 0) and (clean, 1)
    slope, start = np.polyfit([corrupted, clean], [0.0, 1.0], 1)
    return torch.from_numpy(np.polyval([slope, start], restored.numpy().astype(np.float64)))


@restored_share.also_right
def _einsum_with_one_factor(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    gained = restored - torch.full_like(restored, corrupted)
    return torch.einsum("lp,->lp", gained, torch.tensor(1 / (clean - corrupted)))


def _gained(corrupted: float, restored: Tensor) -> Tensor:
    """How much probability each restoration brings back, (layer, pos)."""
    return restored - corrupted


@restored_share.wrong(
    "How much was there to win? Not all of clean: a part was never lost. Divide by what was lost, "
    "clean - corrupted."
)
def _divided_by_clean(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return _gained(corrupted, restored) / clean


@restored_share.wrong(
    "Of what is it a share? Of the lost probability, clean - corrupted. Dividing by corrupted says "
    "how far it grew."
)
def _divided_by_corrupted(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return _gained(corrupted, restored) / corrupted


@restored_share.wrong(
    "An amount, or a share of one? This is how much came back. Divide it by how much was lost, "
    "clean - corrupted."
)
def _difference_only(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return _gained(corrupted, restored)


@restored_share.wrong(
    "Came back, or still missing? clean - restored is missing, and it is no share yet either."
)
def _still_missing(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return clean - restored


@restored_share.wrong(
    "Which share is asked for? That which came back. This is the other part: the share still "
    "missing."
)
def _share_still_missing(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return (clean - restored) / (clean - corrupted)


@restored_share.wrong(
    "What is the share where nothing came back? It must be 0 there. restored / clean starts too "
    "high: take corrupted away from both."
)
def _ratio_to_clean(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return restored / clean


@restored_share.wrong(
    "Where does a gain start? At corrupted: take it away from restored before you divide, too."
)
def _corrupted_not_taken_away(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return restored / (clean - corrupted)


@restored_share.wrong(
    "May a share be below 0 or above 1? It may: one restoration does harm, another brings back "
    "more than was lost. Clamping hides both."
)
def _clamped(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return restored_share.reference(clean, corrupted, restored).clamp(0, 1)


@restored_share.wrong(
    "May a restoration do harm? It may, and that is worth seeing: leave shares below 0 as they are."
)
def _clamped_below(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return restored_share.reference(clean, corrupted, restored).clamp(min=0)


@restored_share.wrong("May more come back than was lost? It may: leave shares above 1 as they are.")
def _clamped_above(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return restored_share.reference(clean, corrupted, restored).clamp(max=1)


@restored_share.wrong(
    "Help or harm? The sign tells: with abs, a restoration that makes it worse looks like a good "
    "one."
)
def _without_sign(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return restored_share.reference(clean, corrupted, restored).abs()


@restored_share.wrong(
    "Which is taken from which? A restoration that helps has a share above 0; here the sign is "
    "turned."
)
def _sign_turned(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return -restored_share.reference(clean, corrupted, restored)


@restored_share.wrong(
    "What is above the line? What came back; below it stands what was lost. Here they are upside "
    "down."
)
def _upside_down(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return (clean - corrupted) / _gained(corrupted, restored)


@restored_share.wrong(
    "Which is worked out first, minus or divided by? Without brackets, corrupted / (clean - "
    "corrupted) is. Put them around restored - corrupted."
)
def _no_brackets_above(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return restored - corrupted / (clean - corrupted)


@restored_share.wrong(
    "Which is worked out first, minus or divided by? Without brackets it is divided by clean "
    "alone, and corrupted is taken away once more: put brackets around clean - corrupted."
)
def _no_brackets_below(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return (restored - corrupted) / clean - corrupted


@restored_share.wrong(
    "What counts as all of it? What the clean prompt gave, not the best restoration: that one need "
    "not bring all back."
)
def _divided_by_the_largest(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return _gained(corrupted, restored) / _gained(corrupted, restored.max())


@restored_share.wrong(
    "Does the worst place have 0 and the best one 1? Not by itself: `clean` and `corrupted` say "
    "where 0 and 1 are."
)
def _from_least_to_largest(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return (restored - restored.min()) / (restored.max() - restored.min())


@restored_share.wrong(
    "Do the shares add up to 1? Each place is tried by itself: do not divide by the sum of all "
    "gains."
)
def _made_to_add_up(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return _gained(corrupted, restored) / _gained(corrupted, restored).sum()


@restored_share.wrong("A share, or per cent? All of it is 1 here: do not multiply.")
def _per_cent(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return 100 * restored_share.reference(clean, corrupted, restored)


@restored_share.wrong(
    "Probability, or its logarithm? The share is one of probability itself: leave the log out."
)
def _share_of_the_logarithm(clean: float, corrupted: float, restored: Tensor) -> Tensor:
    return (restored / corrupted).log() / math.log(clean / corrupted)


@restored_share.inputs
def _probabilities(rng: torch.Generator) -> Iterator[tuple[float, float, Tensor]]:
    yield 0.75, 0.25, torch.tensor([[0.25, 0.5], [0.75, 0.375]])
    # harm, nothing, more than was lost
    yield 0.5, 0.25, torch.tensor([[0.125, 0.25, 0.75]])
    for layer, pos in ((1, 3), (2, 2), (4, 3), (3, 5), (6, 1), (5, 12)):
        for highest in (1.0, 0.4, 0.004):
            low, high = torch.rand(2, generator=rng, dtype=torch.float64).tolist()
            clean, corrupted = highest * (0.6 + 0.3 * high), highest * (0.1 + 0.4 * low)
            yield clean, corrupted, (0.02 + 0.98 * torch.rand(layer, pos, generator=rng)) * highest
