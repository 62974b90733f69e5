"""Exercise 25.3: the loop of an assistant that may use a tool."""

from collections.abc import Callable, Iterator

import torch

from course.judging.exercise import exercise

Next = Callable[[list[int]], int]
Tool = Callable[[list[int]], list[int]]


@exercise(
    "25.3",
    minutes=15,
    hints=(
        "It is the loop that generates text: ask for the next id, stop or append, ask again. What "
        "is new happens after result_id was appended.",
        "Keep the new ids in a list. When the model has written result_id, look back in that list "
        "for the last call_id: what stands between the two goes to the tool.",
        "Where is the last one? Walk back from the end, or remember its place when you append it, "
        "and forget it when it was used. Without a call_id there is nothing to run.",
        "What the tool gives is appended too, and not counted: the limit is for what the model "
        "writes.",
    ),
)
def reply_with_tool(
    next_id, prompt: list[int], tool, call_id: int, result_id: int, end_id: int, limit: int
) -> list[int]:
    """Glue: an assistant's reply, with a tool that runs in between.

    The model writes one id at a time. Where it has written call_id, some ids, and then
    result_id, these ids between them are a call: the tool runs, and what it gives is put
    behind result_id, as if it had been written there. Then the model goes on, and may
    call again. A result_id with no call_id since the last result is an ordinary id.
    After a call_id that is followed by another call_id, the later one counts.

    next_id: a function from the ids so far (the prompt and all that follows) to the next.
    prompt: the ids that the reply follows.
    tool: a function from the ids of a call to the ids of its result. What it gives is
        data: a call_id in it calls nothing.
    end_id: when the model writes it, the reply ends. It is no part of the reply.
    limit: how many ids the model may write at the most, a final end_id not counted.
    Returns the reply: all ids after the prompt, those of the tool included.
    """
    reply: list[int] = []
    opened = None  # where the ids of a call begin
    for _ in range(limit):
        new = next_id(prompt + reply)
        if new == end_id:
            break
        reply.append(new)
        if new == call_id:
            opened = len(reply)
        elif new == result_id and opened is not None:
            reply += tool(reply[opened:-1])
            opened = None
    return reply


@reply_with_tool.also_right
def _with_two_lists(
    next_id: Next, prompt: list[int], tool: Tool, call_id: int, result_id: int, end_id: int, limit: int
) -> list[int]:  # fmt: skip
    text, written = list(prompt), 0
    call: list[int] | None = None
    while written < limit and (new := next_id(list(text))) != end_id:
        text.append(new)
        written += 1
        if new == call_id:
            call = []
        elif new == result_id:
            if call is not None:
                text.extend(tool(call))
            call = None
        elif call is not None:
            call.append(new)
    return text[len(prompt) :]


@reply_with_tool.also_right
def _looking_back(
    next_id: Next, prompt: list[int], tool: Tool, call_id: int, result_id: int, end_id: int, limit: int
) -> list[int]:  # fmt: skip
    reply: list[int] = []
    mine: list[bool] = []  # written by the model
    while sum(mine) < limit:
        new = next_id([*prompt, *reply])
        if new == end_id:
            return reply
        reply.append(new)
        mine.append(True)
        if new != result_id:
            continue
        place = len(reply) - 2
        while place >= 0 and not (mine[place] and reply[place] in (call_id, result_id)):
            place -= 1
        if place >= 0 and reply[place] == call_id:
            result = tool(reply[place + 1 : -1])
            reply += result
            mine += [False] * len(result)
    return reply


def _loop(
    next_id: Next,
    prompt: list[int],
    tool: Tool,
    call_id: int,
    result_id: int,
    end_id: int,
    limit: int,
    *,
    counted: bool = False,
    kept: bool = True,
    ended: bool = False,
    reset: bool = True,
    marks: bool = False,
    last: bool = True,
    seen: bool = True,
) -> list[int]:
    """The right loop, with what can be wrong in it.

    counted: the tool's ids count. kept: they are put into the text. ended: the end is in the reply.
    reset: a call is used once. marks: the tool gets the marks too. last: the later of two calls.
    seen: the model sees the result.
    """
    reply: list[int] = []
    visible: list[int] = []
    opened, count = None, 0
    while count < limit:
        new = next_id(prompt + visible)
        if new == end_id:
            return reply + [end_id] * ended
        reply.append(new)
        visible.append(new)
        count += 1
        if new == call_id and (last or opened is None):
            opened = len(reply)
        elif new == result_id and opened is not None:
            result = tool(reply[opened - marks : None if marks else -1])
            reply += result if kept else []
            visible += result if kept and seen else []
            count += len(result) * counted
            opened = None if reset else opened
    return reply


@reply_with_tool.wrong("Does the tool run? Here the model's own ids are all there is.")
def _no_tool(
    next_id: Next, prompt: list[int], tool: Tool, call_id: int, result_id: int, end_id: int, limit: int
) -> list[int]:  # fmt: skip
    return _loop(next_id, prompt, tool, call_id, result_id, end_id, limit, kept=False)


@reply_with_tool.wrong(
    "Does the limit count what the tool gives? Only what the model writes is counted."
)
def _results_counted(
    next_id: Next, prompt: list[int], tool: Tool, call_id: int, result_id: int, end_id: int, limit: int
) -> list[int]:  # fmt: skip
    return _loop(next_id, prompt, tool, call_id, result_id, end_id, limit, counted=True)


