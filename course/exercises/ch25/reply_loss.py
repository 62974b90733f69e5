"""Exercise 25.2: the loss of what is to be learned in a row of tokens."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise

Loss = Callable[[Tensor, Tensor], Tensor]


@exercise(
    "25.2",
    minutes=8,
    hints=(
        "Which row of the logits judges the token at place i? The one before it: row i - 1.",
        "So line them up first: logits[:-1] belongs to ids[1:], and learn[1:] says which of these "
        "tokens count.",
        "keep = learn[1:], and then loss(logits[:-1][keep], ids[1:][keep]).",
    ),
)
def reply_loss(logits: torch.Tensor, ids: torch.Tensor, learn: torch.Tensor, loss) -> torch.Tensor:
    """Glue: the loss of a conversation, on the tokens that are to be learned.

    A row of the logits is what the model says after reading the token of that place: it
    judges the token that comes next.

    logits: scores, shape (pos, vocab), one row for each place of the conversation.
    ids: the tokens of the conversation, int64, shape (pos,).
    learn: True for each token that is to be learned, shape (pos,). One at least, and
        never the first.
    loss: a function. loss(scores, targets) takes scores of shape (n, vocab) and n
        targets, int64, and gives one number.
    Returns what `loss` gives for the learned tokens, all of them in one call.
    """
    keep = learn[1:]
    return loss(logits[:-1][keep], ids[1:][keep])


@reply_loss.also_right
def _by_places(logits: Tensor, ids: Tensor, learn: Tensor, loss: Loss) -> Tensor:
    places = learn.nonzero()[:, 0]
    return loss(logits[places - 1], ids[places])


@reply_loss.also_right
def _one_by_one(logits: Tensor, ids: Tensor, learn: Tensor, loss: Loss) -> Tensor:
    rows, targets = [], []
    for place in range(1, len(ids)):
        if learn[place]:
            rows.append(logits[place - 1])
            targets.append(ids[place])
    return loss(torch.stack(rows), torch.stack(targets))


@reply_loss.wrong(
    "Which row judges which token? Here a token is judged by the row of its own place, which has "
    "read it already."
)
def _no_shift(logits: Tensor, ids: Tensor, learn: Tensor, loss: Loss) -> Tensor:
    return loss(logits[learn], ids[learn])


@reply_loss.wrong(
    "What does learn say? It belongs to the token that is predicted, and here to the one before it: "
    "the assistant's mark would count, and the end would not."
)
def _mask_of_inputs(logits: Tensor, ids: Tensor, learn: Tensor, loss: Loss) -> Tensor:
    keep = learn[:-1]
    return loss(logits[:-1][keep], ids[1:][keep])


@reply_loss.wrong("Which tokens count? Only those that are to be learned. Here all of them do.")
def _everything(logits: Tensor, ids: Tensor, learn: Tensor, loss: Loss) -> Tensor:
    return loss(logits[:-1], ids[1:])


@reply_loss.wrong("Which side of the mask is which? True is learned; here the others are.")
def _turned_round(logits: Tensor, ids: Tensor, learn: Tensor, loss: Loss) -> Tensor:
    keep = ~learn[1:]
    return loss(logits[:-1][keep], ids[1:][keep])


@reply_loss.wrong("Which way is the shift? A row judges the next token, and here the one before.")
def _other_way(logits: Tensor, ids: Tensor, learn: Tensor, loss: Loss) -> Tensor:
    keep = learn[1:]
    return loss(logits[1:][keep], ids[:-1][keep])


@reply_loss.wrong(
    "What is the loss divided by? `loss` gets the learned tokens only. Here the others are in it "
    "with scores of 0, and make it another mean."
)
def _zeroed(logits: Tensor, ids: Tensor, learn: Tensor, loss: Loss) -> Tensor:
    return loss(logits[:-1] * learn[1:, None], ids[1:])


@reply_loss.wrong(
    "Is the last learned token in it? The end mark is to be learned, and is left out here."
)
def _without_the_last(logits: Tensor, ids: Tensor, learn: Tensor, loss: Loss) -> Tensor:
    keep = learn[1:].clone()
    keep[int(keep.nonzero()[-1])] = False
    return loss(logits[:-1][keep], ids[1:][keep])


def _loss(kind: int) -> Loss:
    def loss(scores: Tensor, targets: Tensor) -> Tensor:
        """a loss"""
        rows = torch.arange(len(targets))
        of_targets = scores.log_softmax(dim=-1)[rows, targets]
        return -of_targets.mean() if kind == 0 else -of_targets.sum() / (kind + len(targets))

    return loss


@reply_loss.inputs
def _conversations(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor, Loss]]:
    for number, (pos, vocab) in enumerate(
        ((4, 3), (5, 7), (7, 4), (9, 6), (12, 5), (6, 9), (15, 8), (10, 20), (20, 11), (8, 30))
    ):
        for size in (1.0, 5.0):
            logits = size * torch.randn(pos, vocab, generator=rng)
            ids = torch.randint(vocab, (pos,), generator=rng)
            learn = torch.rand(pos, generator=rng) < 0.5
            learn[0], learn[1], learn[2], learn[-1] = False, False, True, True
            yield logits, ids, learn, _loss(number % 3)
