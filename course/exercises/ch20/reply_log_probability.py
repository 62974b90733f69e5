"""Exercise 20.1: the log-probability of a reply: how likely is it, given its prompt?"""

import math
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "20.1",
    minutes=8,
    hints=(
        "Which logits judge the first token of the reply? Those of the position before it, which "
        "is the last one of the prompt. So logits[:-1] belong to ids[1:]. And to which part of the "
        "mask?",
        "log_p = logits[:-1].log_softmax(dim=-1) has the shape (pos - 1, vocab). In each row take "
        "the token that came: log_p.gather(1, ids[1:, None])[:, 0], or log_p[torch.arange(len(ids) "
        "- 1), ids[1:]].",
        "What you have now is about the tokens ids[1:], so is_reply[1:] says which of them to "
        "keep. Index with it and add up: of_tokens[is_reply[1:]].sum().",
    ),
)
def reply_log_probability(
    logits: torch.Tensor, ids: torch.Tensor, is_reply: torch.Tensor
) -> torch.Tensor:
    """The log-probability of a reply: how likely is it, given its prompt?

    It is the sum of log P(token | all before it) over the tokens of the reply. The
    logits at a position judge the token that comes next.

    logits: scores, shape (pos, vocab), anything from -1000 to 1000.
    ids: the tokens: a prompt, the reply, and perhaps padding after it, shape (pos,).
    is_reply: True where the token belongs to the reply, shape (pos,). The prompt has at
        least one token, and so has the reply.
    Returns the log-probability, natural logarithm: a tensor with one number, shape ().
    """
    log_p = logits[:-1].log_softmax(dim=-1)  # row i is about token i + 1
    of_tokens = log_p.gather(1, ids[1:, None])[:, 0]  # (pos - 1,)
    return of_tokens[is_reply[1:]].sum()


