"""Exercises of chapter 02: cross-entropy, perplexity, bits per byte, reading a loss."""

import math
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise

# 02.1


@exercise(
    "02.1",
    minutes=10,
    hints=(
        "Write the logarithm out first: -log P(target) = log(sum of all powers) - (score of the "
        "target). No division.",
        "Only the logarithm of the sum is in danger. torch.logsumexp(logits, dim=-1) computes it "
        "without overflow, one "
        "number for each position; or subtract the row's maximum before exp, and add it again "
        "after the log.",
        "The targets' scores are logits[torch.arange(len(targets)), targets]. Subtract them, then "
        "take the mean.",
    ),
)
def cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The mean loss of a text, in a way that does not break.

    logits: scores, shape (pos, vocab). They may be as large as 1000, as low as -1000,
        and far apart.
    targets: the ids that really came, shape (pos,).
    Returns the mean over the positions of -log P(target), natural logarithm: a tensor
    with one number, shape ().
    """
    of_targets = logits[torch.arange(len(targets)), targets]  # (pos,)
    return (logits.logsumexp(dim=-1) - of_targets).mean()


@cross_entropy.also_right
def _library(logits: Tensor, targets: Tensor) -> Tensor:
    return F.cross_entropy(logits, targets)


@cross_entropy.also_right
def _loop_in_float64(logits: Tensor, targets: Tensor) -> float:
    total = 0.0
    for scores, target in zip(logits.tolist(), targets.tolist(), strict=True):
        largest = max(scores)
        total += (
            largest + math.log(sum(math.exp(score - largest) for score in scores)) - scores[target]
        )
    return total / len(targets)


@cross_entropy.also_right
def _one_hot(logits: Tensor, targets: Tensor) -> Tensor:
    chosen = F.one_hot(targets, logits.shape[-1]).to(logits.dtype)
    return -torch.einsum("pv,pv->p", logits.log_softmax(dim=-1), chosen).mean()


@cross_entropy.also_right
def _gathered(logits: Tensor, targets: Tensor) -> Tensor:
    shifted = logits - logits.amax(dim=-1, keepdim=True)
    log_p = shifted - shifted.exp().sum(dim=-1, keepdim=True).log()
    return -log_p.gather(1, targets[:, None]).mean()


def _token_losses(logits: Tensor, targets: Tensor) -> Tensor:
    return F.cross_entropy(logits, targets, reduction="none")


@cross_entropy.wrong(
    "What is exp of a large score? It is infinite. Subtract each row's maximum before exp."
)
def _unstable(logits: Tensor, targets: Tensor) -> Tensor:
    powers = logits.exp()
    p = powers / powers.sum(dim=-1, keepdim=True)
    return -p[torch.arange(len(targets)), targets].log().mean()


@cross_entropy.wrong(
    "What is the logarithm of a probability that was rounded to 0? The softmax is stable, but log "
    "after it is not: "
    "subtract logarithms instead of taking the logarithm of a quotient."
)
def _softmax_then_log(logits: Tensor, targets: Tensor) -> Tensor:
    return -logits.softmax(dim=-1)[torch.arange(len(targets)), targets].log().mean()


@cross_entropy.wrong(
    "Does a tiny number added inside the logarithm help? It hides the worst mistakes: no loss is "
    "larger than its "
    "logarithm then. Subtract logarithms instead."
)
def _small_number_added(logits: Tensor, targets: Tensor) -> Tensor:
    return -(logits.softmax(dim=-1)[torch.arange(len(targets)), targets] + 1e-8).log().mean()


@cross_entropy.wrong(
    "Whose maximum do you subtract? Rows that lie far below the others vanish: take each row's own."
)
def _global_maximum(logits: Tensor, targets: Tensor) -> Tensor:
    shifted = logits - logits.max()
    log_p = shifted - shifted.exp().sum(dim=-1, keepdim=True).log()
    return -log_p[torch.arange(len(targets)), targets].mean()


@cross_entropy.wrong(
    "Sum or mean? The loss is the mean over the positions, so that long texts can be compared "
    "with short."
)
def _sum(logits: Tensor, targets: Tensor) -> Tensor:
    return _token_losses(logits, targets).sum()


@cross_entropy.wrong(
    "One number, or one for each position? The mean over the positions is missing."
)
def _no_mean(logits: Tensor, targets: Tensor) -> Tensor:
    return _token_losses(logits, targets)


@cross_entropy.wrong(
    "Is the mean taken over the positions? This divides by the size of the vocabulary too, or "
    "instead."
)
def _mean_over_the_vocabulary(logits: Tensor, targets: Tensor) -> Tensor:
    return _token_losses(logits, targets).sum() / logits.numel()


@cross_entropy.wrong(
    "Which logarithm is it? This one has base 2 and counts bits. The loss has the natural one: "
    "nats."
)
def _base_two(logits: Tensor, targets: Tensor) -> Tensor:
    return F.cross_entropy(logits, targets) / math.log(2)


@cross_entropy.wrong(
    "Can a loss be negative? The logarithm of a probability is never above 0, so the minus is "
    "missing."
)
def _no_minus(logits: Tensor, targets: Tensor) -> Tensor:
    return -F.cross_entropy(logits, targets)


@cross_entropy.wrong(
    "Along which axis do the probabilities add up to 1? Along the vocabulary, which is the last "
    "one."
)
def _wrong_axis(logits: Tensor, targets: Tensor) -> Tensor:
    return -logits.log_softmax(dim=0)[torch.arange(len(targets)), targets].mean()


@cross_entropy.wrong(
    "What is averaged? The losses: first the logarithm at each position, then the mean."
)
def _log_of_the_mean(logits: Tensor, targets: Tensor) -> Tensor:
    log_p = -_token_losses(logits, targets)
    return math.log(len(targets)) - log_p.logsumexp(dim=0)


@cross_entropy.wrong(
    "Whose probability counts? That of the target. This takes the model's own favourite each time."
)
def _favourite(logits: Tensor, targets: Tensor) -> Tensor:
    return F.cross_entropy(logits, logits.argmax(dim=-1))


@cross_entropy.inputs
def _scores_and_targets(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    yield torch.tensor([[2.0, 1.0, 0.0], [0.0, 1.0, 0.0]]), torch.tensor([1, 0])
    yield torch.zeros(3, 4), torch.tensor([3, 0, 1])  # knows nothing
    for pos, vocab in ((1, 5), (4, 2), (3, 7), (5, 5), (8, 3), (2, 50)):
        for size, offset in ((1.0, 0.0), (3.0, 20.0), (0.01, -5.0)):
            targets = torch.randint(vocab, (pos,), generator=rng)
            yield torch.randn(pos, vocab, generator=rng) * size + offset, targets
    for offset in (1000.0, -1000.0):
        yield torch.randn(3, 5, generator=rng) + offset, torch.randint(5, (3,), generator=rng)
    far_apart = torch.tensor([[500.0], [-300.0], [0.0], [-700.0]])  # rows
    yield torch.randn(4, 6, generator=rng) + far_apart, torch.randint(6, (4,), generator=rng)
    # sure, and wrong
    yield torch.tensor([[0.0, 200.0, 3.0], [1.0, 2.0, 3.0]]), torch.tensor([0, 2])


# 02.2


@exercise(
    "02.2",
    minutes=6,
    hints=(
        "Perplexity is e to the power of the mean loss. Which mean: how many losses are there in "
        "the whole text?",
        "A long part has to count for more than a short one: each token counts once, wherever it "
        "stands.",
        "Put the losses one behind the other with torch.cat, take one mean, then exp, in this "
        "order.",
    ),
)
def perplexity_of_parts(losses_a: torch.Tensor, losses_b: torch.Tensor) -> torch.Tensor:
    """The perplexity of a text that comes in two parts of different length.

    losses_a, losses_b: the loss of every token of each part, in nats: shapes (pos_a,)
        and (pos_b,).
    Returns the perplexity of the whole text: a tensor with one number, shape ().
    """
    return torch.cat([losses_a, losses_b]).mean().exp()


@perplexity_of_parts.also_right
def _from_sums(losses_a: Tensor, losses_b: Tensor) -> float:
    total = sum(losses_a.tolist()) + sum(losses_b.tolist())
    return math.exp(total / (len(losses_a) + len(losses_b)))


@perplexity_of_parts.also_right
def _weighted_in_float64(losses_a: Tensor, losses_b: Tensor) -> Tensor:
    share = len(losses_a) / (len(losses_a) + len(losses_b))
    return (share * losses_a.double().mean() + (1 - share) * losses_b.double().mean()).exp()


@perplexity_of_parts.also_right
def _numpy(losses_a: Tensor, losses_b: Tensor) -> np.floating:
    return np.exp(np.mean(np.concatenate([losses_a.numpy(), losses_b.numpy()])))


@perplexity_of_parts.wrong(
    "May perplexities be averaged? No: average the losses of all tokens, and take exp at the end."
)
def _mean_of_perplexities(losses_a: Tensor, losses_b: Tensor) -> Tensor:
    return (losses_a.mean().exp() + losses_b.mean().exp()) / 2


@perplexity_of_parts.wrong(
    "Does every token count the same? The mean of the two means lets a short part count too much."
)
def _mean_of_means(losses_a: Tensor, losses_b: Tensor) -> Tensor:
    return ((losses_a.mean() + losses_b.mean()) / 2).exp()


@perplexity_of_parts.wrong(
    "Sum or mean? exp of the sum is one over the probability of the whole text: take the mean."
)
def _sum_of_losses(losses_a: Tensor, losses_b: Tensor) -> Tensor:
    return torch.cat([losses_a, losses_b]).sum().exp()


@perplexity_of_parts.wrong(
    "Which base undoes the logarithm? The losses are in nats, so it is e, not 2."
)
def _base_two_power(losses_a: Tensor, losses_b: Tensor) -> Tensor:
    return 2 ** torch.cat([losses_a, losses_b]).mean()


@perplexity_of_parts.wrong(
    "First exp or first the mean? Average the losses, then take exp of that one number."
)
def _exp_of_each(losses_a: Tensor, losses_b: Tensor) -> Tensor:
    return torch.cat([losses_a, losses_b]).exp().mean()


@perplexity_of_parts.wrong("Is that a perplexity? It is the mean loss: exp is missing.")
def _no_exp(losses_a: Tensor, losses_b: Tensor) -> Tensor:
    return torch.cat([losses_a, losses_b]).mean()


@perplexity_of_parts.wrong(
    "Can a perplexity be below 1? Losses are never negative, and no minus belongs in front of them."
)
def _minus(losses_a: Tensor, losses_b: Tensor) -> Tensor:
    return (-torch.cat([losses_a, losses_b]).mean()).exp()


@perplexity_of_parts.wrong("Where is the second part? Only the first one counts here.")
def _first_part_only(losses_a: Tensor, losses_b: Tensor) -> Tensor:
    return losses_a.mean().exp()


@perplexity_of_parts.inputs
def _losses_of_two_parts(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    yield torch.tensor([1.0, 3.0, 2.0]), torch.tensor([4.0])
    yield torch.zeros(2), torch.zeros(5)  # knew every token
    for length_a, length_b in ((1, 4), (7, 2), (3, 3), (12, 5), (2, 40), (100, 1)):
        for size in (4.0, 0.01, 12.0):
            yield (
                torch.rand(length_a, generator=rng) * size,
                torch.rand(length_b, generator=rng) ** 2 * size,
            )


# 02.3


@exercise(
    "02.3",
    minutes=8,
    hints=(
        "Three questions: how much loss does the whole text have, how many bits is a nat, how "
        "many bytes is the text?",
        "The loss of the whole text is the sum over its tokens. One nat is 1 / ln 2 bits.",
        'Bytes are not characters: "é" is one character and two bytes. text.encode() gives the '
        "bytes in UTF-8.",
    ),
)
def bits_per_byte_of(losses: torch.Tensor, text: str) -> torch.Tensor:
    """Bits per byte: a loss that does not depend on the tokenizer.

    losses: the loss of every token of the text, in nats, shape (pos,).
    text: the text that these tokens spell. Bytes are those of its UTF-8 form.
    Returns the bits per byte: a tensor with one number, shape ().
    """
    bits = losses.sum() / math.log(2)
    return bits / len(text.encode("utf-8"))


@bits_per_byte_of.also_right
def _mean_times_tokens(losses: Tensor, text: str) -> float:
    n_bytes = sum(len(character.encode()) for character in text)
    return float(losses.mean()) / math.log(2) * len(losses) / n_bytes


@bits_per_byte_of.also_right
def _log_two_of_probabilities(losses: Tensor, text: str) -> Tensor:
    return -(losses.double().neg().exp().log2()).sum() / len(bytes(text, "utf-8"))


@bits_per_byte_of.also_right
def _numpy_sum(losses: Tensor, text: str) -> np.floating:
    return np.sum(losses.numpy()) * np.log2(np.e) / len(text.encode())


@bits_per_byte_of.wrong(
    "Characters or bytes? Outside of English a character is often two, three or four bytes."
)
def _per_character(losses: Tensor, text: str) -> Tensor:
    return losses.sum() / math.log(2) / len(text)


@bits_per_byte_of.wrong(
    "Nats or bits? The losses have the natural logarithm: divide by the logarithm of 2."
)
def _nats(losses: Tensor, text: str) -> Tensor:
    return losses.sum() / len(text.encode())


@bits_per_byte_of.wrong(
    "Times or divided by ln 2? A bit is less than a nat, so the number of bits is the larger one."
)
def _times_log_two(losses: Tensor, text: str) -> Tensor:
    return losses.sum() * math.log(2) / len(text.encode())


@bits_per_byte_of.wrong(
    "Per token or per byte? These are bits per token: the text's bytes do not count here."
)
def _per_token(losses: Tensor, text: str) -> Tensor:
    return losses.mean() / math.log(2)


@bits_per_byte_of.wrong(
    "Mean or sum? Divided by the tokens and by the bytes is once too often: take the sum."
)
def _mean_per_byte(losses: Tensor, text: str) -> Tensor:
    return losses.mean() / math.log(2) / len(text.encode())


@bits_per_byte_of.wrong(
    "Per word or per byte? Words are as little comparable as tokens: count the bytes."
)
def _per_word(losses: Tensor, text: str) -> Tensor:
    return losses.sum() / math.log(2) / len(text.split())


@bits_per_byte_of.wrong("Bits per byte or bytes per bit? It is upside down.")
def _upside_down(losses: Tensor, text: str) -> Tensor:
    return len(text.encode()) / (losses.sum() / math.log(2))


@bits_per_byte_of.inputs
def _losses_and_texts(rng: torch.Generator) -> Iterator[tuple[Tensor, str]]:
    yield torch.tensor([2.0, 1.0]), "a café"
    texts = (
        "The cat sat.",
        "Ein Kätzchen saß da",
        "猫が座った。",
        "naïve 🐈 façade",
        "x",
        "Кот",
        "two\nlines\n",
        "€" * 30,
    )
    for number, text in enumerate(texts):
        tokens = max(1, len(text) // (1 + number % 4))
        yield torch.rand(tokens, generator=rng) * 9, text
        yield torch.rand(tokens + 3, generator=rng) * 0.02 + 0.001, text


# 02.4


@exercise(
    "02.4",
    minutes=5,
    rtol=0.02,  # 5.4 is read well enough
    constants={50_000: (32_000, 40_000, 64_000, 80_000), 12.5: (12.0, 12.8, 13.4, 14.2, 14.5)},
    hints=(
        "A loss becomes a number of equal choices by e to its power. Do that first.",
        "A model that knows nothing picks among as many equal choices as there are tokens. "
        "Compare the two numbers.",
        "How many times as many is a division: the perplexity by the size of the vocabulary.",
    ),
)
def answer_02_4() -> float:
    """Read a loss.

    A model with a vocabulary of 50,000 tokens is about to be trained. At the very first
    step, its loss is 12.5. How many times as large is its perplexity as that of a model
    that knows nothing and says so? Give the factor, as a number or as a calculation.
    """
    # Above 1: it does worse than if it knew nothing. Before any training, that means
    #     something is broken.
    return math.exp(12.5) / 50_000


@answer_02_4.also_right
def _rounded() -> float:
    return 5.4


@answer_02_4.also_right
def _difference_of_losses() -> Tensor:
    return torch.tensor(12.5 - math.log(50_000)).exp()


@answer_02_4.also_right
def _numpy_value() -> np.floating:
    return np.exp(12.5) / 5e4


@answer_02_4.wrong(
    "That is its perplexity. How many times as large is it as that of a model that knows nothing?"
)
def _perplexity_alone() -> float:
    return math.exp(12.5)


@answer_02_4.wrong(
    "That compares the two losses. A ratio of losses means nothing: make perplexities of them "
    "first."
)
def _ratio_of_losses() -> float:
    return 12.5 / math.log(50_000)


@answer_02_4.wrong(
    "That is how far the loss is above ln 50000. A difference of losses is a factor: one exp is "
    "missing."
)
def _difference() -> float:
    return 12.5 - math.log(50_000)


@answer_02_4.wrong("It is upside down: the model is *more* unsure than one that knows nothing.")
def _inverse() -> float:
    return 50_000 / math.exp(12.5)


@answer_02_4.wrong(
    "With base 2 it would be so. Losses have the natural logarithm: take e to the power of the "
    "loss."
)
def _power_of_two() -> float:
    return 2**12.5 / 50_000


@answer_02_4.wrong(
    "That is the loss of a model that knows nothing. The factor between the perplexities is asked "
    "for."
)
def _loss_of_knowing_nothing() -> float:
    return math.log(50_000)


@answer_02_4.wrong(
    "That is the size of the vocabulary: the perplexity of a model that knows nothing. Compare "
    "with it."
)
def _vocabulary() -> int:
    return 50_000
