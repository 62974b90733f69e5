"""Exercises of chapter 01: softmax with a temperature, drawing with a dart, the
generation loop.
"""

import bisect
import itertools
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise

# 01.1


@exercise(
    "01.1",
    minutes=8,
    hints=(
        "Three steps, in this order: the temperature, the powers, the division by their sum.",
        "Every row is a distribution of its own. So the sum is taken along the last axis, and "
        "keepdim=True keeps it a "
        "column, so that it can divide the rows.",
        "Subtract each row's largest score before exp: z - z.max(dim=-1, keepdim=True).values. "
        "That changes no "
        "probability, and no power is larger than 1.",
    ),
)
def softmax_at(z: torch.Tensor, temperature: float) -> torch.Tensor:
    """Softmax with a temperature, for several positions at once.

    z: scores, shape (pos, vocab). They may be as large as 1000 or as low as -1000.
    temperature: a number above 0.
    Returns the probabilities, shape (pos, vocab).
    """
    z = z / temperature
    # the largest of each row becomes e^0 = 1
    powers = (z - z.max(dim=-1, keepdim=True).values).exp()
    return powers / powers.sum(dim=-1, keepdim=True)


@softmax_at.also_right
def _library(z: Tensor, temperature: float) -> Tensor:
    return torch.softmax(z / temperature, dim=-1)


@softmax_at.also_right
def _rows_in_a_loop(z: Tensor, temperature: float) -> Tensor:
    rows = []
    for row in z:
        powers = [((score - max(row)) / temperature).exp() for score in row]
        rows.append(torch.stack([power / sum(powers) for power in powers]))
    return torch.stack(rows)


@softmax_at.also_right
def _by_logarithms_in_float64(z: Tensor, temperature: float) -> Tensor:
    z = z.double() / temperature
    return (z - z.logsumexp(dim=1, keepdim=True)).exp()


@softmax_at.also_right
def _einsum(z: Tensor, temperature: float) -> Tensor:
    powers = ((z - z.amax(dim=-1)[:, None]) / temperature).exp()
    return torch.einsum("pv,p->pv", powers, 1 / powers.sum(dim=-1))


@softmax_at.wrong(
    "Is the temperature used at all? Every score is divided by it, before anything else."
)
def _no_temperature(z: Tensor, temperature: float) -> Tensor:
    return torch.softmax(z, dim=-1)


@softmax_at.wrong(
    "Is the temperature on the right side? A low one makes the favourite stronger, so divide by it."
)
def _times_temperature(z: Tensor, temperature: float) -> Tensor:
    return torch.softmax(z * temperature, dim=-1)


@softmax_at.wrong(
    "When is the temperature divided by? After the softmax the rows no longer add up to 1: do it "
    "before."
)
def _temperature_last(z: Tensor, temperature: float) -> Tensor:
    return torch.softmax(z, dim=-1) / temperature


@softmax_at.wrong(
    "Along which axis does it add up to 1? Each row is one position: use the last axis, not the "
    "first."
)
def _columns(z: Tensor, temperature: float) -> Tensor:
    return torch.softmax(z / temperature, dim=0)


@softmax_at.wrong(
    "Does every row add up to 1, or only the whole table? The sum must run along the last axis "
    "only."
)
def _whole_table(z: Tensor, temperature: float) -> Tensor:
    powers = (z / temperature - (z / temperature).max()).exp()
    return powers / powers.sum()


@softmax_at.wrong(
    "What is exp of a large score, or of a very low one? Subtract the largest score of each row "
    "first."
)
def _unstable(z: Tensor, temperature: float) -> Tensor:
    powers = (z / temperature).exp()
    return powers / powers.sum(dim=-1, keepdim=True)


@softmax_at.wrong(
    "Whose maximum do you subtract? With the largest score of the whole table, all powers of a "
    "low row become 0, and "
    "0/0 is left. Take the maximum of each row."
)
def _global_maximum(z: Tensor, temperature: float) -> Tensor:
    powers = (z / temperature - (z / temperature).max()).exp()
    return powers / powers.sum(dim=-1, keepdim=True)


@softmax_at.wrong(
    "Do the rows add up to 1? The powers still have to be divided by the sum of their row."
)
def _not_divided(z: Tensor, temperature: float) -> Tensor:
    z = z / temperature
    return (z - z.amax(dim=-1, keepdim=True)).exp()


