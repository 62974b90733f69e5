"""Exercise 20.4: what PPO wants to make large, for each token."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "20.4",
    minutes=8,
    hints=(
        "The ratio of two probabilities is exp of the difference of their logarithms. It is 1 as "
        "long as the policy has not moved, and clip says how far from 1 it pays to go.",
        "Two products: ratio * advantages, and the same with the clipped ratio, ratio.clamp(1 - "
        "clip, 1 + clip). The objective is the lower of the two, token by token.",
        "torch.minimum compares two tensors element by element. It comes after both products: with "
        "a negative advantage the larger ratio gives the lower product.",
    ),
)
def clipped_objective(
    new: torch.Tensor, old: torch.Tensor, advantages: torch.Tensor, clip: float
) -> torch.Tensor:
    """What PPO wants to make large, for each token.

    The ratio is P(token) under the policy now, divided by P(token) when the token was
    sampled. The objective is min(ratio * A, clipped ratio * A), where A is the token's
    advantage, and the clipped ratio is held between 1 - clip and 1 + clip.

    new: the log-probabilities of the tokens under the policy as it is now, shape
        (token,).
    old: those under the policy that sampled the tokens, shape (token,).
    advantages: how much better each token was than expected, above or below 0, shape
        (token,).
    clip: how far the ratio may pay to move from 1, between 0 and 1.
    Returns the objective of each token, shape (token,).
    """
    ratio = (new - old).exp()
    clipped = ratio.clamp(1 - clip, 1 + clip)
    return torch.minimum(ratio * advantages, clipped * advantages)


@clipped_objective.also_right
def _by_the_sign_of_the_advantage(
    new: Tensor, old: Tensor, advantages: Tensor, clip: float
) -> Tensor:
    ratio = torch.exp(new - old)
    return (
        torch.where(advantages > 0, ratio.clamp(max=1 + clip), ratio.clamp(min=1 - clip))
        * advantages
    )


@clipped_objective.also_right
def _minus_the_larger_loss(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    ratio = new.double().exp() / old.double().exp()
    losses = torch.stack([-advantages * ratio, -advantages * ratio.clip(1 - clip, 1 + clip)])
    return -losses.amax(dim=0)


@clipped_objective.also_right
def _token_by_token(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    objectives = []
    for log_new, log_old, advantage in zip(
        new.tolist(), old.tolist(), advantages.tolist(), strict=True
    ):
        ratio = math.exp(log_new - log_old)
        objectives.append(min(ratio * advantage, min(max(ratio, 1 - clip), 1 + clip) * advantage))
    return torch.tensor(objectives)


@clipped_objective.also_right
def _advantage_and_a_bound(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    bound = advantages + clip * advantages.abs()  # no token gains more than this
    return torch.minimum((new - old).exp() * advantages, bound)


@clipped_objective.also_right
def _numpy_minimum(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    ratio, A = np.exp(new.numpy() - old.numpy()), advantages.numpy()
    return torch.from_numpy(np.minimum(ratio * A, np.clip(ratio, 1 - clip, 1 + clip) * A))


def _ratio(new: Tensor, old: Tensor) -> Tensor:
    return (new - old).exp()


def _lower(ratio: Tensor, clipped: Tensor, advantages: Tensor) -> Tensor:
    """The right last step, for ratios of one's own."""
    return torch.minimum(ratio * advantages, clipped * advantages)


@clipped_objective.wrong(
    "Is the objective an optimist or a pessimist? A pessimist: of the two products it takes the "
    "lower. This takes the higher, and a policy that runs away is rewarded for it."
)
def _higher_of_the_two(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    ratio = _ratio(new, old)
    return torch.maximum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)


