"""Exercise 24.2: the loop around a model that calls a tool."""

from collections.abc import Callable, Iterator

import torch

from course.judging.exercise import exercise

Write = Callable[[list[int]], list[int]]
Tool = Callable[[list[int]], list[int]]
CALL, CALLED, END, FAILED = range(4)


@exercise(
    "24.2",
    minutes=15,
    hints=(
        "One round: the model writes a piece, and the piece comes to the end of the text. Does it end "
        "with 2? Then the text is done. Does it end with 1? Then run the tool, and put what it gives "
        "behind the piece.",
        "What the tool is asked stands in the piece that was just written, between its 0 and its 1: "
        "piece[piece.index(0) + 1 : -1]. The prompt may have calls of its own, which are over.",
        "Count the rounds: for done in range(limit + 1). In the last one the model may write, but its "
        "call is not run any more. try: result = tool(…), except ValueError: result = [3].",
    ),
)
def tool_loop(write, tool, ids: list[int], limit: int) -> list[int]:
    """Let a model call a tool, and go on from what the tool gives.

    Four ids are special. 0 begins a call, 1 ends it, 2 ends the text, and 3 says that a tool
    has failed. All others are words, and what tools are asked and give is words as well.

    write: a function. write(ids) gives the ids that the model writes behind the text `ids`:
        a piece that ends with a call, such as [40, 0, 17, 25, 1], or with 2.
    tool: a function. tool([17, 25]) gives a list of ids, or raises ValueError.
    ids: the text so far, the prompt.
    limit: at most so many calls are run, failed ones included. The text ends with the call
        that would be one more; it is not run.
    Returns the whole text: the prompt, and behind it each piece and each result where they
    came. The model reads all of it before it goes on. Where a tool fails, [3] is its result.
    """
    text = list(ids)
    for done in range(limit + 1):
        piece = write(text)
        text = text + piece
        if piece[-1] == 2 or done == limit:
            break
        try:
            result = tool(piece[piece.index(0) + 1 : -1])
        except ValueError:
            result = [3]
        text = text + result
    return text


@tool_loop.also_right
def _recursive(write: Write, tool: Tool, ids: list[int], limit: int) -> list[int]:
    piece = write(ids)
    if piece[-1] == END or not limit:
        return ids + piece
    *_, asked = _asked(piece)
    return _recursive(write, tool, [*ids, *piece, *_result(tool, asked)], limit - 1)


@tool_loop.also_right
def _while_it_calls(write: Write, tool: Tool, ids: list[int], limit: int) -> list[int]:
    text, done = ids.copy(), 0
    text.extend(write(text.copy()))
    while text[-1] == CALLED and done < limit:
        begin = len(text) - 1 - text[::-1].index(CALL)  # the last 0 of the text
        asked = text[begin + 1 : -1]
        try:
            text.extend(tool(asked))
        except ValueError:
            text.append(FAILED)
        done += 1
        text.extend(write(text.copy()))
    return text


def _asked(piece: list[int]) -> list[list[int]]:
    """What each call in a list of ids asks."""
    found = []
    for begin in (place for place, id in enumerate(piece) if id == CALL):
        if CALLED in piece[begin:]:
            found.append(piece[begin + 1 : piece.index(CALLED, begin)])
    return found


def _result(tool: Tool, asked: list[int], failed: list[int] | None = None) -> list[int]:
    try:
        return tool(asked)
    except ValueError:
        return [FAILED] if failed is None else failed


def _loop(
    write: Write,
    tool: Tool,
    ids: list[int],
    limit: int,
    *,
    asked: Callable[[list[int], list[int]], list[int]] = lambda piece, text: _asked(piece)[-1],
    join: Callable[[list[int], list[int]], list[int]] = lambda piece, result: piece + result,
    failed: list[int] | None = None,
    last_call_runs: bool = False,
) -> list[int]:
    """The right way, with one piece of it changed. `join`: what a piece and its result add."""
    text = list(ids)
    for done in range(limit + 1):
        piece = write(text)
        if piece[-1] == END or (done == limit and not last_call_runs):
            return text + piece
        text = text + join(piece, _result(tool, asked(piece, text + piece), failed))
    return text


@tool_loop.wrong(
    "Where is the result? The tool has run, but what it gave stands nowhere, and the model goes on as "
    "if nothing had come back."
)
def _result_not_put_in(write: Write, tool: Tool, ids: list[int], limit: int) -> list[int]:
    return _loop(write, tool, ids, limit, join=lambda piece, result: piece)


