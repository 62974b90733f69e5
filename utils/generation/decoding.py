"""Text from a model: read the prompt once, then choose a token, feed it back, and so on.

`generate` gives back the finished text, `stream` the same text piece by piece. Both end

- at one of the tokenizer's stop ids, which is no part of the text,
- before the first of the `stop` strings,
- after `max_new_tokens`, or
- when the context is full: the model reads `context_length` tokens at most, so the token after them
  is the last.

Neither switches the model between train and eval mode, and neither touches torch's global random
numbers.
"""

import codecs
import hashlib
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from numbers import Integral

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor
from tqdm.auto import tqdm

from utils.compiled.when import token_pass
from utils.generation.sampling import (
    Sampling,
    next_token_probabilities,
    penalize_repeats,
    refuse_nan,
    sample,
)
from utils.model.gpt import GPT
from utils.model.padding import pad
from utils.text.tokenizer import Tokenizer

# text, or the ids of a text that is encoded already (a chat, for example)
Prompt = str | Sequence[int]


def generate(
    model: GPT,
    tok: Tokenizer,
    prompt: Prompt | Sequence[Prompt],
    *,
    max_new_tokens: int = 50,
    temperature: float | int = 1.0,
    top_k: int | None = None,
    top_p: float | int | None = None,
    min_p: float | int | None = None,
    repetition_penalty: float | int = 1.0,
    stop: str | Sequence[str] | None = None,
    seed: int | None = None,
    progress: bool = False,
) -> str | list[str]:
    """The continuation of a prompt, without the prompt; for a list of prompts, the list of their
    continuations.

    `temperature` 0 is greedy. See utils.generation.sampling for the other filters and their order;
    prompt tokens count as seen. `stop`: the text ends before the first place where one of these
    strings begins, or not before (None). The prompt is not searched.
    `seed`: the same seed, prompt and settings give the same text; None is different each time. A
    prompt's random numbers depend on the seed, the prompt, and how many equal prompts stand before
    it in the list. So it gets the same text alone and in a list (up to rounding in the logits), and
    equal prompts get different texts.
    `progress`: show a bar that counts tokens. Raises ValueError for settings or prompts that make
        no sense.
    """
    sampling = Sampling(temperature, top_k, top_p, min_p, repetition_penalty)
    several = _are_several(prompt)
    prompts = prompt if several else [prompt]
    rows = _make_rows(tok, prompts, stop, seed)  # type: ignore[arg-type]  # see _are_several
    texts = [
        # of one row: zip turns the steps' lists of rows into the rows' lists of steps
        "".join(pieces)
        for group, steps in _make_groups(model, rows, max_new_tokens)
        for pieces in zip(
            *_write(model, tok, group, sampling, steps, progress, between=False), strict=True
        )
    ]
    return texts if several else texts[0]


def stream(
    model: GPT,
    tok: Tokenizer,
    prompt: Prompt,
    *,
    max_new_tokens: int = 50,
    temperature: float | int = 1.0,
    top_k: int | None = None,
    top_p: float | int | None = None,
    min_p: float | int | None = None,
    repetition_penalty: float | int = 1.0,
    stop: str | Sequence[str] | None = None,
    seed: int | None = None,
    progress: bool = False,
) -> Iterator[str]:
    """Yield the text that `generate` gives for the same arguments, in pieces, each as soon as it is
    certain.

    A character of several bytes comes whole, and nothing that may still become a stop string is
    shown. Raises ValueError as `generate` does, at the call and not at the first piece.
    """
    sampling = Sampling(temperature, top_k, top_p, min_p, repetition_penalty)
    rows = _make_rows(tok, [prompt], stop, seed)
    steps = room(model, rows[0].prompt, max_new_tokens)
    pieces = _write(model, tok, rows, sampling, steps, progress, between=True)
    return (piece for (piece,) in pieces if piece)


def _are_several(prompt: Prompt | Sequence[Prompt]) -> bool:
    is_list = isinstance(prompt, Sequence) and not isinstance(prompt, str | bytes)
    return is_list and not any(isinstance(item, Integral) for item in prompt)