@clipped_objective.wrong(
    "What if the policy has moved the wrong way, and far? Then it must be able to turn back, and "
    "the ratio as it is says so. Here the clipped one alone is left: the minimum is missing."
)
def _clipped_alone(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    return _ratio(new, old).clamp(1 - clip, 1 + clip) * advantages


@clipped_objective.wrong(
    "What keeps the policy near the old one? The clipped ratio. Here `clip` has no effect."
)
def _never_clipped(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    return _ratio(new, old) * advantages


@clipped_objective.wrong(
    "What is the ratio of a policy that has not moved? It is 1. This is a difference of "
    "logarithms, which is 0 then: exp is missing."
)
def _exp_forgotten(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    ratio = new - old
    return _lower(ratio, ratio.clamp(1 - clip, 1 + clip), advantages)


@clipped_objective.wrong(
    "Are these probabilities? They are logarithms. Divide probabilities, or subtract logarithms "
    "and take exp."
)
def _logarithms_divided(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    ratio = new / old
    return _lower(ratio, ratio.clamp(1 - clip, 1 + clip), advantages)


@clipped_objective.wrong(
    "Which policy is on top of the ratio? The one as it is now. This ratio falls where the policy "
    "likes a token more."
)
def _ratio_upside_down(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    ratio = _ratio(old, new)
    return _lower(ratio, ratio.clamp(1 - clip, 1 + clip), advantages)


@clipped_objective.wrong(
    "What is held between 1 - clip and 1 + clip? The ratio. Here the product is: multiply by the "
    "advantage afterwards."
)
def _product_clipped(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    product = _ratio(new, old) * advantages
    return torch.minimum(product, product.clamp(1 - clip, 1 + clip))


@clipped_objective.wrong(
    "When is the lower of the two taken: before or after the advantage? After. With a negative "
    "advantage the lower ratio gives the higher product, and tokens that should become rarer are "
    "treated the wrong way round."
)
def _lower_ratio_first(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    ratio = _ratio(new, old)
    return torch.minimum(ratio, ratio.clamp(1 - clip, 1 + clip)) * advantages


@clipped_objective.wrong(
    "Is the minimum for good tokens only? For all. Here a token with a negative advantage has the "
    "clipped product, so nothing pulls the policy back if such a token has become likelier."
)
def _minimum_for_good_tokens_only(
    new: Tensor, old: Tensor, advantages: Tensor, clip: float
) -> Tensor:
    ratio = _ratio(new, old)
    clipped = ratio.clamp(1 - clip, 1 + clip)
    return torch.where(advantages > 0, _lower(ratio, clipped, advantages), clipped * advantages)


@clipped_objective.wrong(
    "Is a token with a negative advantage clipped? It is, too: below 1 - clip nothing more is "
    "gained. Here only those with a positive one are."
)
def _bad_tokens_never_clipped(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    ratio = _ratio(new, old)
    clipped = ratio.clamp(max=1 + clip)
    return _lower(ratio, clipped, advantages)


@clipped_objective.wrong(
    "Which bounds has the ratio? Two: here the upper one is missing, and a good token pays however "
    "likely it gets."
)
def _upper_bound_missing(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    ratio = _ratio(new, old)
    return _lower(ratio, ratio.clamp(min=1 - clip), advantages)


@clipped_objective.wrong(
    "Around which number is the ratio held? Around 1. From -clip to clip is around 0."
)
def _held_around_zero(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    ratio = _ratio(new, old)
    return _lower(ratio, ratio.clamp(-clip, clip), advantages)


@clipped_objective.wrong(
    "What is held within clip: the ratio, or its logarithm? The ratio. Here the difference of "
    "logarithms is, and exp comes after it."
)
def _logarithm_clipped(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    return _lower(_ratio(new, old), (new - old).clamp(-clip, clip).exp(), advantages)


@clipped_objective.wrong(
    "What is the lower bound? 1 - clip. This has 1 / (1 + clip), which is not quite as low."
)
def _bounds_by_division(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    ratio = _ratio(new, old)
    return _lower(ratio, ratio.clamp(1 / (1 + clip), 1 + clip), advantages)


@clipped_objective.wrong("An objective, or a loss? PPO wants this one to be large: no minus.")
def _minus_sign(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    return -clipped_objective.reference(new, old, advantages, clip)


@clipped_objective.wrong(
    "Which of two losses is the careful one? The larger. Here both products have a minus, and the "
    "lower of them is taken: an optimist. The objective has no minus, and then the lower one is "
    "right."
)
def _lower_of_two_losses(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    ratio = _ratio(new, old)
    return _lower(ratio, ratio.clamp(1 - clip, 1 + clip), -advantages)


@clipped_objective.wrong("One number, or one for each token? Leave the tokens apart: no mean.")
def _mean_over_tokens(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    return clipped_objective.reference(new, old, advantages, clip).mean()


@clipped_objective.wrong(
    "Is this the loss of a training step? Yes: minus the mean. The objective of each token is "
    "asked for, without both."
)
def _loss_of_a_step(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    return -clipped_objective.reference(new, old, advantages, clip).mean()


@clipped_objective.wrong("One number, or one for each token? Leave the tokens apart: no sum.")
def _sum_over_tokens(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    return clipped_objective.reference(new, old, advantages, clip).sum()


@clipped_objective.wrong("Is clip always 0.2? It is given: use the argument.")
def _clip_fixed(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    return clipped_objective.reference(new, old, advantages, 0.2)


@clipped_objective.wrong(
    "What is left of a token beyond the bounds? Its objective stays where the bound is. Here it is "
    "0, and a bad move looks better than a small one."
)
def _zero_beyond_the_bounds(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    ratio = _ratio(new, old)
    return torch.where((ratio - 1).abs() <= clip, ratio * advantages, 0.0)


@clipped_objective.wrong(
    "Where is the old policy? The tokens were sampled from it, and the ratio corrects for that. "
    "This is REINFORCE: log-probability times advantage."
)
def _reinforce(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    return new * advantages


@clipped_objective.wrong(
    "How much do tokens differ? By their advantages. Here only the signs of those are left."
)
def _sign_of_the_advantage(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    return clipped_objective.reference(new, old, advantages.sign(), clip)


@clipped_objective.wrong(
    "May an advantage be negative? It may, and it has to stay so: abs makes bad tokens good."
)
def _advantage_without_sign(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    return clipped_objective.reference(new, old, advantages.abs(), clip)


@clipped_objective.wrong(
    "Are the advantages ready for use? They are. Here their mean is taken off first, and they are "
    "divided by their standard deviation: that may be done before, and not in this function."
)
def _advantages_whitened(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    whitened = (advantages - advantages.mean()) / (advantages.std(correction=0) + 1e-8)
    return clipped_objective.reference(new, old, whitened, clip)


@clipped_objective.inputs
def _tokens_that_moved(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor, float]]:
    yield torch.tensor([-1.0]), torch.tensor([-2.0]), torch.tensor([3.0]), 0.2
    yield torch.tensor([-2.0]), torch.tensor([-1.0]), torch.tensor([3.0]), 0.2
    yield torch.tensor([-1.0]), torch.tensor([-2.0]), torch.tensor([-3.0]), 0.3
    yield torch.tensor([-2.0]), torch.tensor([-1.0]), torch.tensor([-3.0]), 0.3
    yield torch.tensor([-0.7, -4.0]), torch.tensor([-0.7, -4.0]), torch.tensor([1.5, -0.5]), 0.1
    for token in (2, 5, 12, 30):
        for clip, moved, size in (
            (0.2, 0.3, 1.0),
            (0.1, 1.0, 5.0),
            (0.3, 0.2, 0.02),
            (0.5, 2.0, 1.0),
            (0.25, 0.1, 3.0),
        ):
            old = torch.rand(token, generator=rng) * -5 - 0.05
            new = (old + torch.randn(token, generator=rng) * moved).clamp(max=-0.01)
            yield new, old, torch.randn(token, generator=rng) * size, clip
