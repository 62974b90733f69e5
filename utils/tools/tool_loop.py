"""A model that uses tools: it writes until it calls one, the tool runs, what it gives is put into the
text as if it had been written there, and the model goes on.

The model learns nothing by it and runs nothing. It reads the result as it reads every token, and it
can as well overlook it. The loop around it decides what is run, how often, and what comes back.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from utils.generation.decoding import Prompt, prompt_ids
from utils.generation.reader import Reader
from utils.generation.sampling import Sampling, next_token_probabilities, sample
from utils.text.tokenizer import Tokenizer
from utils.tools.calls import NAME, Call, find_call

MODEL = "model"
LONGEST_RESULT = 600  # characters of what a tool gives


# From what a tool is asked to what it answers, both text. It raises ValueError, with one sentence for
# the model to read, if it cannot answer.
Tool = Callable[[str], str]


@dataclass(frozen=True)
class Part:
    """A part of the text, and who it is from: "model", or the name of the tool that was called."""

    text: str
    by: str


@dataclass(frozen=True)
class UsedTool:
    """A call that was run, and what came back. `failed`: whether that is the tool's error."""

    name: str
    argument: str
    result: str
    failed: bool


@dataclass(frozen=True)
class ToolText:
    """What stands after the prompt.

    `ended` says why nothing more was written: "end" (a token that ends texts), "stop" (one of the
    stop strings, which is left out), "calls" (one more call than the limit; it stands there, but
    was not run), "tokens" (so many as were allowed), "context" (no room for more).
    """

    parts: tuple[Part, ...]
    used: tuple[UsedTool, ...]
    ended: str

    @property
    def text(self) -> str:
        """All of it, as the model has read it."""
        return "".join(part.text for part in self.parts)

    @property
    def written(self) -> str:
        """Only what the model wrote."""
        return "".join(part.text for part in self.parts if part.by == MODEL)


def write_with_tools(
    reader: Reader,
    tok: Tokenizer,
    prompt: Prompt,
    tools: Mapping[str, Tool],
    *,
    limit: int = 4,
    after: str = "",
    max_new_tokens: int = 80,
    stop: str | Sequence[str] = (),
    temperature: float | int = 0,
    seed: int = 0,
) -> ToolText:
    """Let the model of `reader` continue the prompt, and run the tools that it calls.

    A call is found in what the model writes, never in the prompt or in a result: what a tool gives
    back is data, and cannot call another tool (see utils.tools.calls for what a call looks like).
    tools: a tool by its name in capitals.
    limit: at most so many calls are run. The text ends with the next one.
    max_new_tokens: of the model's; those of results do not count.
    temperature: 0 is greedy; `seed` is for other temperatures.
    after: comes behind every result, for example a line break, so that the model cannot write more
        digits to it.
    A result is put on one line, and cut after LONGEST_RESULT characters. A tool that raises gives
    `error: …`, with its sentence, as its result, and so does the call of a tool that is not there.
    Of the prompt only the part that the reader does not know yet is read. Raises ValueError for
    settings that make no sense, and for a prompt that is too long.
    """
    _check(tools, limit, max_new_tokens)
    stops = (stop,) if isinstance(stop, str) else tuple(stop)
    sampling, generator = Sampling(temperature), torch.Generator().manual_seed(seed)
    text = _Growing(reader, tok, prompt_ids(tok, prompt), max_new_tokens)
    used: list[UsedTool] = []
    with reader.writing(max_new_tokens):
        while True:
            call, ended = text.write_on(stops, sampling, generator)
            if call is None or len(used) == limit:
                return ToolText(tuple(text.parts), tuple(used), ended or "calls")
            used.append(_run(tools, call))
            text.insert(used[-1].result + after, call.name)


