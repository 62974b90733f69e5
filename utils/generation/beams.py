"""Beam search: keep the few likeliest beginnings at every step, instead of the single one that
greedy decoding keeps.

At every step each beginning is continued by every token, and all continuations are ranked by their
log-probability. Those among the best `beams` that end with a stop id are finished; the best `beams`
of the others go on. Finished texts compete by log-probability / length ** length_penalty, the
simple form of the penalty of Wu et al. (2016).
"""

from dataclasses import dataclass
from numbers import Integral, Real

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from utils.generation.decoding import Prompt, prompt_ids, room
from utils.generation.sampling import k_largest, refuse_nan
from utils.model.gpt import GPT
from utils.model.kv_cache import KVCache
from utils.text.tokenizer import Tokenizer


@torch.inference_mode()
def beam_search(
    model: GPT,
    tok: Tokenizer,
    prompt: Prompt,
    *,
    beams: int = 4,
    max_new_tokens: int = 50,
    length_penalty: float | int = 1.0,
    stop_at_eos: bool = True,
) -> list[tuple[str, float]]:
    """At most `beams` continuations of the prompt, the best first, each with its log-probability.

    The log-probability (natural) is the sum over the tokens, a stop id, which is not shown,
    included. The order is by that sum divided by length ** length_penalty: 0 ranks by probability
    alone, larger values favour longer texts. A text ends at a stop id of the tokenizer (with
    `stop_at_eos=False` these are tokens like others), after `max_new_tokens`, or when the context
    is full (see utils.generation.decoding). The search ends once nothing can change the list any
    more. One beam is greedy decoding. Raises ValueError for settings or a prompt that make no
    sense.
    """
    ids = prompt_ids(tok, prompt)
    stop_ids = tok.stop_ids if stop_at_eos else frozenset()
    rules = _Rules(beams, room(model, ids, max_new_tokens), length_penalty, stop_ids)
    found = _search(model, tok.vocab_size, ids, rules)
    return [
        (tok.decode([t for t in h.tokens if t not in stop_ids]), h.log_probability) for h in found
    ]


@dataclass(frozen=True)
class _Hypothesis:
    """A continuation: its tokens, a stop id included, and the logarithm of their probability after
    the prompt.
    """

    tokens: tuple[int, ...]
    log_probability: float


@dataclass(frozen=True)
class _Rules:
    """How hypotheses compete."""

    beams: int
    steps: int
    length_penalty: float | int
    stop_ids: frozenset[int]

    def __post_init__(self) -> None:
        if not isinstance(self.beams, Integral) or self.beams < 1:
            raise ValueError(
                f"beams is {self.beams!r}; give a whole number from 1 up, for example 4."
            )
        if not isinstance(self.length_penalty, Real) or not -10 <= self.length_penalty <= 10:
            raise ValueError(
                f"length_penalty is {self.length_penalty!r}; give a number from -10 to 10, or 0 "
                "for none."
            )

    def has_ended(self, hypothesis: _Hypothesis) -> bool:
        return hypothesis.tokens[-1] in self.stop_ids

    def score(self, hypothesis: _Hypothesis, length: int) -> float:
        score: float = hypothesis.log_probability / length**self.length_penalty
        return score

    def best(self, hypotheses: list[_Hypothesis]) -> list[_Hypothesis]:
        """The `beams` best by score, best first; of equal ones the earlier stays in front."""
        return sorted(hypotheses, key=lambda h: -self.score(h, max(len(h.tokens), 1)))[: self.beams]

    def is_settled(self, finished: list[_Hypothesis], live: list[_Hypothesis], length: int) -> bool:
        """Whether no continuation of `live`, which are `length` tokens long, can come into the list
        of the finished.

        A log-probability only falls as a text grows. So the best that can become of it is what it
        has now, at the length at which that scores best: the last for a positive penalty, else the
        next. A single beam has no rivals: where it ends, the search ends, as greedy decoding does.
        """
        if not live or (finished and self.beams == 1):
            return True
        if len(finished) < self.beams:
            return False
        best_length = self.steps if self.length_penalty > 0 else min(length + 1, self.steps)
        to_beat = self.score(finished[-1], len(finished[-1].tokens))
        return all(self.score(h, best_length) <= to_beat for h in live)


def _search(model: GPT, n_tokens: int, ids: list[int], rules: _Rules) -> list[_Hypothesis]:
    """The prompt is read once, as a batch of one; then the cache's rows follow the hypotheses that
    go on.
    """
    cache = model.new_cache(batch=1, max_pos=len(ids) + max(rules.steps, 1) - 1)
    new, live = torch.tensor([ids]), [_Hypothesis((), 0.0)]
    finished: list[_Hypothesis] = []
    for length in range(1, rules.steps + 1):
        ranked = _rank(_log_probabilities(model, n_tokens, new, cache), live, rules)
        finished = rules.best(
            finished + [h for _, h in ranked[: rules.beams] if rules.has_ended(h)]
        )
        going_on = [(row, h) for row, h in ranked if not rules.has_ended(h)][: rules.beams]
        live = [h for _, h in going_on]
        if rules.is_settled(finished, live, length):
            return finished
        if length < rules.steps:
            cache.select(torch.tensor([row for row, _ in going_on]))
            new = torch.tensor([h.tokens[-1:] for h in live])
    return rules.best(finished + live)


def _log_probabilities(
    model: GPT, n_tokens: int, new: Int64[Tensor, "batch pos"], cache: KVCache
) -> Float[Tensor, "batch vocab"]:
    # a model may have more rows than there are tokens; see utils.generation.decoding
    logits = model.next_logits(new.to(model.device), cache=cache)[:, :n_tokens]
    return refuse_nan(logits.cpu().double().log_softmax(dim=-1))


def _rank(
    log_probabilities: Float[Tensor, "batch vocab"], live: list[_Hypothesis], rules: _Rules
) -> list[tuple[int, _Hypothesis]]:
    """The likeliest continuations, best first, each with the row that it continues; ties by row,
    then by id.

    Every row has as many endings as there are stop ids. So there are enough places for `beams` that
    go on, if there are so many at all.
    """
    before = torch.tensor([[h.log_probability] for h in live], dtype=torch.float64)
    totals, vocab = (before + log_probabilities).flatten(), log_probabilities.shape[1]
    places = k_largest(totals[None], rules.beams * (1 + len(rules.stop_ids)))[0].nonzero()[:, 0]
    places = places[totals[places].sort(descending=True, stable=True).indices]
    found = zip(places.tolist(), totals[places].tolist(), strict=True)
    return [
        (place // vocab, _Hypothesis((*live[place // vocab].tokens, place % vocab), total))
        for place, total in found
    ]