@reply_log_probability.also_right
def _library_with_ignored_tokens(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return -F.cross_entropy(logits[:-1], ids.where(is_reply, -100)[1:], reduction="sum")


@reply_log_probability.also_right
def _position_by_position(logits: Tensor, ids: Tensor, is_reply: Tensor) -> float:
    total, scores = 0.0, logits.tolist()
    for t in range(len(ids)):
        if is_reply[t]:
            largest = max(scores[t - 1])
            powers = math.fsum(math.exp(score - largest) for score in scores[t - 1])
            total += scores[t - 1][ids[t]] - largest - math.log(powers)
    return total


@reply_log_probability.also_right
def _logits_rolled(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    # the row that comes to the front from the end is never used
    judges = logits.roll(1, dims=0)
    of_tokens = judges[torch.arange(len(ids)), ids] - judges.logsumexp(dim=1)
    return (of_tokens * is_reply).sum()


@reply_log_probability.also_right
def _places_of_the_reply(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    places = is_reply.nonzero()[:, 0]
    return torch.log_softmax(logits.double(), dim=1)[places - 1, ids[places]].sum()


@reply_log_probability.also_right
def _numpy_one_hot(logits: Tensor, ids: Tensor, is_reply: Tensor) -> np.float64:
    z = logits.numpy()[:-1].astype(np.float64)
    log_p = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    came = np.eye(z.shape[1])[ids.numpy()[1:]] * is_reply.numpy()[1:, None]
    return np.sum(came * log_p)


def _of_tokens(logits: Tensor, ids: Tensor) -> Tensor:
    """The log-probabilities of ids[1:], (pos - 1,): right, and still without a mask."""
    return logits[:-1].log_softmax(dim=-1).gather(1, ids[1:, None])[:, 0]


def _of_reply(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    """The right log-probability of each token of the reply."""
    return _of_tokens(logits, ids)[is_reply[1:]]


@reply_log_probability.wrong(
    "Which logits judge a token? Those of the position before it. Here each token is judged by its "
    "own position, which has read it already and says what comes next."
)
def _not_shifted(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return logits.log_softmax(dim=-1).gather(1, ids[:, None])[:, 0][is_reply].sum()


@reply_log_probability.wrong(
    "In which direction are logits and tokens shifted? Here a token is judged by the position "
    "after it. logits[:-1] belong to ids[1:], and not the other way."
)
def _shifted_the_wrong_way(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return logits[1:].log_softmax(dim=-1).gather(1, ids[:-1, None])[:, 0][is_reply[:-1]].sum()


@reply_log_probability.wrong(
    "To which token does a place of the mask belong? The log-probabilities are about ids[1:], so "
    "the mask has to be is_reply[1:]. With is_reply[:-1] the first token of the reply is lost, and "
    "one after the reply may come in."
)
def _mask_of_the_judging_position(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return _of_tokens(logits, ids)[is_reply[:-1]].sum()


@reply_log_probability.wrong(
    "Are logits, tokens and mask cut alike? Logits and mask are right here. The tokens are those "
    "of one place earlier: take ids[1:]."
)
def _tokens_one_place_early(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return logits[:-1].log_softmax(dim=-1).gather(1, ids[:-1, None])[:, 0][is_reply[1:]].sum()


@reply_log_probability.wrong(
    "Who judges the first token of the reply? The last position of the prompt. That token is "
    "missing here: cut out the reply after shifting, and not before."
)
def _first_token_left_out(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return _of_reply(logits, ids, is_reply)[1:].sum()


@reply_log_probability.wrong(
    "Does the last token of the reply count? It does: to end is a decision, too. It is missing "
    "here."
)
def _last_token_left_out(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return _of_reply(logits, ids, is_reply)[:-1].sum()


@reply_log_probability.wrong(
    "What is the mask for? Here the prompt counts as well, and so does the padding. Nobody asks "
    "how likely the question was."
)
def _everything_counts(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return _of_tokens(logits, ids).sum()


@reply_log_probability.wrong(
    "Does the reply go on to the end of ids? There may be padding after it, and here it counts. "
    "Use the mask itself, not only its first True."
)
def _padding_counts(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return _of_tokens(logits, ids)[is_reply[1:].long().cumsum(dim=0) > 0].sum()


@reply_log_probability.wrong(
    "Which side of the mask is the reply? True. These are the prompt and the padding."
)
def _mask_turned_round(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return _of_tokens(logits, ids)[~is_reply[1:]].sum()


@reply_log_probability.wrong(
    "Sum or mean? Probabilities of tokens are multiplied along a reply, so their logarithms are "
    "added. A mean is the log-probability of one average token."
)
def _mean_of_the_reply(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return _of_reply(logits, ids, is_reply).mean()


@reply_log_probability.wrong(
    "Why divide by all positions? The log-probability of a reply is a plain sum."
)
def _divided_by_all_positions(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return _of_reply(logits, ids, is_reply).sum() / (len(ids) - 1)


@reply_log_probability.wrong(
    "One number, or one for each token? The sum over the reply is missing."
)
def _not_added_up(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return _of_reply(logits, ids, is_reply)


@reply_log_probability.wrong("Can a log-probability be above 0? This has a minus: it is a loss.")
def _minus_log_probability(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return -_of_reply(logits, ids, is_reply).sum()


@reply_log_probability.wrong(
    "Is this the loss of a text? Yes, of the reply alone: a mean, with a minus. Its "
    "log-probability is the sum, and has no minus."
)
def _loss_of_the_reply(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return -_of_reply(logits, ids, is_reply).mean()


@reply_log_probability.wrong(
    "Which logits judge a token, and are its log-probabilities added or averaged? Those of the "
    "position before it do, and they are added. Here nothing is shifted, and there is a mean."
)
def _mean_and_not_shifted(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return logits.log_softmax(dim=-1).gather(1, ids[:, None])[:, 0][is_reply].mean()


@reply_log_probability.wrong(
    "What is added up here? Probabilities, without a logarithm. One token and then another one "
    "have the product of their probabilities, and the logarithm makes a sum of it."
)
def _probabilities_added(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return _of_reply(logits, ids, is_reply).exp().sum()


@reply_log_probability.wrong(
    "In which order? First the logarithm of each probability, then the sum. This is the logarithm "
    "of a sum: the chance of one token or another one, where you want one and the other."
)
def _log_of_the_sum(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return _of_reply(logits, ids, is_reply).logsumexp(dim=0)


@reply_log_probability.wrong(
    "In which order? First the logarithm at each token. This averages probabilities before."
)
def _log_of_the_mean(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    of_reply = _of_reply(logits, ids, is_reply)
    return of_reply.logsumexp(dim=0) - math.log(len(of_reply))


@reply_log_probability.wrong(
    "A probability, or its logarithm? The product of many small numbers is soon rounded to 0. "
    "Leave it as a logarithm."
)
def _probability_of_the_reply(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return _of_reply(logits, ids, is_reply).sum().exp()


@reply_log_probability.wrong(
    "Are logits log-probabilities? Not before a log_softmax, and that is missing."
)
def _logits_added(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return logits[:-1].gather(1, ids[1:, None])[:, 0][is_reply[1:]].sum()


@reply_log_probability.wrong(
    "What is the logarithm of a probability that was rounded to 0? Minus infinity, however likely "
    "the other tokens are. Take log_softmax instead of log after softmax."
)
def _softmax_and_log(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return logits[:-1].softmax(dim=-1).gather(1, ids[1:, None])[:, 0][is_reply[1:]].log().sum()


@reply_log_probability.wrong(
    "Does a tiny number inside the logarithm help? It hides how unlikely a token was. Take "
    "log_softmax instead."
)
def _tiny_number_in_the_log(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return (_of_reply(logits, ids, is_reply).exp() + 1e-8).log().sum()


@reply_log_probability.wrong(
    "What is exp of a score in the hundreds? Infinite, and inf / inf is NaN. Take log_softmax, "
    "which copes with that."
)
def _powers_that_overflow(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    powers = logits[:-1].exp()
    p = powers / powers.sum(dim=-1, keepdim=True)
    return p.gather(1, ids[1:, None])[:, 0][is_reply[1:]].log().sum()


@reply_log_probability.wrong(
    "Along which axis do the probabilities add up to 1? Along the vocabulary, the last axis. Here "
    "it is the positions."
)
def _softmax_over_positions(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return logits.log_softmax(dim=0)[:-1].gather(1, ids[1:, None])[:, 0][is_reply[1:]].sum()


@reply_log_probability.wrong(
    "Over what does the softmax run? Over the vocabulary at one position. Here it runs over all "
    "tokens that came."
)
def _softmax_over_what_came(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return logits[:-1].gather(1, ids[1:, None])[:, 0].log_softmax(dim=0)[is_reply[1:]].sum()


@reply_log_probability.wrong(
    "Whose probability counts? That of the token that came. This takes the likeliest ones."
)
def _likeliest_tokens(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return logits[:-1].log_softmax(dim=-1).amax(dim=-1)[is_reply[1:]].sum()


@reply_log_probability.wrong(
    "Which logarithm is it? This one has base 2 and counts bits. Take the natural one: nats."
)
def _in_bits(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return _of_reply(logits, ids, is_reply).sum() / math.log(2)


@reply_log_probability.wrong(
    "What went into the log_softmax? Probabilities here, which have been through a softmax. Give "
    "it the logits."
)
def _softmax_twice(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return _of_reply(logits.softmax(dim=-1), ids, is_reply).sum()


def _reply(
    prompt: int, reply: int, padding: int, vocab: int, size: float, rng: torch.Generator
) -> tuple[Tensor, ...]:
    """Arguments with a reply that is not certain, so that rounding is small beside its
    log-probability.
    """
    pos = prompt + reply + padding
    is_reply = torch.tensor([False] * prompt + [True] * reply + [False] * padding)
    while True:
        draw = torch.randn if size < 100 else torch.rand
        logits = draw(pos, vocab, generator=rng) * size
        logits = logits if size < 100 else (logits * 2 - size).round()
        ids = torch.randint(1, vocab, (pos,), generator=rng)
        ids[pos - padding :] = 0
        if _of_reply(logits, ids, is_reply).sum() < -0.5:
            return logits, ids, is_reply


@reply_log_probability.inputs
def _replies(rng: torch.Generator) -> Iterator[tuple[Tensor, ...]]:
    logits = torch.tensor([[0.0, 2.0], [1.0, 0.0], [3.0, 0.0]])
    yield logits, torch.tensor([0, 1, 0]), torch.tensor([False, True, True])
    yield logits, torch.tensor([0, 1, 1]), torch.tensor([False, False, True])
    for prompt, reply, padding in (
        (1, 2, 0),
        (3, 1, 0),
        (2, 4, 3),
        (4, 6, 1),
        (5, 2, 2),
        (1, 1, 1),
        (3, 9, 0),
    ):
        for vocab, size in ((4, 1.0), (7, 3.0), (30, 1.0)):
            yield _reply(prompt, reply, padding, vocab, size, rng)
    for prompt, reply, padding in ((2, 3, 0), (4, 5, 2), (1, 2, 1), (3, 1, 2)):
        yield _reply(prompt, reply, padding, 9, 1000.0, rng)