def _check(tools: Mapping[str, Tool], limit: int, max_new_tokens: int) -> None:
    odd = [name for name in tools if not NAME.fullmatch(name)]
    if odd:
        raise ValueError(f"a tool is called {odd[0]!r}; give names in capitals, such as CALC.")
    for name, value in (("limit", limit), ("max_new_tokens", max_new_tokens)):
        if value < 0:
            raise ValueError(f"{name} is {value!r}; give a whole number from 0 up.")


def _run(tools: Mapping[str, Tool], call: Call) -> UsedTool:
    """What the tool gives, or its error as a text of one line."""
    try:
        if call.name not in tools:
            there = ", ".join(sorted(tools)) or "none"
            raise ValueError(f"there is no tool {call.name}; there are: {there}.")
        result, failed = tools[call.name](call.argument), False
        if not isinstance(result, str):
            raise TypeError(f"{call.name} gave {type(result).__name__}, and not a text")
    except ValueError as error:
        result, failed = f"error: {error}", True
    except Exception as error:  # whatever goes wrong in a tool is for the model to read
        result, failed = f"error: {type(error).__name__}: {error}", True
    one_line = " ".join(result.split())
    return UsedTool(call.name, call.argument, one_line[:LONGEST_RESULT], failed)


class _Growing:
    """The text: its ids, who wrote which part, and how many tokens the model may still write."""

    def __init__(self, reader: Reader, tok: Tokenizer, ids: list[int], tokens: int):
        if len(ids) > reader.max_pos:
            raise ValueError(
                f"the prompt is {len(ids)} tokens long, and the reader takes {reader.max_pos}: "
                "shorten the prompt, or make a Reader with a larger max_pos."
            )
        self.parts: list[Part] = []
        self._reader, self._tok, self._ids, self._left = reader, tok, ids, tokens

    def write_on(
        self, stops: tuple[str, ...], sampling: Sampling, generator: torch.Generator
    ) -> tuple[Call | None, str]:
        """Add what the model writes up to its next call, or until it ends; gives that call, or why
        it ended.
        """
        new, text, call, ended = list[int](), "", None, ""
        while call is None and not ended:
            if not self._left:
                ended = "tokens"
            elif len(self._ids) + len(new) > self._reader.max_pos:
                ended = "context"
            else:
                logits = self._reader.next_logits(self._ids + new)[: self._tok.vocab_size]
                new.append(_choose(logits, sampling, generator))
                self._left -= 1
                text, call, ended = self._look(new, stops)
        self._keep(new, text[: call.end] if call else text)
        return call, ended

    def _look(self, new: list[int], stops: tuple[str, ...]) -> tuple[str, Call | None, str]:
        """The new text, the call in it if there is one, and why it ends here if it does."""
        if new[-1] in self._tok.stop_ids:
            return self._tok.decode(new[:-1]), None, "end"
        text = self._tok.decode(new)
        stopped = min((text.find(stop) for stop in stops if stop in text), default=None)
        call = find_call(text[:stopped])
        if call is None and stopped is not None:
            return text[:stopped], None, "stop"
        return text, call, ""

    def _keep(self, new: list[int], text: str) -> None:
        """Add the new tokens as far as they are in `text`, which may end within the last of them."""
        kept = list(new)
        while not text.startswith(self._tok.decode(kept)):
            kept.pop()
        rest = text[len(self._tok.decode(kept)) :]
        self._ids = self._ids + kept + (self._tok.encode(rest) if rest else [])
        self.parts += [Part(text, MODEL)] if text else []

    def insert(self, result: str, name: str) -> None:
        """Add what a tool gave: as plain text, whatever special tokens it may spell."""
        self._ids = self._ids + (self._tok.encode(result) if result else [])
        self.parts.append(Part(result, name))


def _choose(logits: Float[Tensor, " vocab"], sampling: Sampling, generator: torch.Generator) -> int:
    nothing_seen = torch.zeros(1, len(logits), dtype=torch.bool)  # repeats are not penalised
    probabilities = next_token_probabilities(logits[None].double(), nothing_seen, sampling)
    draw = torch.rand(1, dtype=torch.float64, generator=generator)
    return int(sample(probabilities, draw))