@tool_loop.wrong(
    "When does the model read the result? Before it goes on: the result comes right behind the call. "
    "Here all results come after the last piece, when nothing is written any more."
)
def _results_at_the_end(write: Write, tool: Tool, ids: list[int], limit: int) -> list[int]:
    text, results = list(ids), []
    for done in range(limit + 1):
        piece = write(text)
        text = text + piece
        if piece[-1] == END or done == limit:
            break
        results += _result(tool, _asked(piece)[-1])
    return text + results


@tool_loop.wrong(
    "Where does the result stand? Behind the call. Here it comes before the piece that asks for it."
)
def _result_before_the_call(write: Write, tool: Tool, ids: list[int], limit: int) -> list[int]:
    return _loop(write, tool, ids, limit, join=lambda piece, result: result + piece)


@tool_loop.wrong(
    "Where is the call? The result has taken its place. Without the question the model cannot know what "
    "the number means: leave the call, from 0 to 1, in the text."
)
def _call_replaced(write: Write, tool: Tool, ids: list[int], limit: int) -> list[int]:
    return _loop(
        write, tool, ids, limit, join=lambda piece, result: piece[: piece.index(CALL)] + result
    )


@tool_loop.wrong(
    "Where are the marks 0 and 1 of the call? They belong to the text that the model reads, and are "
    "missing here."
)
def _marks_left_out(write: Write, tool: Tool, ids: list[int], limit: int) -> list[int]:
    return _loop(
        write,
        tool,
        ids,
        limit,
        join=lambda piece, result: [id for id in piece if id > CALLED] + result,
    )


@tool_loop.wrong(
    "What if the model calls for ever? `limit` has to end it. Here every call is run, until the model "
    "has had enough."
)
def _without_limit(write: Write, tool: Tool, ids: list[int], limit: int) -> list[int]:
    return _loop(write, tool, ids, 50)


@tool_loop.wrong(
    "What comes after the last result? The model reads it and writes once more. Here the text ends with "
    "the result: the loop is one round short."
)
def _ends_with_a_result(write: Write, tool: Tool, ids: list[int], limit: int) -> list[int]:
    return _loop(write, tool, ids, limit - 1, last_call_runs=True)


@tool_loop.wrong("How many calls are run? At most `limit`. Here it is one more.")
def _one_call_more(write: Write, tool: Tool, ids: list[int], limit: int) -> list[int]:
    return _loop(write, tool, ids, limit + 1)


@tool_loop.wrong(
    "What becomes of the call that is too much? It is not run, but the model wrote it: it stays in the "
    "text, with the words before it. Here the last piece is thrown away."
)
def _last_piece_thrown_away(write: Write, tool: Tool, ids: list[int], limit: int) -> list[int]:
    text = list(ids)
    for done in range(limit + 1):
        piece = write(text)
        if piece[-1] == END:
            return text + piece
        if done < limit:
            text = text + piece + _result(tool, _asked(piece)[-1])
    return text


@tool_loop.wrong(
    "May a model call twice? As often as `limit` says. Here the tool is run once, and the next piece is "
    "taken for the end: put it into a loop."
)
def _one_call(write: Write, tool: Tool, ids: list[int], limit: int) -> list[int]:
    return _loop(write, tool, ids, min(limit, 1))


@tool_loop.wrong(
    "What does the model read where a tool has failed? [3]. Here it reads nothing at all, and cannot "
    "know."
)
def _nothing_for_a_failure(write: Write, tool: Tool, ids: list[int], limit: int) -> list[int]:
    return _loop(write, tool, ids, limit, failed=[])


@tool_loop.wrong(
    "Is a tool that fails the end? No: the model reads [3], and goes on. It may ask in another way."
)
def _a_failure_ends_it(write: Write, tool: Tool, ids: list[int], limit: int) -> list[int]:
    text = list(ids)
    for done in range(limit + 1):
        piece = write(text)
        text = text + piece
        if piece[-1] == END or done == limit:
            break
        result = _result(tool, _asked(piece)[-1])
        text = text + result
        if result == [FAILED]:
            break
    return text


@tool_loop.wrong(
    "Does a call that failed count? It does. Otherwise a model that always asks for the impossible "
    "never comes to an end."
)
def _failures_do_not_count(write: Write, tool: Tool, ids: list[int], limit: int) -> list[int]:
    text, done = list(ids), 0
    while True:
        piece = write(text)
        text = text + piece
        if piece[-1] == END or done == limit:
            return text
        result = _result(tool, _asked(piece)[-1])
        text, done = text + result, done + (result != [FAILED])