def prompt_ids(tok: Tokenizer, prompt: Prompt) -> list[int]:
    """The token ids of one prompt.

    Raises ValueError if there are none, or if it is neither text nor ids.
    """
    if isinstance(prompt, str):
        ids = tok.encode(prompt)
    elif (
        isinstance(prompt, Sequence)
        and not isinstance(prompt, bytes)
        and all(isinstance(token, Integral) for token in prompt)
    ):
        ids = [int(token) for token in prompt]
    else:
        raise ValueError(
            f"a prompt is text (str) or a list of token ids (int), but this one is {prompt!r:.60}."
        )
    if not ids:
        names = ", ".join(
            f"[{number}] for {name}" for name, number in list(tok.special.items())[:3]
        )
        raise ValueError(
            f"the prompt is empty, but the model needs at least one token to continue from: "
            f"give some text, or a special token by its id ({names or 'this tokenizer has none'})."
        )
    return ids


def room(model: GPT, prompt: Sequence[int], max_new_tokens: int) -> int:
    """How many tokens may follow the prompt.

    Raises ValueError if the prompt itself is longer than the context.
    """
    if not isinstance(max_new_tokens, Integral) or max_new_tokens < 0:
        raise ValueError(f"max_new_tokens is {max_new_tokens!r}; give a whole number from 0 up.")
    context = model.config.context_length
    if len(prompt) > context:
        raise ValueError(
            f"the prompt is {len(prompt)} tokens long, but this model's context holds {context}: "
            "shorten the prompt."
        )
    # the last one is chosen but not read, hence the 1
    return min(max_new_tokens, context - len(prompt) + 1)


class _Row:
    """One prompt, its random numbers, and the text that grows after it."""

    def __init__(
        self, tok: Tokenizer, prompt: list[int], stop: tuple[str, ...], generator: torch.Generator
    ):
        self.prompt, self.generator, self.done = prompt, generator, False
        self._tok, self._stop, self._held = tok, stop, ""
        # keeps the bytes of a begun character
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def add(self, token: int) -> str:
        """Take the next token; gives back the text that has become certain by it."""
        if self.done:
            return ""
        if token in self._tok.stop_ids:
            return self.finish()
        return self._release(self._tok.token_bytes(token), final=False)

    def finish(self) -> str:
        """No token comes any more; gives back what was held."""
        return "" if self.done else self._release(b"", final=True)

    def _release(self, new: bytes, final: bool) -> str:
        text = self._held + self._decoder.decode(new, final)
        certain, stopped = certain_length(text, self._stop, final)
        self.done, self._held = final or stopped, text[certain:]
        return text[:certain]


def certain_length(text: str, stop: Sequence[str], final: bool) -> tuple[int, bool]:
    """How many characters of `text` may be shown, and whether a stop string begins right after
    them.

    While more text may come (not `final`), an end of the text that may begin a stop string waits.
    It waits even if a later stop string is complete: the earliest in the text wins, however the
    text is cut into tokens.
    """
    found = min((text.find(s) for s in stop if s in text), default=len(text) + 1)
    starts = () if final else range(len(text))
    begun = next((at for at in starts if any(s.startswith(text[at:]) for s in stop)), len(text))
    return min(found, begun), found <= begun


def _make_rows(
    tok: Tokenizer, prompts: Sequence[Prompt], stop: str | Sequence[str] | None, seed: int | None
) -> list[_Row]:
    stop = (stop,) if isinstance(stop, str) else tuple(stop or ())
    if not all(isinstance(s, str) and s for s in stop):
        raise ValueError(
            f"stop is {stop!r}; give strings of one character or more, as an empty one is "
            "everywhere."
        )
    encoded = [prompt_ids(tok, prompt) for prompt in prompts]
    return [
        _Row(tok, ids, stop, generator)
        for ids, generator in zip(encoded, _make_generators(encoded, seed), strict=True)
    ]


