"""Exercise 20.3: how far the policy has moved from its reference: KL(policy || reference)."""

import math
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "20.3",
    minutes=8,
    atol=1e-5,
    hints=(
        "Two log_softmax over the vocabulary give log P under the policy and under the reference. "
        "Their difference says by how much the policy prefers a token. Which tokens does the "
        "policy write, and how often?",
        "The mean over what the policy writes is a sum over the vocabulary, weighted with the "
        "policy's own probabilities: log_pi.exp() * (log_pi - log_ref).",
        "Sum that along the last axis: .sum(dim=-1). Take log_softmax, and not log of a softmax: a "
        "probability that was rounded to 0 would give 0 times infinity.",
    ),
)
def kl_to_reference(logits: torch.Tensor, ref_logits: torch.Tensor) -> torch.Tensor:
    """How far the policy has moved from its reference: KL(policy || reference).

    At each position, it is the mean of log(policy(token) / reference(token)) over the
    tokens that
    the policy would write there: the sum over all tokens of policy(token) times that
        logarithm.

    logits: the policy's scores, shape (pos, vocab), anything from -1000 to 1000.
    ref_logits: the reference's scores, likewise, shape (pos, vocab).
    Returns the exact KL at each position, natural logarithm, shape (pos,). It is 0
    where both give the same probabilities, and above 0 elsewhere.
    """
    log_pi = logits.log_softmax(dim=-1)
    log_ref = ref_logits.log_softmax(dim=-1)
    return (log_pi.exp() * (log_pi - log_ref)).sum(dim=-1)


@kl_to_reference.also_right
def _library_kl(logits: Tensor, ref_logits: Tensor) -> Tensor:
    log_pi, log_ref = F.log_softmax(logits, dim=1), F.log_softmax(ref_logits, dim=1)
    return F.kl_div(log_ref, log_pi, reduction="none", log_target=True).sum(dim=1)


@kl_to_reference.also_right
def _cross_entropy_less_entropy(logits: Tensor, ref_logits: Tensor) -> Tensor:
    logits, ref_logits = logits.double(), ref_logits.double()
    pi = logits.softmax(dim=-1)
    return F.cross_entropy(ref_logits, pi, reduction="none") - F.cross_entropy(
        logits, pi, reduction="none"
    )


@kl_to_reference.also_right
def _mean_difference_of_scores(logits: Tensor, ref_logits: Tensor) -> Tensor:
    mean = torch.einsum("pv,pv->p", logits.softmax(dim=-1), logits - ref_logits)
    return mean - logits.logsumexp(dim=-1) + ref_logits.logsumexp(dim=-1)


@kl_to_reference.also_right
def _numpy_row_by_row(logits: Tensor, ref_logits: Tensor) -> Tensor:
    result = []
    for row, ref_row in zip(logits.double().numpy(), ref_logits.double().numpy(), strict=True):
        log_pi, log_ref = row - np.logaddexp.reduce(row), ref_row - np.logaddexp.reduce(ref_row)
        result.append(float(np.exp(log_pi) @ (log_pi - log_ref)))
    return torch.tensor(result)


