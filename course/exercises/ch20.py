"""Exercises of chapter 20: how likely a reply is, learning from comparisons, the
distance to the reference, PPO, DPO and GRPO."""

import math
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise

# 20.1


@exercise(
    "20.1",
    minutes=8,
    hints=(
        "Which logits judge the first token of the reply? Those of the position before it, which "
        "is the last one of "
        "the prompt. So logits[:-1] belong to ids[1:]. And to which part of the mask?",
        "log_p = logits[:-1].log_softmax(dim=-1) has the shape (pos - 1, vocab). In each row take "
        "the token that came: "
        "log_p.gather(1, ids[1:, None])[:, 0], or log_p[torch.arange(len(ids) - 1), ids[1:]].",
        "What you have now is about the tokens ids[1:], so is_reply[1:] says which of them to "
        "keep. Index with it and "
        "add up: of_tokens[is_reply[1:]].sum().",
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
    "Which logits judge a token? Those of the position before it. Here each token is judged by "
    "its own position, which "
    "has read it already and says what comes next."
)
def _not_shifted(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return logits.log_softmax(dim=-1).gather(1, ids[:, None])[:, 0][is_reply].sum()


@reply_log_probability.wrong(
    "In which direction are logits and tokens shifted? Here a token is judged by the position "
    "after it. logits[:-1] "
    "belong to ids[1:], and not the other way."
)
def _shifted_the_wrong_way(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return logits[1:].log_softmax(dim=-1).gather(1, ids[:-1, None])[:, 0][is_reply[:-1]].sum()


@reply_log_probability.wrong(
    "To which token does a place of the mask belong? The log-probabilities are about ids[1:], so "
    "the mask has to be "
    "is_reply[1:]. With is_reply[:-1] the first token of the reply is lost, and one after the "
    "reply may come in."
)
def _mask_of_the_judging_position(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return _of_tokens(logits, ids)[is_reply[:-1]].sum()


@reply_log_probability.wrong(
    "Are logits, tokens and mask cut alike? Logits and mask are right here. The tokens are those "
    "of one place earlier: "
    "take ids[1:]."
)
def _tokens_one_place_early(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return logits[:-1].log_softmax(dim=-1).gather(1, ids[:-1, None])[:, 0][is_reply[1:]].sum()


@reply_log_probability.wrong(
    "Who judges the first token of the reply? The last position of the prompt. That token is "
    "missing here: cut out the "
    "reply after shifting, and not before."
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
    "how likely the "
    "question was."
)
def _everything_counts(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return _of_tokens(logits, ids).sum()


@reply_log_probability.wrong(
    "Does the reply go on to the end of ids? There may be padding after it, and here it counts. "
    "Use the mask itself, "
    "not only its first True."
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
    "added. A mean is the "
    "log-probability of one average token."
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
    "log-probability is the sum, and "
    "has no minus."
)
def _loss_of_the_reply(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return -_of_reply(logits, ids, is_reply).mean()


@reply_log_probability.wrong(
    "Which logits judge a token, and are its log-probabilities added or averaged? Those of the "
    "position before it do, "
    "and they are added. Here nothing is shifted, and there is a mean."
)
def _mean_and_not_shifted(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return logits.log_softmax(dim=-1).gather(1, ids[:, None])[:, 0][is_reply].mean()


@reply_log_probability.wrong(
    "What is added up here? Probabilities, without a logarithm. One token and then another one "
    "have the product of "
    "their probabilities, and the logarithm makes a sum of it."
)
def _probabilities_added(logits: Tensor, ids: Tensor, is_reply: Tensor) -> Tensor:
    return _of_reply(logits, ids, is_reply).exp().sum()


@reply_log_probability.wrong(
    "In which order? First the logarithm of each probability, then the sum. This is the logarithm "
    "of a sum: the chance "
    "of one token or another one, where you want one and the other."
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
    "the other tokens "
    "are. Take log_softmax instead of log after softmax."
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


# 20.2


@exercise(
    "20.2",
    minutes=6,
    hints=(
        "How much better is the chosen one? chosen - rejected, one number for each pair. Its "
        "sigmoid is the chance "
        "that people choose as they did, and the loss is minus the logarithm of that.",
        "The sigmoid of -1000 is rounded to 0, and log(0) is minus infinity. There is a function "
        "for both in one step: "
        "torch.nn.functional.logsigmoid.",
        "So: -torch.nn.functional.logsigmoid(chosen - rejected), and then the mean over the pairs.",
    ),
)
def bradley_terry_loss(chosen: torch.Tensor, rejected: torch.Tensor) -> torch.Tensor:
    """The loss of a reward model on pairs of replies, of which people preferred one.

    A reward model gives each reply a number. The chance that people choose reply a over
    reply b is sigmoid(reward of a - reward of b). The loss of a pair is minus the
    natural logarithm of the chance of what they chose.

    chosen: the rewards of the replies that people chose, shape (pair,).
    rejected: the rewards of the others, shape (pair,). The difference may be from -1000
        to 1000.
    Returns the mean over the pairs: a tensor with one number, shape ().
    """
    difference = chosen - rejected
    return -torch.nn.functional.logsigmoid(difference).mean()


@bradley_terry_loss.also_right
def _library_softplus(chosen: Tensor, rejected: Tensor) -> Tensor:
    return F.softplus(rejected - chosen).mean()


@bradley_terry_loss.also_right
def _chosen_against_rejected_as_classes(chosen: Tensor, rejected: Tensor) -> Tensor:
    # (pair, 2); the right class is always 0
    both = torch.stack([chosen, rejected], dim=1)
    return F.cross_entropy(both, torch.zeros(len(both), dtype=torch.long))


@bradley_terry_loss.also_right
def _binary_with_logits(chosen: Tensor, rejected: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(chosen - rejected, torch.ones_like(chosen))


@bradley_terry_loss.also_right
def _pair_by_pair(chosen: Tensor, rejected: Tensor) -> float:
    losses = []
    for good, bad in zip(chosen.tolist(), rejected.tolist(), strict=True):
        losses.append(max(bad - good, 0) + math.log1p(math.exp(-abs(good - bad))))
    return math.fsum(losses) / len(losses)


@bradley_terry_loss.also_right
def _numpy_logaddexp(chosen: Tensor, rejected: Tensor) -> np.float32:
    return np.logaddexp(0, (rejected - chosen).numpy()).mean()


def _losses(differences: Tensor) -> Tensor:
    """The right loss of each pair."""
    return -F.logsigmoid(differences)


@bradley_terry_loss.wrong(
    "When should the loss be small? If the chosen reply has the higher reward. Here it is small "
    "if the rejected one "
    "has it: look at the sign of the difference."
)
def _reversed_pairs(chosen: Tensor, rejected: Tensor) -> Tensor:
    return _losses(rejected - chosen).mean()


@bradley_terry_loss.wrong(
    "Can this loss be negative? The logarithm of a chance is never above 0: a minus is missing."
)
def _minus_forgotten(chosen: Tensor, rejected: Tensor) -> Tensor:
    return -_losses(chosen - rejected).mean()


@bradley_terry_loss.wrong(
    "Where is the logarithm? This is minus the chance itself, and that never falls below -1."
)
def _minus_the_chance(chosen: Tensor, rejected: Tensor) -> Tensor:
    return -(chosen - rejected).sigmoid().mean()


@bradley_terry_loss.wrong(
    "Where is the logarithm? This is the chance of what people did choose. It rises as the model "
    "gets better, and a "
    "loss has to fall."
)
def _chance_of_the_chosen(chosen: Tensor, rejected: Tensor) -> Tensor:
    return (chosen - rejected).sigmoid().mean()


@bradley_terry_loss.wrong(
    "Where is the logarithm? This is the chance of the other reply. It never rises above 1, "
    "however wrong the model is."
)
def _chance_of_the_rejected(chosen: Tensor, rejected: Tensor) -> Tensor:
    return (rejected - chosen).sigmoid().mean()


@bradley_terry_loss.wrong(
    "Where did the infinity come from? exp(1000) is infinite, and sigmoid(-1000) is rounded to 0, "
    "whose logarithm is "
    "minus infinity. logsigmoid takes both in one step and copes with that."
)
def _infinite_for_large_differences(chosen: Tensor, rejected: Tensor) -> Tensor:
    return torch.log1p((rejected - chosen).exp()).mean()


@bradley_terry_loss.wrong(
    "What is exp of a reward in the hundreds? Infinite, and inf / inf is NaN. Only the difference "
    "counts: subtract "
    "before exp, or use logsigmoid."
)
def _share_of_powers(chosen: Tensor, rejected: Tensor) -> Tensor:
    return -(chosen.exp() / (chosen.exp() + rejected.exp())).log().mean()


@bradley_terry_loss.wrong(
    "Does a tiny number inside the logarithm help? No loss is infinite then, but the worst pairs "
    "all look alike. Use "
    "logsigmoid."
)
def _tiny_number_beside_the_chance(chosen: Tensor, rejected: Tensor) -> Tensor:
    return -((chosen - rejected).sigmoid() + 1e-8).log().mean()


@bradley_terry_loss.wrong(
    "May a loss be larger than 100? Here it may not: binary_cross_entropy cuts its logarithm "
    "there. The variant "
    "binary_cross_entropy_with_logits has no need to."
)
def _binary_cross_entropy_cut(chosen: Tensor, rejected: Tensor) -> Tensor:
    return F.binary_cross_entropy((chosen - rejected).sigmoid(), torch.ones_like(chosen))


@bradley_terry_loss.wrong(
    "How wrong can the model be about a pair? Here large differences are cut off, and the worst "
    "pairs look alike. "
    "logsigmoid copes with all of them."
)
def _differences_cut_off(chosen: Tensor, rejected: Tensor) -> Tensor:
    return _losses((chosen - rejected).clamp(-50, 50)).mean()


@bradley_terry_loss.wrong(
    "Sum or mean? The mean, so that the loss does not grow with the number of pairs."
)
def _sum_over_pairs(chosen: Tensor, rejected: Tensor) -> Tensor:
    return _losses(chosen - rejected).sum()


@bradley_terry_loss.wrong("One number, or one for each pair? The mean over the pairs is missing.")
def _mean_forgotten(chosen: Tensor, rejected: Tensor) -> Tensor:
    return _losses(chosen - rejected)


@bradley_terry_loss.wrong(
    "What is averaged? The losses. Here the differences are, before the sigmoid, and a pair that "
    "is wrong hides behind "
    "one that is right."
)
def _loss_of_the_mean_difference(chosen: Tensor, rejected: Tensor) -> Tensor:
    return _losses(chosen.mean() - rejected.mean())


@bradley_terry_loss.wrong(
    "What is averaged? The losses: first the logarithm for each pair, then the mean."
)
def _log_of_the_mean_chance(chosen: Tensor, rejected: Tensor) -> Tensor:
    return math.log(len(chosen)) - F.logsigmoid(chosen - rejected).logsumexp(dim=0)


@bradley_terry_loss.wrong(
    "What is left to learn about a pair that is right by far? Hardly anything. Without a sigmoid "
    "it pays to drive the "
    "rewards apart for ever."
)
def _difference_itself(chosen: Tensor, rejected: Tensor) -> Tensor:
    return (rejected - chosen).mean()


@bradley_terry_loss.wrong(
    "Does a square know which of the two was chosen? It does not: equal rewards would be best. "
    "Take minus log sigmoid."
)
def _squared_difference(chosen: Tensor, rejected: Tensor) -> Tensor:
    return (chosen - rejected).square().mean()


@bradley_terry_loss.wrong(
    "What is lost where the chosen one is ahead by more than 1? A little, still. This is a hinge "
    "with a margin of 1, "
    "which is 0 there."
)
def _hinge_with_margin(chosen: Tensor, rejected: Tensor) -> Tensor:
    return (1 - chosen + rejected).relu().mean()


@bradley_terry_loss.wrong(
    "What is the loss of a tie? Not 0: the model cannot tell the two apart. This is a hinge, with "
    "a corner where minus "
    "log sigmoid is smooth."
)
def _hinge(chosen: Tensor, rejected: Tensor) -> Tensor:
    return (rejected - chosen).relu().mean()


@bradley_terry_loss.wrong(
    "By how much is a pair right or wrong? This only counts the pairs that are wrong."
)
def _share_of_wrong_pairs(chosen: Tensor, rejected: Tensor) -> Tensor:
    return (chosen <= rejected).float().mean()


@bradley_terry_loss.wrong(
    "Does it matter which one is ahead? It does; abs forgets it, and a model that is always wrong "
    "looks perfect."
)
def _sign_of_the_difference_lost(chosen: Tensor, rejected: Tensor) -> Tensor:
    return _losses((chosen - rejected).abs()).mean()


@bradley_terry_loss.wrong(
    "Has a reward of 0 a meaning? No, only differences have. Here each reply goes through a "
    "sigmoid by itself: "
    "subtract first."
)
def _each_reply_by_itself(chosen: Tensor, rejected: Tensor) -> Tensor:
    return (_losses(chosen) + _losses(-rejected)).mean()


@bradley_terry_loss.wrong(
    "What is subtracted: rewards, or logarithms of sigmoids? The rewards. Here each has gone "
    "through log-sigmoid "
    "before."
)
def _log_sigmoids_subtracted(chosen: Tensor, rejected: Tensor) -> Tensor:
    return (_losses(chosen) - _losses(rejected)).mean()


@bradley_terry_loss.wrong(
    "Who competes with whom? The two replies of a pair. This softmax lets the pairs compete with "
    "each other."
)
def _softmax_over_pairs(chosen: Tensor, rejected: Tensor) -> Tensor:
    return -(chosen - rejected).log_softmax(dim=0).mean()


@bradley_terry_loss.wrong(
    "Which logarithm is it? This one has base 2. The natural one gives ln 2 for a tie."
)
def _loss_in_bits(chosen: Tensor, rejected: Tensor) -> Tensor:
    return _losses(chosen - rejected).mean() / math.log(2)


@bradley_terry_loss.inputs
def _rewards_of_pairs(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    yield torch.tensor([2.0]), torch.tensor([0.5])
    yield torch.tensor([0.5]), torch.tensor([2.0])
    yield torch.tensor([0.0, 3.0]), torch.tensor([0.0, 3.0])
    yield torch.tensor([-500.0, 1.0]), torch.tensor([500.0, 2.0])
    yield torch.tensor([500.0]), torch.tensor([-500.0])
    for pair in (1, 2, 5, 12):
        for spread, middle in ((1.0, 0.0), (0.2, -3.0), (3.0, 2.0), (1.0, 400.0)):
            yield tuple(torch.randn(2, pair, generator=rng) * spread + middle)
    for pair in (2, 6, 9):
        chosen, rejected = torch.randint(-500, 501, (2, pair), generator=rng).float()
        # at least one pair is wrong: a loss of nearly 0 would be all rounding
        rejected[0] = chosen[0].abs() + 7
        yield chosen, rejected


# 20.3


@exercise(
    "20.3",
    minutes=8,
    atol=1e-5,
    hints=(
        "Two log_softmax over the vocabulary give log P under the policy and under the reference. "
        "Their difference "
        "says by how much the policy prefers a token. Which tokens does the policy write, and how "
        "often?",
        "The mean over what the policy writes is a sum over the vocabulary, weighted with the "
        "policy's own "
        "probabilities: log_pi.exp() * (log_pi - log_ref).",
        "Sum that along the last axis: .sum(dim=-1). Take log_softmax, and not log of a softmax: "
        "a probability that "
        "was rounded to 0 would give 0 times infinity.",
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
    "the fraction. This is "
    "KL(reference || policy). In torch's kl_div the first argument is the reference, and the "
    "second one the policy."
)
def _other_direction(logits: Tensor, ref_logits: Tensor) -> Tensor:
    return kl_to_reference.reference(ref_logits, logits)


@kl_to_reference.wrong(
    "Can a distance be negative? The policy is on top of the fraction: turn the difference round."
)
def _negative_distance(logits: Tensor, ref_logits: Tensor) -> Tensor:
    return -kl_to_reference.reference(logits, ref_logits)


@kl_to_reference.wrong(
    "Who writes the tokens that you average over? The policy. Here the weights are the "
    "reference's probabilities."
)
def _weights_of_the_reference(logits: Tensor, ref_logits: Tensor) -> Tensor:
    return -kl_to_reference.reference(ref_logits, logits)


@kl_to_reference.wrong(
    "Do all tokens count alike? Those that the policy writes often count more. The weights are "
    "missing: this only adds "
    "up the logarithms."
)
def _weights_forgotten(logits: Tensor, ref_logits: Tensor) -> Tensor:
    _, log_pi, log_ref = _logs(logits, ref_logits)
    return (log_pi - log_ref).sum(dim=-1)


@kl_to_reference.wrong(
    "Do all tokens count alike? Those that the policy writes often count more. A plain mean over "
    "the vocabulary gives "
    "each the same weight."
)
def _plain_mean_of_logs(logits: Tensor, ref_logits: Tensor) -> Tensor:
    _, log_pi, log_ref = _logs(logits, ref_logits)
    return (log_pi - log_ref).mean(dim=-1)


@kl_to_reference.wrong(
    "How often do you divide by the number of tokens? Never: the probabilities are the weights, "
    "and they add up to 1. "
    "Take the sum, not the mean."
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
    "What is 0 times log(0)? NaN: probabilities that were rounded to 0 have no logarithm. "
    "Subtract two log_softmax."
)
def _logs_of_rounded_probabilities(logits: Tensor, ref_logits: Tensor) -> Tensor:
    pi, ref = logits.softmax(dim=-1), ref_logits.softmax(dim=-1)
    return (pi * (pi / ref).log()).sum(dim=-1)


@kl_to_reference.wrong(
    "Is the distance ever infinite? Not for finite logits. torch.distributions calls it so where "
    "a probability of the "
    "reference was rounded to 0, as unlikely as that token may be. Subtract two log_softmax."
)
def _library_distributions(logits: Tensor, ref_logits: Tensor) -> Tensor:
    pi, ref = (torch.distributions.Categorical(logits=one) for one in (logits, ref_logits))
    return torch.distributions.kl_divergence(pi, ref)


@kl_to_reference.wrong(
    "Does a tiny number inside the logarithms help? It makes a token that the reference rules out "
    "look harmless. Take "
    "log_softmax instead."
)
def _tiny_numbers_in_the_logs(logits: Tensor, ref_logits: Tensor) -> Tensor:
    pi, ref = logits.softmax(dim=-1), ref_logits.softmax(dim=-1)
    return (pi * ((pi + 1e-8).log() - (ref + 1e-8).log())).sum(dim=-1)


@kl_to_reference.wrong(
    "Are logits logarithms of probabilities? Not quite: all logits may be higher by the same "
    "number, and nothing has "
    "changed. log_softmax has to come before the difference."
)
def _difference_of_logits(logits: Tensor, ref_logits: Tensor) -> Tensor:
    return (logits.softmax(dim=-1) * (logits - ref_logits)).sum(dim=-1)


@kl_to_reference.wrong(
    "What does torch's kl_div want first? Logarithms. Here the reference's probabilities go in "
    "without one: "
    "log_softmax instead of softmax."
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
    "still 0 or more. No "
    "abs, please."
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
    "|policy - reference|, "
    "which ends at 1: logarithms are missing."
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
    "estimate from one "
    "token, and not the mean."
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


# 20.4


@exercise(
    "20.4",
    minutes=8,
    hints=(
        "The ratio of two probabilities is exp of the difference of their logarithms. It is 1 as "
        "long as the policy "
        "has not moved, and clip says how far from 1 it pays to go.",
        "Two products: ratio * advantages, and the same with the clipped ratio, ratio.clamp(1 - "
        "clip, 1 + clip). The "
        "objective is the lower of the two, token by token.",
        "torch.minimum compares two tensors element by element. It comes after both products: "
        "with a negative "
        "advantage the larger ratio gives the lower product.",
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
    "lower. This takes the "
    "higher, and a policy that runs away is rewarded for it."
)
def _higher_of_the_two(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    ratio = _ratio(new, old)
    return torch.maximum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)


@clipped_objective.wrong(
    "What if the policy has moved the wrong way, and far? Then it must be able to turn back, and "
    "the ratio as it is "
    "says so. Here the clipped one alone is left: the minimum is missing."
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
    "logarithms, which is 0 then: "
    "exp is missing."
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
    "advantage the lower "
    "ratio gives the higher product, and tokens that should become rarer are treated the wrong "
    "way round."
)
def _lower_ratio_first(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    ratio = _ratio(new, old)
    return torch.minimum(ratio, ratio.clamp(1 - clip, 1 + clip)) * advantages


@clipped_objective.wrong(
    "Is the minimum for good tokens only? For all. Here a token with a negative advantage has the "
    "clipped product, so "
    "nothing pulls the policy back if such a token has become likelier."
)
def _minimum_for_good_tokens_only(
    new: Tensor, old: Tensor, advantages: Tensor, clip: float
) -> Tensor:
    ratio = _ratio(new, old)
    clipped = ratio.clamp(1 - clip, 1 + clip)
    return torch.where(advantages > 0, _lower(ratio, clipped, advantages), clipped * advantages)


@clipped_objective.wrong(
    "Is a token with a negative advantage clipped? It is, too: below 1 - clip nothing more is "
    "gained. Here only those "
    "with a positive one are."
)
def _bad_tokens_never_clipped(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    ratio = _ratio(new, old)
    clipped = ratio.clamp(max=1 + clip)
    return _lower(ratio, clipped, advantages)


@clipped_objective.wrong(
    "Which bounds has the ratio? Two: here the upper one is missing, and a good token pays "
    "however likely it gets."
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
    "logarithms is, and exp "
    "comes after it."
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
    "lower of them is "
    "taken: an optimist. The objective has no minus, and then the lower one is right."
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
    "What is left of a token beyond the bounds? Its objective stays where the bound is. Here it "
    "is 0, and a bad move "
    "looks better than a small one."
)
def _zero_beyond_the_bounds(new: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    ratio = _ratio(new, old)
    return torch.where((ratio - 1).abs() <= clip, ratio * advantages, 0.0)


@clipped_objective.wrong(
    "Where is the old policy? The tokens were sampled from it, and the ratio corrects for that. "
    "This is REINFORCE: "
    "log-probability times advantage."
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
    "divided by their "
    "standard deviation: that may be done before, and not in this function."
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


# 20.5


@exercise(
    "20.5",
    minutes=8,
    hints=(
        "How much more does the policy like a reply than the reference does? Subtract the "
        "log-probabilities, the same "
        "reply under both: chosen - ref_chosen, and rejected - ref_rejected.",
        "Times beta, these are the two rewards of a Bradley-Terry loss: minus log sigmoid of the "
        "reward of the chosen "
        "reply less that of the rejected one.",
        "beta belongs inside the sigmoid. torch.nn.functional.logsigmoid takes sigmoid and "
        "logarithm in one step, and "
        "nothing overflows. Minus that, and the mean over the pairs.",
    ),
)
def dpo_loss(
    chosen: torch.Tensor,
    rejected: torch.Tensor,
    ref_chosen: torch.Tensor,
    ref_rejected: torch.Tensor,
    beta: float,
) -> torch.Tensor:
    """The loss of DPO: learning from comparisons, without a reward model.

    The policy is its own reward model: a reply's reward is beta * log(P(reply) under
    the policy / P(reply) under the reference). The loss of a pair is minus the natural
    logarithm of sigmoid(reward of the chosen reply - reward of the rejected one).

    chosen, rejected: the policy's log-probabilities of both replies of each pair, shape
        (pair,).
    ref_chosen, ref_rejected: the reference's, of the same replies, shape (pair,).
    beta: above 0. The rewards of a pair may differ by as much as 1000.
    Returns the mean over the pairs: a tensor with one number, shape (). It is ln 2 if
    the policy and the reference are the same.
    """
    reward_of_chosen = beta * (chosen - ref_chosen)
    reward_of_rejected = beta * (rejected - ref_rejected)
    return -torch.nn.functional.logsigmoid(reward_of_chosen - reward_of_rejected).mean()


@dpo_loss.also_right
def _policy_and_reference_by_themselves(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return F.softplus(-beta * ((chosen - rejected) - (ref_chosen - ref_rejected))).mean()


@dpo_loss.also_right
def _two_classes(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    rewards = torch.stack([chosen - ref_chosen, rejected - ref_rejected], dim=1).double() * beta
    return -rewards.log_softmax(dim=1)[:, 0].mean()


@dpo_loss.also_right
def _one_pair_after_the_other(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> float:
    total = 0.0
    for c, r, ref_c, ref_r in zip(
        *map(Tensor.tolist, (chosen, rejected, ref_chosen, ref_rejected)), strict=True
    ):
        margin = beta * (c - ref_c - r + ref_r)
        total += math.log1p(math.exp(-abs(margin))) - min(margin, 0)
    return total / len(chosen)


@dpo_loss.also_right
def _numpy_logaddexp_of_margins(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> np.float64:
    c, r, ref_c, ref_r = (
        one.numpy().astype(np.float64) for one in (chosen, rejected, ref_chosen, ref_rejected)
    )
    return np.mean(np.logaddexp(0, beta * (ref_c - c) - beta * (ref_r - r)))


@dpo_loss.also_right
def _binary_with_soft_ones(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    margins = (chosen - ref_chosen - (rejected - ref_rejected)) * beta
    return F.binary_cross_entropy_with_logits(margins, torch.ones(len(margins)))


def _margins(chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor) -> Tensor:
    """The difference of the two log-ratios of each pair, (pair,), without beta."""
    return (chosen - ref_chosen) - (rejected - ref_rejected)


@dpo_loss.wrong(
    "Where is the reference? Without it the loss asks for likely replies, and not for replies "
    "that have become "
    "likelier: subtract its log-probabilities."
)
def _reference_forgotten(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(beta * (chosen - rejected)).mean()


@dpo_loss.wrong(
    "What are the rewards? beta times the log-ratio of policy and reference. Here neither beta "
    "nor the reference is in "
    "them: log-probabilities alone."
)
def _reference_and_beta_forgotten(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(chosen - rejected).mean()


@dpo_loss.wrong(
    "What is the loss if policy and reference agree? ln 2, because their difference is 0. Here "
    "the reference is added: "
    "its sign is wrong, or ref_chosen and ref_rejected have changed places."
)
def _reference_added(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(beta * (chosen - rejected + ref_chosen - ref_rejected)).mean()


@dpo_loss.wrong(
    "When should the loss be small? If the chosen reply has gained more than the rejected one. "
    "Here it is the other "
    "way: have chosen and rejected changed places, or policy and reference?"
)
def _pairs_reversed(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(-beta * _margins(chosen, rejected, ref_chosen, ref_rejected)).mean()


@dpo_loss.wrong(
    "Where does beta belong? Into the rewards, inside the sigmoid. Here it only makes the whole "
    "loss smaller or larger."
)
def _beta_outside(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return beta * _losses(_margins(chosen, rejected, ref_chosen, ref_rejected)).mean()


@dpo_loss.wrong("Where is beta? It is missing here: a reward is beta times a log-ratio.")
def _beta_forgotten(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(_margins(chosen, rejected, ref_chosen, ref_rejected)).mean()


@dpo_loss.wrong(
    "Is beta a temperature? Nearly: but the log-ratios are multiplied by it, and not divided."
)
def _divided_by_beta(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(_margins(chosen, rejected, ref_chosen, ref_rejected) / beta).mean()


@dpo_loss.wrong(
    "Whose log-probabilities does beta multiply? Both. Here the policy's alone: a bracket is "
    "missing."
)
def _beta_for_the_policy_alone(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(beta * (chosen - rejected) - (ref_chosen - ref_rejected)).mean()


@dpo_loss.wrong(
    "Which reply's reward has beta in it? Both. Here that of the chosen one alone: a bracket is "
    "missing."
)
def _beta_for_the_chosen_alone(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(beta * (chosen - ref_chosen) - (rejected - ref_rejected)).mean()


@dpo_loss.wrong(
    "What is averaged? The losses. Here the differences of the rewards are, before the sigmoid, "
    "and a pair that is "
    "wrong hides behind one that is right."
)
def _mean_before_the_sigmoid(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(beta * _margins(chosen, rejected, ref_chosen, ref_rejected).mean())


@dpo_loss.wrong("What is averaged? The losses: first the logarithm for each pair, then the mean.")
def _log_of_the_mean_of_chances(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    margins = beta * _margins(chosen, rejected, ref_chosen, ref_rejected)
    return math.log(len(margins)) - F.logsigmoid(margins).logsumexp(dim=0)


@dpo_loss.wrong(
    "Can this loss be negative? The logarithm of a chance is never above 0: a minus is missing."
)
def _no_minus(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return -_losses(beta * _margins(chosen, rejected, ref_chosen, ref_rejected)).mean()


@dpo_loss.wrong("Sum or mean? The mean, so that the loss does not grow with the number of pairs.")
def _sum_of_pairs(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(beta * _margins(chosen, rejected, ref_chosen, ref_rejected)).sum()


@dpo_loss.wrong("One number, or one for each pair? The mean over the pairs is missing.")
def _each_pair(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(beta * _margins(chosen, rejected, ref_chosen, ref_rejected))


@dpo_loss.wrong(
    "Where is the logarithm? This is minus the chance itself, and that never falls below -1."
)
def _sigmoid_without_log(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return -(beta * _margins(chosen, rejected, ref_chosen, ref_rejected)).sigmoid().mean()


@dpo_loss.wrong(
    "Where did the infinity come from? Either a sigmoid was rounded to 0 before its logarithm was "
    "taken, or exp of a "
    "large number came before it. logsigmoid takes both in one step."
)
def _sigmoid_then_log(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return -(beta * _margins(chosen, rejected, ref_chosen, ref_rejected)).sigmoid().log().mean()


@dpo_loss.wrong(
    "A ratio, or its logarithm? A reward is beta times the logarithm of the ratio. Here exp has "
    "undone the logarithm."
)
def _ratios_for_log_ratios(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(beta * ((chosen - ref_chosen).exp() - (rejected - ref_rejected).exp())).mean()


@dpo_loss.wrong(
    "Are these probabilities? They are logarithms: a ratio of probabilities is a difference of "
    "these."
)
def _log_probabilities_divided(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(beta * (chosen / ref_chosen - rejected / ref_rejected)).mean()


@dpo_loss.wrong(
    "What became of the rejected reply? It is missing: the rewards of both replies are compared."
)
def _rejected_forgotten(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(beta * (chosen - ref_chosen)).mean()


@dpo_loss.wrong(
    "Does each reply stand for itself? The two of a pair are compared. Here each reward has a "
    "sigmoid of its own: "
    "subtract first."
)
def _a_sigmoid_for_each_reply(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return (
        _losses(beta * (chosen - ref_chosen)) + _losses(-beta * (rejected - ref_rejected))
    ).mean()


@dpo_loss.wrong(
    "Where is the sigmoid? This is minus the difference of the rewards, and it has no lower end."
)
def _reward_difference_itself(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return -beta * _margins(chosen, rejected, ref_chosen, ref_rejected).mean()


@dpo_loss.wrong(
    "What is lost where the chosen reply leads by more than 1? A little, still. This is a hinge."
)
def _hinge_of_rewards(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return (1 - beta * _margins(chosen, rejected, ref_chosen, ref_rejected)).relu().mean()


@dpo_loss.wrong(
    "A square, or a log sigmoid? This is the loss of IPO, which holds the margin near 1 / (2 beta)."
)
def _ipo(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return (_margins(chosen, rejected, ref_chosen, ref_rejected) - 1 / (2 * beta)).square().mean()


@dpo_loss.wrong(
    "Which logarithm is it? This one has base 2, and gives 1 where the natural one gives ln 2."
)
def _dpo_in_bits(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return dpo_loss.reference(chosen, rejected, ref_chosen, ref_rejected, beta) / math.log(2)


@dpo_loss.wrong(
    "By how much does each pair differ? This only counts the pairs that the policy has the wrong "
    "way round."
)
def _pairs_counted(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return (_margins(chosen, rejected, ref_chosen, ref_rejected) <= 0).float().mean()


@dpo_loss.inputs
def _pairs_of_replies(
    rng: torch.Generator,
) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor, float]]:
    yield *(torch.tensor([one]) for one in (-4.0, -9.0, -6.0, -8.0)), 0.5
    yield *(torch.tensor([one]) for one in (-9.0, -4.0, -8.0, -6.0)), 0.5
    # the policy is the reference
    yield *(torch.tensor([one, -7.0]) for one in (-5.0, -3.0, -5.0, -3.0)), 0.1
    for pair in (1, 2, 3, 8):
        for beta, moved in ((0.1, 3.0), (0.5, 1.0), (0.05, 20.0), (1.0, 2.0), (0.2, 5.0)):
            ref = torch.rand(2, pair, generator=rng) * -50 - 5
            now = (ref + torch.randn(2, pair, generator=rng) * moved).clamp(max=-0.5)
            yield *now, *ref, beta
    # replies of many tokens, and a policy that is far away
    for pair, beta in ((1, 0.5), (2, 0.4), (6, 0.8)):
        ref, now = torch.randint(-600, -1, (2, 2, pair), generator=rng).float()
        # at least one pair is wrong, and its loss is not nearly 0
        now[0, 0] = ref[0, 0] + now[1, 0] - ref[1, 0] - 300
        yield *now, *ref, beta


# 20.6


@exercise(
    "20.6",
    minutes=6,
    hints=(
        "Each row is a group: mean and standard deviation run along its members, so dim=1. How "
        "does a tensor of one "
        "number for each group fit the members again?",
        "With keepdim=True, rewards.mean(dim=1, keepdim=True) has the shape (group, 1), and can "
        "be subtracted from "
        "each member. rewards.std(dim=1, keepdim=True) likewise: it divides by members - 1 by "
        "itself.",
        "Take off the mean first, in brackets, and divide by (standard deviation + 1e-4). With "
        "equal rewards this is "
        "0 / 1e-4, which is 0.",
    ),
)
def group_advantages(rewards: torch.Tensor) -> torch.Tensor:
    """How much better is each reply than the others to the same prompt? The advantages
    of GRPO.

    A group is several replies to one prompt. A reply's advantage is (its reward - the
    mean of its group) / (the standard deviation of its group + 1e-4).

    The standard deviation is the one for samples: the root of the sum of squared
    deviations divided by the number of members less 1.

    rewards: one for each reply, shape (group, member), with 2 members or more.
    Returns the advantages, shape (group, member). In a group of equal rewards they are
    0.
    """
    mean = rewards.mean(dim=1, keepdim=True)  # (group, 1)
    std = rewards.std(dim=1, keepdim=True)
    return (rewards - mean) / (std + 1e-4)


@group_advantages.also_right
def _library_std_and_mean(rewards: Tensor) -> Tensor:
    std, mean = torch.std_mean(rewards.double(), dim=-1, correction=1)
    return (rewards - mean[:, None]).div(std[:, None] + 1e-4)


@group_advantages.also_right
def _from_squares(rewards: Tensor) -> Tensor:
    centred = rewards - rewards.sum(dim=1, keepdim=True) / rewards.shape[1]
    variance = centred.square().sum(dim=1, keepdim=True) / (rewards.shape[1] - 1)
    return centred / (variance.sqrt() + 1e-4)


@group_advantages.also_right
def _group_by_group(rewards: Tensor) -> Tensor:
    result = torch.empty_like(rewards)
    for row, group in enumerate(rewards):
        result[row] = (group - group.mean()) / (group.std() + 1e-4)
    return result


@group_advantages.also_right
def _numpy_turned(rewards: Tensor) -> Tensor:
    columns = rewards.numpy().T.astype(np.float64)  # (member, group)
    return torch.from_numpy(
        ((columns - columns.mean(axis=0)) / (columns.std(axis=0, ddof=1) + 1e-4)).T.copy()
    )


@group_advantages.also_right
def _plain_numbers(rewards: Tensor) -> Tensor:
    result = []
    for group in rewards.tolist():
        mean = math.fsum(group) / len(group)
        std = math.sqrt(math.fsum((reward - mean) ** 2 for reward in group) / (len(group) - 1))
        result.append([(reward - mean) / (std + 1e-4) for reward in group])
    return torch.tensor(result)


def _centred(rewards: Tensor) -> Tensor:
    return rewards - rewards.mean(dim=1, keepdim=True)


def _std(rewards: Tensor) -> Tensor:
    """The right standard deviation of each group, (group, 1)."""
    return rewards.std(dim=1, keepdim=True)


@group_advantages.wrong(
    "Which rewards form a group? Those in a row. This compares the first members of all groups "
    "with each other, then "
    "the second ones: dim=1 instead of dim=0."
)
def _down_the_columns(rewards: Tensor) -> Tensor:
    return (rewards - rewards.mean(dim=0)) / (rewards.std(dim=0) + 1e-4)


@group_advantages.wrong(
    "With whom is a reply compared? With the others to the same prompt. Here it is all replies to "
    "all prompts, and an "
    "easy prompt makes every reply look good: give mean and standard deviation an axis."
)
def _over_all_groups(rewards: Tensor) -> Tensor:
    return (rewards - rewards.mean()) / (rewards.std() + 1e-4)


@group_advantages.wrong(
    "Whose mean is taken off? That of the group. Here it is the mean of all groups."
)
def _mean_of_all_groups(rewards: Tensor) -> Tensor:
    return (rewards - rewards.mean()) / (_std(rewards) + 1e-4)


@group_advantages.wrong(
    "Whose standard deviation is it? Each group has its own. Here it is one for all groups."
)
def _spread_of_all_groups(rewards: Tensor) -> Tensor:
    return _centred(rewards) / (rewards.std() + 1e-4)


@group_advantages.wrong("Where is the standard deviation? Only the mean has been taken off so far.")
def _only_centred(rewards: Tensor) -> Tensor:
    return _centred(rewards)


@group_advantages.wrong(
    "Where is the mean? It has to be taken off first: an advantage says better or worse."
)
def _not_centred(rewards: Tensor) -> Tensor:
    return rewards / (_std(rewards) + 1e-4)


@group_advantages.wrong(
    "Variance, or its root? Divide by the standard deviation: then rewards in cents or in euros "
    "give the same."
)
def _divided_by_the_variance(rewards: Tensor) -> Tensor:
    return _centred(rewards) / (rewards.var(dim=1, keepdim=True) + 1e-4)


@group_advantages.wrong(
    "By what is the sum of squares divided? By the number of members less 1. This takes the "
    "number itself, as numpy "
    "does unless it is told ddof=1, and as correction=0 does in torch."
)
def _divided_by_all_members(rewards: Tensor) -> Tensor:
    return _centred(rewards) / (rewards.std(dim=1, keepdim=True, correction=0) + 1e-4)


@group_advantages.wrong(
    "What is 0 / 0? NaN. In a group of equal rewards there is no spread: add 1e-4 to the standard "
    "deviation."
)
def _nan_for_equal_rewards(rewards: Tensor) -> Tensor:
    return _centred(rewards) / _std(rewards)


@group_advantages.wrong(
    "Is 1e-4 for groups of equal rewards only? It is added in every group, and where rewards "
    "hardly differ, it keeps "
    "the advantages smaller. Here it is not added elsewhere."
)
def _equal_rewards_by_themselves(rewards: Tensor) -> Tensor:
    return (_centred(rewards) / _std(rewards)).nan_to_num(nan=0.0)


@group_advantages.wrong(
    "How large is the number that is added? 1e-4. This one is much smaller, and too small to "
    "matter."
)
def _smaller_number_added(rewards: Tensor) -> Tensor:
    return _centred(rewards) / (_std(rewards) + 1e-8)


@group_advantages.wrong(
    "Where is 1e-4 added? To the standard deviation, after the root. Under the root it is the "
    "variance that gets it."
)
def _number_under_the_root(rewards: Tensor) -> Tensor:
    return _centred(rewards) / (rewards.var(dim=1, keepdim=True) + 1e-4).sqrt()


@group_advantages.wrong(
    "Added, or a lower bound? 1e-4 is added to every standard deviation. This is clamp or max."
)
def _number_as_a_bound(rewards: Tensor) -> Tensor:
    return _centred(rewards) / _std(rewards).clamp(min=1e-4)


@group_advantages.wrong("What is divided? The difference. Without brackets it is the mean alone.")
def _brackets_forgotten(rewards: Tensor) -> Tensor:
    return rewards - rewards.mean(dim=1, keepdim=True) / (_std(rewards) + 1e-4)


@group_advantages.wrong(
    "Who is better than the mean? Whoever has the higher reward. Here the sign is turned round."
)
def _mean_less_the_reward(rewards: Tensor) -> Tensor:
    return -group_advantages.reference(rewards)


@group_advantages.wrong(
    "Whose mean is it? That of the whole group, the reply itself included. This leaves it out: a "
    "good baseline, too, "
    "but another one."
)
def _mean_of_the_others(rewards: Tensor) -> Tensor:
    others = (rewards.sum(dim=1, keepdim=True) - rewards) / (rewards.shape[1] - 1)
    return (rewards - others) / (_std(rewards) + 1e-4)


@group_advantages.wrong("Mean or median? The mean, so that the advantages of a group add up to 0.")
def _median_for_the_mean(rewards: Tensor) -> Tensor:
    return (rewards - rewards.median(dim=1, keepdim=True).values) / (_std(rewards) + 1e-4)


@group_advantages.wrong(
    "Less what? The group's mean. Here it is the best of the group, and nobody is above 0."
)
def _best_for_the_mean(rewards: Tensor) -> Tensor:
    return (rewards - rewards.amax(dim=1, keepdim=True)) / (_std(rewards) + 1e-4)


@group_advantages.wrong(
    "What measures the spread? The standard deviation: squares and a root. This is the mean of |…|."
)
def _mean_absolute_deviation(rewards: Tensor) -> Tensor:
    centred = _centred(rewards)
    return centred / (centred.abs().mean(dim=1, keepdim=True) + 1e-4)


@group_advantages.wrong(
    "Why does the spread grow with the group? The sum of squares has to be divided before the root."
)
def _divided_by_the_norm(rewards: Tensor) -> Tensor:
    centred = _centred(rewards)
    return centred / (centred.norm(dim=1, keepdim=True) + 1e-4)


@group_advantages.wrong(
    "May an advantage be negative? It is for those below the mean. This runs from 0 for the worst "
    "to 1 for the best."
)
def _from_worst_to_best(rewards: Tensor) -> Tensor:
    low, high = rewards.amin(dim=1, keepdim=True), rewards.amax(dim=1, keepdim=True)
    return (rewards - low) / (high - low + 1e-4)


@group_advantages.wrong(
    "Do advantages add up to 1? To 0. This is a softmax; take off the mean and divide."
)
def _softmax_of_rewards(rewards: Tensor) -> Tensor:
    return rewards.softmax(dim=1)


@group_advantages.inputs
def _groups_of_rewards(rng: torch.Generator) -> Iterator[tuple[Tensor]]:
    yield (torch.tensor([[0.0, 2.0], [5.0, 4.0]]),)
    yield (torch.tensor([[1.0, 0.0, 0.0], [0.0, 7.0, 2.0]]),)
    # equal rewards, and one that is right
    yield (torch.tensor([[1.0, 1.0, 1.0, 1.0], [0.0, 1.0, 0.0, 0.0]]),)
    yield (torch.tensor([[0.5, 0.5, 0.5], [2.0, 2.0, 2.0]]),)
    for spread in (0.001, 1e-6):  # so small that the 1e-4 counts
        yield (torch.randn(4, 6, generator=rng) * spread,)
    for group, member in ((2, 3), (3, 4), (4, 2), (5, 8), (3, 16)):
        # some prompts are easier than others
        level = torch.randn(group, 1, generator=rng) * 3
        for spread in (1.0, 5.0, 30.0, 100.0, 1000.0):
            yield ((torch.randn(group, member, generator=rng) + level) * spread,)
    correct = torch.randint(0, 2, (4, 9), generator=rng).float()
    correct[1] = 1
    yield (correct,)