def _make_generators(prompts: list[list[int]], seed: int | None) -> Iterator[torch.Generator]:
    """One source of random numbers per prompt, on the CPU whatever the device, so that all devices
    draw the same.
    """
    if seed is not None and not isinstance(seed, Integral):
        raise ValueError(
            f"seed is {seed!r}; give a whole number, or None for a different text each time."
        )
    seed = secrets.randbits(64) if seed is None else int(seed)
    copies: Counter[tuple[int, ...]] = Counter()
    for prompt in map(tuple, prompts):
        digest = hashlib.sha256(repr((seed, prompt, copies[prompt])).encode()).digest()
        copies[prompt] += 1
        yield torch.Generator().manual_seed(int.from_bytes(digest[:8], "big"))


def _make_groups(model: GPT, rows: list[_Row], max_new_tokens: int) -> list[tuple[list[_Row], int]]:
    """Rows to run together, with their number of steps.

    All rows go together if they fit. If the longest prompt would fill the context early, padding
    would cut its neighbours short with it: then each goes alone.
    """
    steps = [room(model, row.prompt, max_new_tokens) for row in rows]
    if rows and min(steps) == max_new_tokens:
        return [(rows, max_new_tokens)]
    return [([row], alone) for row, alone in zip(rows, steps, strict=True)]


def _write(
    model: GPT,
    tok: Tokenizer,
    rows: list[_Row],
    sampling: Sampling,
    steps: int,
    progress: bool,
    between: bool,
) -> Iterator[list[str]]:
    """The loop.

    Yields, after each step and once more at the end, the new certain text of every row. `between`:
    somebody else acts between two steps, and may change the model; to see whether takes as long as
    a tenth of a step.
    """
    device = model.device
    ids, is_prompt = pad([row.prompt for row in rows], "left")
    # a row's padding is its own first token, so that nothing counts as seen that is not in it
    ids = ids.where(is_prompt, torch.tensor([[row.prompt[0]] for row in rows]))
    cache = model.new_cache(len(rows), ids.shape[1] + max(steps, 1) - 1)
    seen = torch.zeros(len(rows), model.config.vocab_size, dtype=torch.bool)
    # without padding the model has less to do
    real = None if is_prompt.all() else is_prompt.to(device)
    with (
        token_pass(model, cache, steps - 1) as quick,
        tqdm(total=steps, unit="token", disable=not progress) as bar,
    ):
        fits = quick is not None and quick.fits(cache)
        for _ in range(steps):
            # left again before the yield, which hands over to the caller
            with torch.inference_mode():
                if quick is not None and between:
                    fits = quick.fits(cache)
                if quick is not None and fits and ids.shape[1] == 1:
                    logits = quick.next_logits(ids)
                else:
                    logits = model.next_logits(ids.to(device), real, cache)
            seen.scatter_(1, ids, True)
            # many models have more rows than there are tokens, to fill the tiles of a GPU
            named = slice(tok.vocab_size)
            tokens = _choose(logits[:, named], seen[:, named], sampling, rows)
            bar.update()
            yield [row.add(token) for row, token in zip(rows, tokens.tolist(), strict=True)]
            if all(row.done for row in rows):
                return
            ids, real = tokens[:, None], None
    yield [row.finish() for row in rows]


def _choose(
    logits: Float[Tensor, "batch vocab"],
    seen: Bool[Tensor, "batch vocab"],
    sampling: Sampling,
    rows: list[_Row],
) -> Int64[Tensor, " batch"]:
    logits = logits.cpu()
    if sampling.temperature == 0:
        return _likeliest(penalize_repeats(logits, seen, sampling.repetition_penalty))
    probabilities = next_token_probabilities(logits.double(), seen, sampling)
    draws = [torch.rand(1, dtype=torch.float64, generator=row.generator) for row in rows]
    return sample(probabilities, torch.cat(draws))


def _likeliest(logits: Float[Tensor, "batch vocab"]) -> Int64[Tensor, " batch"]:
    """What temperature 0 draws, without the work of a whole distribution: the first of the largest
    logits.
    """
    largest, tokens = logits.max(dim=-1, keepdim=True)
    refuse_nan(largest - largest)  # NaN for NaN and for infinity
    return tokens[:, 0]