def _logs(logits: Tensor, ref_logits: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The policy's probabilities, their logarithms, and those of the reference, (pos,
    vocab) each.
    """
    log_pi = logits.log_softmax(dim=-1)
    return log_pi.exp(), log_pi, ref_logits.log_softmax(dim=-1)


@kl_to_reference.wrong(
    "In which direction? The mean runs over what the policy writes, and the policy is on top of "
    "the fraction. This is KL(reference || policy). In torch's kl_div the first argument is the "
    "reference, and the second one the policy."
)
def _other_direction(logits: Tensor, ref_logits: Tensor) -> Tensor:
    return kl_to_reference.reference(ref_logits, logits)


@kl_to_reference.wrong(
    "Can a distance be negative? The policy is on top of the fraction: turn the difference round."
)
def _negative_distance(logits: Tensor, ref_logits: Tensor) -> Tensor:
    return -kl_to_reference.reference(logits, ref_logits)


@kl_to_reference.wrong(
    "Who writes the tokens that you average over? The policy. Here the weights are the reference's "
    "probabilities."
)
def _weights_of_the_reference(logits: Tensor, ref_logits: Tensor) -> Tensor:
    return -kl_to_reference.reference(ref_logits, logits)


@kl_to_reference.wrong(
    "Do all tokens count alike? Those that the policy writes often count more. The weights are "
    "missing: this only adds up the logarithms."
)
def _weights_forgotten(logits: Tensor, ref_logits: Tensor) -> Tensor:
    _, log_pi, log_ref = _logs(logits, ref_logits)
    return (log_pi - log_ref).sum(dim=-1)


@kl_to_reference.wrong(
    "Do all tokens count alike? Those that the policy writes often count more. A plain mean over "
    "the vocabulary gives each the same weight."
)
def _plain_mean_of_logs(logits: Tensor, ref_logits: Tensor) -> Tensor:
    _, log_pi, log_ref = _logs(logits, ref_logits)
    return (log_pi - log_ref).mean(dim=-1)


@kl_to_reference.wrong(
    "How often do you divide by the number of tokens? Never: the probabilities are the weights, "
    "and they add up to 1. Take the sum, not the mean."
)
def _weighted_and_divided(logits: Tensor, ref_logits: Tensor) -> Tensor:
    pi, log_pi, log_ref = _logs(logits, ref_logits)
    return (pi * (log_pi - log_ref)).mean(dim=-1)


@kl_to_reference.wrong(
    "What is it where both agree? It should be 0. This is the cross-entropy: log_pi is missing."
)
def _cross_entropy_alone(logits: Tensor, ref_logits: Tensor) -> Tensor:
    pi, _, log_ref = _logs(logits, ref_logits)
    return -(pi * log_ref).sum(dim=-1)


@kl_to_reference.wrong(
    "Where is the reference? This is the policy's entropy, which knows nothing of it."
)
def _entropy_alone(logits: Tensor, ref_logits: Tensor) -> Tensor:
    pi, log_pi, _ = _logs(logits, ref_logits)
    return -(pi * log_pi).sum(dim=-1)


@kl_to_reference.wrong(
    "What is it where both agree? It should be 0. This is the difference of the two entropies."
)
def _difference_of_entropies(logits: Tensor, ref_logits: Tensor) -> Tensor:
    pi, log_pi, log_ref = _logs(logits, ref_logits)
    return (pi * log_pi).sum(dim=-1) - (log_ref.exp() * log_ref).sum(dim=-1)


@kl_to_reference.wrong(
    "One number for each token, or for each position? The sum over the vocabulary is missing."
)
def _not_summed(logits: Tensor, ref_logits: Tensor) -> Tensor:
    pi, log_pi, log_ref = _logs(logits, ref_logits)
    return pi * (log_pi - log_ref)


@kl_to_reference.wrong(
    "Along which axis is the sum? Along the vocabulary, the last one. Here it is the positions."
)
def _summed_over_positions(logits: Tensor, ref_logits: Tensor) -> Tensor:
    pi, log_pi, log_ref = _logs(logits, ref_logits)
    return (pi * (log_pi - log_ref)).sum(dim=0)


@kl_to_reference.wrong(
    "One number, or one for each position? Leave the positions apart: no mean over them."
)
def _mean_over_positions(logits: Tensor, ref_logits: Tensor) -> Tensor:
    return kl_to_reference.reference(logits, ref_logits).mean()


@kl_to_reference.wrong(
    "One number, or one for each position? And sum or mean over the tokens? This is one mean over "
    "everything, as "
    'kl_div takes it by itself: reduction="none" leaves the numbers alone, and .sum(dim=-1) adds '
    "up the tokens."
)
def _mean_over_everything(logits: Tensor, ref_logits: Tensor) -> Tensor:
    _, log_pi, log_ref = _logs(logits, ref_logits)
    return F.kl_div(log_ref, log_pi, log_target=True, reduction="sum") / logits.numel()


@kl_to_reference.wrong(
    "One number, or one for each position? This adds up the positions, too: sum along dim=-1 only."
)
def _sum_over_everything(logits: Tensor, ref_logits: Tensor) -> Tensor:
    return kl_to_reference.reference(logits, ref_logits).sum()


@kl_to_reference.wrong(
    "Along which axis do probabilities add up to 1? Along the vocabulary. Here it is the positions."
)
def _probabilities_over_positions(logits: Tensor, ref_logits: Tensor) -> Tensor:
    log_pi, log_ref = logits.log_softmax(dim=0), ref_logits.log_softmax(dim=0)
    return (log_pi.exp() * (log_pi - log_ref)).sum(dim=-1)


@kl_to_reference.wrong(
    "What is 0 times log(0)? NaN: probabilities that were rounded to 0 have no logarithm. Subtract "
    "two log_softmax."
)
def _logs_of_rounded_probabilities(logits: Tensor, ref_logits: Tensor) -> Tensor:
    pi, ref = logits.softmax(dim=-1), ref_logits.softmax(dim=-1)
    return (pi * (pi / ref).log()).sum(dim=-1)


@kl_to_reference.wrong(
    "Is the distance ever infinite? Not for finite logits. torch.distributions calls it so where a "
    "probability of the reference was rounded to 0, as unlikely as that token may be. Subtract two "
    "log_softmax."
)
def _library_distributions(logits: Tensor, ref_logits: Tensor) -> Tensor:
    pi, ref = (torch.distributions.Categorical(logits=one) for one in (logits, ref_logits))
    return torch.distributions.kl_divergence(pi, ref)


@kl_to_reference.wrong(
    "Does a tiny number inside the logarithms help? It makes a token that the reference rules out "
    "look harmless. Take log_softmax instead."
)
def _tiny_numbers_in_the_logs(logits: Tensor, ref_logits: Tensor) -> Tensor:
    pi, ref = logits.softmax(dim=-1), ref_logits.softmax(dim=-1)
    return (pi * ((pi + 1e-8).log() - (ref + 1e-8).log())).sum(dim=-1)


@kl_to_reference.wrong(
    "Are logits logarithms of probabilities? Not quite: all logits may be higher by the same "
    "number, and nothing has changed. log_softmax has to come before the difference."
)
def _difference_of_logits(logits: Tensor, ref_logits: Tensor) -> Tensor:
    return (logits.softmax(dim=-1) * (logits - ref_logits)).sum(dim=-1)


@kl_to_reference.wrong(
    "What does torch's kl_div want first? Logarithms. Here the reference's probabilities go in "
    "without one: log_softmax instead of softmax."
)
def _probabilities_into_the_library(logits: Tensor, ref_logits: Tensor) -> Tensor:
    return F.kl_div(ref_logits.softmax(dim=-1), logits.softmax(dim=-1), reduction="none").sum(
        dim=-1
    )


@kl_to_reference.wrong(
    "Is the distance the same both ways? It is not, and one way is asked for. This is the mean of "
    "the two directions."
)
def _both_directions(logits: Tensor, ref_logits: Tensor) -> Tensor:
    there, back = (
        kl_to_reference.reference(logits, ref_logits),
        kl_to_reference.reference(ref_logits, logits),
    )
    return (there + back) / 2


@kl_to_reference.wrong(
    "May a token count as less than 0? It may, where the reference likes it more, and the sum is "
    "still 0 or more. No abs, please."
)
def _logs_without_sign(logits: Tensor, ref_logits: Tensor) -> Tensor:
    pi, log_pi, log_ref = _logs(logits, ref_logits)
    return (pi * (log_pi - log_ref).abs()).sum(dim=-1)


@kl_to_reference.wrong(
    "Squares, or logarithms? Half the squared log-ratio is near the KL for small distances only."
)
def _half_of_squares(logits: Tensor, ref_logits: Tensor) -> Tensor:
    pi, log_pi, log_ref = _logs(logits, ref_logits)
    return (pi * (log_pi - log_ref).square()).sum(dim=-1) / 2


@kl_to_reference.wrong(
    "How far apart can two distributions be in KL? As far as you like. This is half the sum of "
    "|policy - reference|, which ends at 1: logarithms are missing."
)
def _difference_of_probabilities(logits: Tensor, ref_logits: Tensor) -> Tensor:
    return (logits.softmax(dim=-1) - ref_logits.softmax(dim=-1)).abs().sum(dim=-1) / 2


@kl_to_reference.wrong(
    "In which order? First the logarithm of each fraction, then the mean. Here it is outside."
)
def _log_outside_the_mean(logits: Tensor, ref_logits: Tensor) -> Tensor:
    _, log_pi, log_ref = _logs(logits, ref_logits)
    return (log_pi + log_pi - log_ref).logsumexp(dim=-1)


@kl_to_reference.wrong(
    "Which tokens count? All that the policy may write. This looks at the likeliest one alone: an "
    "estimate from one token, and not the mean."
)
def _likeliest_token_alone(logits: Tensor, ref_logits: Tensor) -> Tensor:
    _, log_pi, log_ref = _logs(logits, ref_logits)
    return (log_pi - log_ref).gather(1, logits.argmax(dim=-1, keepdim=True))[:, 0]


@kl_to_reference.wrong(
    "What went into log_softmax? Probabilities here, which come out nearly flat. Give it logits."
)
def _probabilities_through_softmax(logits: Tensor, ref_logits: Tensor) -> Tensor:
    return kl_to_reference.reference(logits.softmax(dim=-1), ref_logits.softmax(dim=-1))


@kl_to_reference.wrong(
    "Which logarithm is it? This one has base 2 and counts bits. Take the natural one: nats."
)
def _kl_in_bits(logits: Tensor, ref_logits: Tensor) -> Tensor:
    return kl_to_reference.reference(logits, ref_logits) / math.log(2)


@kl_to_reference.inputs
def _policy_and_reference(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    yield torch.tensor([[2.0, 0.0]]), torch.tensor([[0.0, 0.0]])
    yield torch.tensor([[0.0, 0.0]]), torch.tensor([[2.0, 0.0]])
    yield (
        torch.tensor([[3.0, 0.0, 1.0], [5.0, 1.0, 1.0]]),
        torch.tensor([[2.0, -1.0, 0.0], [0.0, 1.0, 2.0]]),
    )
    for pos, vocab in ((1, 5), (2, 3), (4, 7), (3, 40), (6, 2)):
        for size, moved in ((1.0, 0.3), (3.0, 1.0), (1.0, 3.0)):
            ref_logits = torch.randn(pos, vocab, generator=rng) * size
            yield ref_logits + torch.randn(pos, vocab, generator=rng) * moved, ref_logits
    for pos, vocab in ((2, 4), (3, 9), (5, 6)):
        logits, ref_logits = torch.randint(-1000, 1001, (2, pos, vocab), generator=rng).float()
        # at least one distance is large, so that rounding is small beside it
        ref_logits[0, logits[0].argmax()] = -1000
        yield logits, ref_logits
        yield logits / 50, ref_logits / 50