@softmax_at.wrong(
    "Can a probability be negative? These are the logarithms of the probabilities: exp is missing."
)
def _logarithms(z: Tensor, temperature: float) -> Tensor:
    return torch.log_softmax(z / temperature, dim=-1)


@softmax_at.inputs
def _scores_and_temperatures(rng: torch.Generator) -> Iterator[tuple[Tensor, float]]:
    yield torch.tensor([[2.0, 1.0, 0.0]]), 0.5
    yield torch.tensor([[1.0, 2.0], [4.0, 1.0], [0.0, 0.0]]), 2.0
    shapes = itertools.cycle([(3, 5), (4, 2), (2, 7), (4, 4), (1, 6), (6, 1)])
    for temperature, (pos, vocab) in zip((1.0, 0.5, 2.0, 0.1, 5.0, 0.7), shapes, strict=False):
        yield torch.randn(pos, vocab, generator=rng) * 3, temperature
        yield torch.randn(pos, vocab, generator=rng) * 1e-3, temperature  # nearly equal
    for offset, temperature in ((1000.0, 2.0), (-1000.0, 3.0), (500.0, 0.5)):
        yield torch.randn(3, 5, generator=rng) + offset, temperature
    far_apart = torch.tensor([[0.0], [-400.0], [300.0], [-900.0]])  # rows
    yield torch.randn(4, 3, generator=rng) + far_apart, 1.5
    yield torch.tensor([[0.0, 200.0, -300.0], [50.0, 50.0, 50.0]]), 0.8
    yield torch.full((2, 4), -3.0), 0.9  # all equal


# 01.2


@exercise(
    "01.2",
    minutes=8,
    hints=(
        "Walk along the line from 0. Each candidate adds its probability to the place where you "
        "are: its right edge.",
        "The dart lies on the first stretch whose right edge is larger than the dart. An edge "
        "itself belongs to the "
        "next candidate: a stretch of width 0 is never hit.",
        "A loop with `edge += p` and `if dart < edge: return index` does it; after the loop, "
        "return the last index.",
    ),
)
def draw_index(probabilities: torch.Tensor, dart: float) -> int:
    """Draw a candidate with a dart.

    The candidates lie side by side on a line that starts at 0, in their order, each as
    wide as it is probable. A stretch includes its left edge, and not its right one.
    Rounding may leave the end of the last stretch a hair below 1; a dart beyond it hits
    the last candidate.

    probabilities: shape (vocab,).
    dart: a number from 0 up to, and not including, 1.
    Returns the index of the candidate that is hit, an int.
    """
    edge = 0.0
    for index, p in enumerate(probabilities.tolist()):
        edge += p
        if dart < edge:
            return index
    return len(probabilities) - 1


@draw_index.also_right
def _search(probabilities: Tensor, dart: float) -> int:
    edges = probabilities.double().cumsum(dim=0)
    place = torch.searchsorted(edges, torch.tensor(dart, dtype=torch.float64), right=True)
    return int(place.clamp(max=len(edges) - 1))


@draw_index.also_right
def _count_the_edges_passed(probabilities: Tensor, dart: float) -> Tensor:
    return (probabilities.cumsum(dim=0)[:-1] <= dart).sum()


@draw_index.also_right
def _bisect(probabilities: Tensor, dart: float) -> int:
    edges = list(itertools.accumulate(float(p) for p in probabilities))
    return min(bisect.bisect_right(edges, dart), len(edges) - 1)


@draw_index.wrong(
    "Does the dart play a part? This always takes the likeliest candidate, which is greedy "
    "decoding."
)
def _likeliest(probabilities: Tensor, dart: float) -> int:
    return int(probabilities.argmax())


@draw_index.wrong(
    "Who owns an edge? A dart that lies exactly on one hits the next candidate: compare with `<`, "
    "not with `<=`. "
    "Otherwise a dart at 0 hits a first candidate that has probability 0."
)
def _edge_to_the_left(probabilities: Tensor, dart: float) -> int:
    edge = 0.0
    for index, p in enumerate(probabilities.tolist()):
        edge += p
        if dart <= edge:
            return index
    return len(probabilities) - 1


@draw_index.wrong("Is the first candidate number 0 or number 1? Indices in Python start at 0.")
def _counted_from_one(probabilities: Tensor, dart: float) -> int:
    return _bisect(probabilities, dart) + 1