@reply_with_tool.wrong("Is the end id part of the reply? Leave the loop before you append it.")
def _end_included(
    next_id: Next, prompt: list[int], tool: Tool, call_id: int, result_id: int, end_id: int, limit: int
) -> list[int]:  # fmt: skip
    return _loop(next_id, prompt, tool, call_id, result_id, end_id, limit, ended=True)


@reply_with_tool.wrong(
    "How often is a call run? Once. A second result_id without a new call_id is an ordinary id."
)
def _run_again(
    next_id: Next, prompt: list[int], tool: Tool, call_id: int, result_id: int, end_id: int, limit: int
) -> list[int]:  # fmt: skip
    return _loop(next_id, prompt, tool, call_id, result_id, end_id, limit, reset=False)


@reply_with_tool.wrong(
    "What does the tool get? The ids between the two marks, and here it gets the marks as well."
)
def _marks_included(
    next_id: Next, prompt: list[int], tool: Tool, call_id: int, result_id: int, end_id: int, limit: int
) -> list[int]:  # fmt: skip
    return _loop(next_id, prompt, tool, call_id, result_id, end_id, limit, marks=True)


@reply_with_tool.wrong(
    "Which call_id begins the call, if there are two? The later one. Here it is the first."
)
def _first_mark(
    next_id: Next, prompt: list[int], tool: Tool, call_id: int, result_id: int, end_id: int, limit: int
) -> list[int]:  # fmt: skip
    return _loop(next_id, prompt, tool, call_id, result_id, end_id, limit, last=False)


@reply_with_tool.wrong(
    "Does the model see the result? It has to stand in the ids that next_id gets, or the model goes "
    "on as if nothing had come back."
)
def _result_not_seen(
    next_id: Next, prompt: list[int], tool: Tool, call_id: int, result_id: int, end_id: int, limit: int
) -> list[int]:  # fmt: skip
    return _loop(next_id, prompt, tool, call_id, result_id, end_id, limit, seen=False)


@reply_with_tool.wrong("What is asked for? The reply alone; the prompt stands in front of it here.")
def _prompt_included(
    next_id: Next, prompt: list[int], tool: Tool, call_id: int, result_id: int, end_id: int, limit: int
) -> list[int]:  # fmt: skip
    return prompt + _loop(next_id, prompt, tool, call_id, result_id, end_id, limit)


@reply_with_tool.wrong(
    "Does the model see the prompt? Give next_id the prompt and the reply so far, one list."
)
def _prompt_forgotten(
    next_id: Next, prompt: list[int], tool: Tool, call_id: int, result_id: int, end_id: int, limit: int
) -> list[int]:  # fmt: skip
    return _loop(
        lambda ids: next_id(ids[len(prompt) :]), prompt, tool, call_id, result_id, end_id, limit
    )


@reply_with_tool.wrong(
    "Whose list is the prompt? Appending to it changes your caller's.", changes_input=True
)
def _prompt_changed(
    next_id: Next, prompt: list[int], tool: Tool, call_id: int, result_id: int, end_id: int, limit: int
) -> list[int]:  # fmt: skip
    reply = _loop(next_id, prompt, tool, call_id, result_id, end_id, limit)
    prompt += reply
    return reply


def _model(rng: torch.Generator, script: list[int], vocab: int, longest: int, end_id: int) -> Next:
    """A stand-in for a model: it writes the script as far as it goes, each other id by all before."""
    table = torch.randint(vocab, (211,), generator=rng).tolist()

    def next_id(ids: list[int]) -> int:
        """a small model"""
        state = sum((place + 1) * (int(id) + 3) for place, id in enumerate(ids))
        if len(ids) >= longest:
            return end_id
        wanted = script[state % len(script)]
        return table[state % len(table)] if wanted < 0 else wanted

    return next_id


def _tool(factor: int, more: list[int]) -> Tool:
    def tool(ids: list[int]) -> list[int]:
        """a small tool"""
        return [*more, *((factor * int(id) + 1) % 17 for id in reversed(ids))]

    return tool


@reply_with_tool.inputs
def _models(
    rng: torch.Generator,
) -> Iterator[tuple[Next, list[int], Tool, int, int, int, int]]:
    for number, (start, limit) in enumerate(
        (
            (2, 6),
            (3, 8),
            (1, 12),
            (4, 9),
            (5, 15),
            (2, 20),
            (6, 25),
            (3, 30),
            (7, 14),
            (1, 18),
            (4, 1),
        )
    ):
        # the text ends by the limit, before it, or at once
        for longest in (200, max(start, start + limit - 2)):
            call_id, result_id, end_id = (20 + number, 40 + number, 60 + number)
            script = [call_id, -1, result_id, -1, -1, result_id, call_id]
            prompt = torch.randint(17, (start,), generator=rng).tolist()
            factor = int(torch.randint(2, 9, (1,), generator=rng))
            more = [call_id] if number % 4 == 3 else [number % 17]
            next_id = _model(rng, script, 17, longest, end_id)
            yield next_id, prompt, _tool(factor, more), call_id, result_id, end_id, limit