@tool_loop.wrong(
    "What is the tool asked? What stands between the marks. Here the marks themselves are handed over, "
    "too."
)
def _marks_handed_over(write: Write, tool: Tool, ids: list[int], limit: int) -> list[int]:
    return _loop(
        write, tool, ids, limit, asked=lambda piece, text: [CALL, *_asked(piece)[-1], CALLED]
    )


@tool_loop.wrong(
    "What is the tool asked? What stands between the marks. Here the words before the call are handed "
    "over with it."
)
def _words_handed_over(write: Write, tool: Tool, ids: list[int], limit: int) -> list[int]:
    return _loop(
        write, tool, ids, limit, asked=lambda piece, text: [id for id in piece if id > CALLED]
    )


@tool_loop.wrong(
    "Which call is run? The one that was just written. Here it is the first of the whole text, which may "
    "be an old one, or one of the prompt's."
)
def _first_call_of_the_text(write: Write, tool: Tool, ids: list[int], limit: int) -> list[int]:
    return _loop(write, tool, ids, limit, asked=lambda piece, text: _asked(text)[0])


@tool_loop.wrong(
    "What does the model read before it goes on? The whole text. Here it gets the last result alone, and "
    "has forgotten the question."
)
def _only_the_result_is_read(write: Write, tool: Tool, ids: list[int], limit: int) -> list[int]:
    text = read = list(ids)
    for done in range(limit + 1):
        piece = write(read)
        text = text + piece
        if piece[-1] == END or done == limit:
            break
        read = _result(tool, _asked(piece)[-1])
        text = text + read
    return text


@tool_loop.wrong(
    "What does the model read before it goes on? All that came, results included. Here it reads the "
    "prompt and its own pieces, and the results are put in only for us."
)
def _results_not_read(write: Write, tool: Tool, ids: list[int], limit: int) -> list[int]:
    text = read = list(ids)
    for done in range(limit + 1):
        piece = write(read)
        text, read = text + piece, read + piece
        if piece[-1] == END or done == limit:
            break
        text = text + _result(tool, _asked(piece)[-1])
    return text


@tool_loop.wrong("What is asked for? The whole text. Here the prompt is missing.")
def _without_the_prompt(write: Write, tool: Tool, ids: list[int], limit: int) -> list[int]:
    return tool_loop.reference(write, tool, ids, limit)[len(ids) :]


@tool_loop.inputs
def _models_and_tools(rng: torch.Generator) -> Iterator[tuple[Write, Tool, list[int], int]]:
    def words(count: int) -> list[int]:
        return torch.randint(10, 100, (count,), generator=rng).tolist()

    example = [CALL, *words(2), CALLED, *words(1)]
    for calls, limit, fails, before in (
        (1, 3, 0, []),
        (0, 2, 0, []),
        (2, 4, 0, []),
        (3, 3, 0, example),
        (4, 2, 0, []),
        (6, 1, 0, example),
        (2, 0, 0, []),
        (3, 5, 2, []),
        (5, 3, 2, example),
        (6, 4, 3, []),
        (8, 5, 2, example),
        (5, 6, 1, []),
        (9, 7, 3, []),
    ):
        ids = [*words(1 + calls % 3), *before, *words(2)]
        yield _model(calls, ids.count(CALLED)), _tool(fails), ids, limit


def _model(calls: int, before: int) -> Write:
    """A model that calls `calls` times. What it writes depends on all that it reads, and on where it
    stands. `before`: the calls in its prompt.
    """

    def write(ids: list[int]) -> list[int]:
        state = sum((place + 3) * (id + 1) for place, id in enumerate(ids))
        word, first, second = (10 + state * factor % 89 for factor in (1, 7, 31))
        made = ids.count(CALLED) - before
        return [word, END] if made >= calls else [word, CALL, first, second, CALLED]

    write.__doc__ = f"a model that calls the tool {calls} times"
    return write


def _tool(fails: int) -> Tool:
    """A tool that works something out; with `fails` it cannot for about one question in so many."""

    def tool(asked: list[int]) -> list[int]:
        number = sum((place + 1) * id for place, id in enumerate(asked))
        if fails and number % fails == 0:
            raise ValueError("I cannot do that.")
        return [10 + number % 83, 10 + number % 7]

    tool.__doc__ = f"a tool that fails for one question in {fails}" if fails else "a tool"
    return tool
