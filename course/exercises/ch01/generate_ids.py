"""Exercise 01.3: write greedily: the loop that generates text."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "01.3",
    minutes=10,
    hints=(
        "The loop of this chapter, without tensors: ask for scores, take the best id, stop or "
        "append, ask again.",
        "next_scores wants the whole text so far each time: the prompt's ids and the new ones, one "
        "list.",
        "Keep the new ids in a list of their own, and call next_scores(ids + new). Leave the loop "
        "before you append when the best id is stop_id. int(scores.argmax()) makes an int.",
    ),
)
def generate_ids(next_scores, ids: list[int], n_tokens: int, stop_id: int) -> list[int]:
    """Write greedily: the loop that generates text.

    next_scores: a function. It takes a list of ids, the text so far, and gives the
        scores for the next one: (vocab,).
    ids: the prompt, a list of ints. It stays as it is.
    n_tokens: how many ids to write, at the most.
    stop_id: when this one is the likeliest, the text ends. It is not part of the text.
    Returns only the new ids, a list of ints.
    """
    new: list[int] = []
    for _ in range(n_tokens):
        best = int(next_scores(ids + new).argmax())
        if best == stop_id:
            break
        new.append(best)
    return new


Scorer = Callable[[list[int]], Tensor]


@generate_ids.also_right
def _on_a_copy(next_scores: Scorer, ids: list[int], n_tokens: int, stop_id: int) -> list[int]:
    text = list(ids)
    while len(text) < len(ids) + n_tokens:
        scores = next_scores(text).tolist()
        best = max(range(len(scores)), key=scores.__getitem__)
        if best == stop_id:
            return text[len(ids) :]
        text = [*text, best]
    return text[len(ids) :]


@generate_ids.also_right
def _recursive(next_scores: Scorer, ids: list[int], n_tokens: int, stop_id: int) -> list[int]:
    if n_tokens == 0:
        return []
    best = int(next_scores(ids).argmax())
    return (
        []
        if best == stop_id
        else [best, *_recursive(next_scores, [*ids, best], n_tokens - 1, stop_id)]
    )


@generate_ids.also_right
def _with_tensors(
    next_scores: Callable[[Tensor], Tensor], ids: list[int], n_tokens: int, stop_id: int
) -> list[Tensor]:
    text = torch.tensor(ids)
    for _ in range(n_tokens):
        best = next_scores(text).topk(1).indices
        if best == stop_id:
            break
        text = torch.cat([text, best])
    return list(text[len(ids) :])


def _loop(
    next_scores: Scorer,
    ids: list[int],
    steps: int,
    stop_id: int | None,
    *,
    pick: Callable[[Tensor], Tensor] = torch.argmax,
    see: Callable[[list[int]], list[int]] = lambda text: text,
) -> list[int]:
    """The right loop, with parts that can be put wrongly: how an id is picked, and what
    of the text the model sees.
    """
    new: list[int] = []
    for _ in range(steps):
        best = int(pick(next_scores(see(ids + new))))
        if best == stop_id:
            break
        new.append(best)
    return new


@generate_ids.wrong(
    "What does the model see? It needs the whole text so far each time, not only its last token."
)
def _last_token_only(next_scores: Scorer, ids: list[int], n_tokens: int, stop_id: int) -> list[int]:
    return _loop(next_scores, ids, n_tokens, stop_id, see=lambda text: text[-1:])


@generate_ids.wrong(
    "Does the model see what it has written? It always gets the prompt alone, and says the same "
    "again."
)
def _prompt_only(next_scores: Scorer, ids: list[int], n_tokens: int, stop_id: int) -> list[int]:
    return _loop(next_scores, ids, n_tokens, stop_id, see=lambda text: text[: len(ids)])


@generate_ids.wrong("Does the model see the prompt? After the first step it only gets the new ids.")
def _forgets_the_prompt(
    next_scores: Scorer, ids: list[int], n_tokens: int, stop_id: int
) -> list[int]:
    return _loop(next_scores, ids, n_tokens, stop_id, see=lambda text: text[len(ids) :] or text)


@generate_ids.wrong("Is the stop id part of the text? Leave the loop before you append it.")
def _stop_id_included(
    next_scores: Scorer, ids: list[int], n_tokens: int, stop_id: int
) -> list[int]:
    new: list[int] = []
    for _ in range(n_tokens):
        new.append(int(next_scores(ids + new).argmax()))
        if new[-1] == stop_id:
            break
    return new


@generate_ids.wrong("What is asked for? Only the new ids; the prompt is in front of them here.")
def _prompt_included(next_scores: Scorer, ids: list[int], n_tokens: int, stop_id: int) -> list[int]:
    return ids + _loop(next_scores, ids, n_tokens, stop_id)


@generate_ids.wrong(
    "When does it end? After n_tokens ids at the latest, even if the model never says stop."
)
def _no_limit(next_scores: Scorer, ids: list[int], n_tokens: int, stop_id: int) -> list[int]:
    return _loop(next_scores, ids, 1000, stop_id)


@generate_ids.wrong("Does it stop when the likeliest id is stop_id? It always writes n_tokens ids.")
def _never_stops(next_scores: Scorer, ids: list[int], n_tokens: int, stop_id: int) -> list[int]:
    return _loop(next_scores, ids, n_tokens, None)


@generate_ids.wrong("Which id has the best score? argmin finds the worst one.")
def _worst(next_scores: Scorer, ids: list[int], n_tokens: int, stop_id: int) -> list[int]:
    return _loop(next_scores, ids, n_tokens, stop_id, pick=torch.argmin)


@generate_ids.wrong(
    "What does n_tokens count? Only the new ids: the length of the prompt does not matter."
)
def _prompt_counted(next_scores: Scorer, ids: list[int], n_tokens: int, stop_id: int) -> list[int]:
    return _loop(next_scores, ids, n_tokens - len(ids), stop_id)


@generate_ids.wrong("How many ids are written at the most? This writes one more than n_tokens.")
def _one_too_many(next_scores: Scorer, ids: list[int], n_tokens: int, stop_id: int) -> list[int]:
    return _loop(next_scores, ids, n_tokens + 1, stop_id)


@generate_ids.wrong(
    "Whose list is `ids`? Appending to it changes the prompt of whoever called you. Append to a "
    "list of your own.",
    changes_input=True,
)
def _prompt_changed(next_scores: Scorer, ids: list[int], n_tokens: int, stop_id: int) -> list[int]:
    new = _loop(next_scores, ids, n_tokens, stop_id)
    ids += new
    return new


def _model(rng: torch.Generator, vocab: int, stop_id: int, longest: int) -> Scorer:
    """A stand-in for a language model.

    Its scores depend on every id of the text; beyond `longest` ids it stops.
    """
    table = torch.randn(97, vocab, generator=rng)
    table[:, stop_id] -= 1.0

    def next_scores(ids: list[int]) -> Tensor:
        """a small model"""
        state = sum((place + 1) * (int(id) + 3) for place, id in enumerate(ids))
        scores = table[state % len(table)].clone()
        scores[stop_id] += 100.0 * (len(ids) >= longest)
        return scores

    return next_scores


@generate_ids.inputs
def _models_and_prompts(rng: torch.Generator) -> Iterator[tuple[Scorer, list[int], int, int]]:
    yield _model(rng, 5, 0, 30), [3, 1], 4, 0
    yield _model(rng, 5, 4, 30), [2], 0, 4
    yield _model(rng, 4, 1, 3), [2, 0, 3], 5, 1  # says stop at once
    for vocab, stop_id, longest, length, n_tokens in (
        (6, 0, 12, 1, 1),
        (7, 6, 9, 4, 20),
        (9, 3, 15, 2, 20),
        (12, 0, 40, 6, 8),
        (20, 11, 25, 3, 40),
        (50, 49, 40, 10, 15),
    ):
        prompt = torch.randint(vocab, (length,), generator=rng).tolist()
        yield _model(rng, vocab, stop_id, longest), prompt, n_tokens, stop_id
    yield _model(rng, 8, 2, 10), [2, 5, 2], 12, 2  # the prompt holds the stop id
