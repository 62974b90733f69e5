"""How often a model finds the right one of two texts likelier."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from utils.data.choice_pairs import ChoicePair
from utils.data.minimal_pairs import MinimalPair
from utils.data.reading_tests import reading_tests
from utils.model.gpt import GPT
from utils.model.padding import pad
from utils.text.tokenizer import Tokenizer
from utils.training.losses import token_losses
from utils.training.small_reader import Reading


def log_probabilities(
    model: GPT, text: Reading, pairs: Sequence[ChoicePair]
) -> Float[Tensor, "pair 2"]:
    """For each pair the log probability in nats of the right word, and of the wrong one, each with
    what comes after, given what stands before.

    ValueError if the two words of a pair differ in length.
    """
    for one in pairs:
        if len(one.right) != len(one.wrong):
            raise ValueError(
                f"the words of a pair are to have the same number of characters, and {one.right!r} "
                f"and {one.wrong!r} have {len(one.right)} and {len(one.wrong)}."
            )
    right = _log_probabilities(model, text, [(one.before, one.right + one.after) for one in pairs])
    wrong = _log_probabilities(model, text, [(one.before, one.wrong + one.after) for one in pairs])
    return torch.stack([right, wrong], dim=1)


def share_right(model: GPT, text: Reading, pairs: Sequence[ChoicePair]) -> float:
    """The share of the pairs whose right word is the likelier; two that are equal count half."""
    right, wrong = log_probabilities(model, text, pairs).unbind(dim=1)
    return float(((right > wrong).double() + 0.5 * (right == wrong).double()).mean())


def _log_probabilities(
    model: GPT, text: Reading, halves: Sequence[tuple[str, str]]
) -> Float[Tensor, " pair"]:
    """Of each second half after its first."""
    rows = [text.encode(first + second) for first, second in halves]
    # a padded end is after all that counts, and no place looks ahead
    ids, _ = pad(rows, "right")
    with torch.no_grad():
        losses = token_losses(model(ids[:, :-1]), ids[:, 1:])  # (pair, pos - 1)
    place = torch.arange(1, ids.shape[1])  # of what is predicted
    begins = torch.tensor([len(first) for first, _ in halves])[:, None]
    ends = torch.tensor([len(row) for row in rows])[:, None]
    return -losses.masked_fill((place < begins) | (place >= ends), 0.0).sum(dim=1)


def finds_right(model: GPT, tok: Tokenizer, pairs: Sequence[MinimalPair]) -> list[bool]:
    """For each pair whether the model gives the right end the higher probability, judged by the
    first token of each end.

    ValueError if the ends of a pair begin with the same token.
    """
    ends = [(tok.encode(pair.right)[0], tok.encode(pair.wrong)[0]) for pair in pairs]
    for pair, (first, other) in zip(pairs, ends, strict=True):
        if first == other:
            raise ValueError(
                f"the ends {pair.right!r} and {pair.wrong!r} begin with the same token; choose "
                "ends that differ from the first on."
            )
    ids, real = pad([tok.encode(pair.prompt) for pair in pairs], "left")
    with torch.no_grad():
        logits = model.next_logits(ids, real)
    rights, wrongs = torch.tensor(ends).unbind(dim=1)
    place = torch.arange(len(pairs))
    return (logits[place, rights] > logits[place, wrongs]).tolist()


def tests_of(text: Reading) -> dict[str, list[ChoicePair]]:
    """The four tests of utils.data.reading_tests, of what is read in this text and what is not."""
    read, unread = (
        "".join(text.characters[id] for id in part) for part in (text.train, text.held_out)
    )
    return reading_tests(read, unread)