@draw_index.wrong(
    "What is asked for? This is the probability of the candidate that was hit; give its index."
)
def _the_probability(probabilities: Tensor, dart: float) -> float:
    return float(probabilities[_bisect(probabilities, dart)])


@draw_index.wrong(
    "Are the stretches as wide as the probabilities? This cuts the line into equal parts."
)
def _equal_parts(probabilities: Tensor, dart: float) -> int:
    return int(dart * len(probabilities))


@draw_index.wrong(
    "Do the stretches lie side by side? Compare the dart with the sum so far, not with each one "
    "alone."
)
def _not_summed(probabilities: Tensor, dart: float) -> int:
    for index, p in enumerate(probabilities.tolist()):
        if dart < p:
            return index
    return len(probabilities) - 1


@draw_index.wrong(
    "What comes back when the dart lies beyond the last edge? Rounding can leave that edge a hair "
    "below 1. Then the "
    "loop ends without a `return`."
)
def _nothing_beyond_the_last_edge(probabilities: Tensor, dart: float) -> int | None:
    edge = 0.0
    for index, p in enumerate(probabilities.tolist()):
        edge += p
        if dart < edge:
            return index
    return None


@draw_index.wrong(
    "What comes out when the dart lies beyond the last edge? No comparison is true then, and the "
    "argmax of nothing but "
    "False is 0: the first candidate instead of the last."
)
def _first_beyond_the_last_edge(probabilities: Tensor, dart: float) -> int:
    return int((dart < probabilities.double().cumsum(dim=0)).int().argmax())


@draw_index.wrong(
    "In which order do the candidates lie on the line? In their own: sorting them changes the "
    "indices."
)
def _sorted_first(probabilities: Tensor, dart: float) -> int:
    return _bisect(probabilities.sort(descending=True).values, dart)


@draw_index.wrong(
    "Which stretch is it? This is the one before: the last candidate whose right edge was passed."
)
def _one_too_low(probabilities: Tensor, dart: float) -> int:
    return max(_bisect(probabilities, dart) - 1, 0)


@draw_index.inputs
def _lines_and_darts(rng: torch.Generator) -> Iterator[tuple[Tensor, float]]:
    yield torch.tensor([0.5, 0.25, 0.25]), 0.6
    for dart in (
        0.0,
        0.1,
        0.25,
        0.3,
        0.5,
        0.75,
        0.999,
    ):  # on the edges, which binary numbers hold exactly, and off them
        yield torch.tensor([0.0, 0.25, 0.25, 0.0, 0.5]), dart
    yield torch.tensor([1.0]), 0.3
    # a coarse case of rounding: the edges end at 0.999
    yield torch.tensor([0.3, 0.3, 0.399]), 0.9999
    for vocab in (2, 3, 4, 6, 9, 15, 40, 100):
        for _ in range(3):
            p = (torch.randn(vocab, generator=rng) * 1.5).softmax(dim=0)
            hit = int(torch.multinomial(p, 1, generator=rng))
            # well off both edges of the stretch
            inside = 0.1 + 0.8 * float(torch.rand(1, generator=rng))
            yield p, float(p.double()[:hit].sum() + inside * p.double()[hit])


# 01.3


@exercise(
    "01.3",
    minutes=10,
    hints=(
        "The loop of this chapter, without tensors: ask for scores, take the best id, stop or "
        "append, ask again.",
        "next_scores wants the whole text so far each time: the prompt's ids and the new ones, "
        "one list.",
        "Keep the new ids in a list of their own, and call next_scores(ids + new). Leave the loop "
        "before you append "
        "when the best id is stop_id. int(scores.argmax()) makes an int.",
    ),
)
def generate_ids(next_scores, ids: list, n_tokens: int, stop_id: int) -> list:
    """Write greedily: the loop that generates text.

    next_scores: a function. It takes a list of ids, the text so far, and gives the
        scores for the next one: (vocab,).
    ids: the prompt, a list of ints. It stays as it is.
    n_tokens: how many ids to write, at the most.
    stop_id: when this one is the likeliest, the text ends. It is not part of the text.
    Returns only the new ids, a list of ints.
    """
    new = []
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
    best = next_scores(ids).argmax().item()
    return (
        []
        if best == stop_id
        else [best, *_recursive(next_scores, [*ids, best], n_tokens - 1, stop_id)]
    )


@generate_ids.also_right
def _with_tensors(next_scores: Scorer, ids: list[int], n_tokens: int, stop_id: int) -> list[Tensor]:
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
    "list of your own."
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
