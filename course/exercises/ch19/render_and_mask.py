"""Exercise 19.1: a conversation as one row of tokens, and which of them are learned."""

from collections.abc import Iterator

import torch

from course.judging.exercise import exercise

Rendered = tuple[list[str], list[bool]]


@exercise(
    "19.1",
    minutes=8,
    hints=(
        "Go through the turns, and keep two lists that grow together: the tokens, and for each of "
        "them True or False.",
        "A turn adds the mark [role], its words, and [end]. All of that is learned or not in the same "
        "way, but for one token.",
        'For the assistant\'s turn: False for "[assistant]", then True for every word and for "[end]". '
        "For any other turn all are False.",
    ),
)
def render_and_mask(roles: list[str], texts: list[str]) -> tuple[list[str], list[bool]]:
    """A conversation as one row of tokens, and which of them are learned.

    A turn of the user who says "hi there" becomes: [user] hi there [end]. The mark in front
    names the role, whatever it is. Each word is a token, and each mark is one.

    To be learned is what the assistant writes: its words, and the [end] that ends its turn. The
    mark [assistant] is put there by the template and is not learned.

    roles: who speaks in each turn, such as ["system", "user", "assistant"].
    texts: what is said in each turn, words with a space between them, perhaps none ("").
    Returns two lists of the same length: the tokens, and for each token True if it is learned.
    """
    tokens, learn = [], []
    for role, text in zip(roles, texts, strict=True):
        written = [*text.split(), "[end]"]
        tokens += [f"[{role}]", *written]
        learn += [False] + [role == "assistant"] * len(written)
    return tokens, learn


@render_and_mask.also_right
def _token_by_token(roles: list[str], texts: list[str]) -> Rendered:
    tokens: list[str] = []
    learn: list[bool] = []
    for number in range(len(roles)):
        tokens.append("[" + roles[number] + "]")
        learn.append(False)
        for word in texts[number].split():
            tokens.append(word)
            learn.append(roles[number] == "assistant")
        tokens.append("[end]")
        learn.append(roles[number] == "assistant")
    return tokens, learn


@render_and_mask.also_right
def _mask_found_afterwards(roles: list[str], texts: list[str]) -> Rendered:
    row = " ".join(f"[{role}] {text} [end]" for role, text in zip(roles, texts, strict=True))
    tokens = row.split()
    speaker, learn = "", []
    for before, token in zip(["[end]", *tokens], tokens, strict=False):
        if before == "[end]":
            speaker = token
        learn.append(speaker == "[assistant]" and before != "[end]")
    return tokens, learn


def _rendered(roles: list[str], texts: list[str], learned: str) -> Rendered:
    """With other choices of what is learned: w for words, e for the end, m for the mark in front."""
    tokens, learn = [], []
    for role, text in zip(roles, texts, strict=True):
        words, mine = text.split(), role == "assistant"
        tokens += [f"[{role}]", *words, "[end]"]
        learn += [mine and "m" in learned] + [mine and "w" in learned] * len(words)
        learn += [mine and "e" in learned]
    return tokens, learn


@render_and_mask.wrong(
    "When does an assistant stop? When it has learned to write [end]. Here its [end] is not learned, "
    "so it would talk on for ever."
)
def _end_not_learned(roles: list[str], texts: list[str]) -> Rendered:
    return _rendered(roles, texts, "w")


@render_and_mask.wrong(
    "Who writes [assistant]? The template does, to give the assistant the word. It is no part of what "
    "the assistant has to say, and not learned."
)
def _mark_learned(roles: list[str], texts: list[str]) -> Rendered:
    return _rendered(roles, texts, "mwe")


@render_and_mask.wrong(
    "Whose words are learned? The assistant's alone. Here the user's and the system's are learned "
    "too, as in pre-training."
)
def _everything_learned(roles: list[str], texts: list[str]) -> Rendered:
    tokens, learn = _rendered(roles, texts, "")
    return tokens, [True] * len(learn)


@render_and_mask.wrong(
    "Which side of the mask is which? True means learned. Here it stands where the others speak."
)
def _mask_turned_round(roles: list[str], texts: list[str]) -> Rendered:
    tokens, learn = _rendered(roles, texts, "we")
    return tokens, [not one for one in learn]


@render_and_mask.wrong(
    "Does each True stand at its own token? Here all of them stand one place too early: at the token "
    "before. The shift by one belongs to the loss, and not to the mask."
)
def _one_place_early(roles: list[str], texts: list[str]) -> Rendered:
    tokens, learn = _rendered(roles, texts, "we")
    return tokens, [*learn[1:], False]


@render_and_mask.wrong(
    "How many turns does the assistant have? There may be several, and all of them are learned. Here "
    "only the last one is."
)
def _last_turn_only(roles: list[str], texts: list[str]) -> Rendered:
    tokens, learn = [], []
    last = max((n for n, role in enumerate(roles) if role == "assistant"), default=-1)
    for number, (role, text) in enumerate(zip(roles, texts, strict=True)):
        more, mask = _rendered([role], [text], "we" if number == last else "")
        tokens, learn = tokens + more, learn + mask
    return tokens, learn


@render_and_mask.wrong("Where does a turn end? Each one with [end], and here that mark is missing.")
def _no_end_mark(roles: list[str], texts: list[str]) -> Rendered:
    tokens, learn = _rendered(roles, texts, "we")
    kept = [place for place, token in enumerate(tokens) if token != "[end]"]
    return [tokens[place] for place in kept], [learn[place] for place in kept]


@render_and_mask.wrong(
    "Is the order of the turns known? No: roles says who speaks. Here every second turn is taken for "
    "the assistant's."
)
def _every_second_turn(roles: list[str], texts: list[str]) -> Rendered:
    tokens, learn = [], []
    for number, (role, text) in enumerate(zip(roles, texts, strict=True)):
        words = text.split()
        tokens += [f"[{role}]", *words, "[end]"]
        learn += [False] + [number % 2 == 1] * (len(words) + 1)
    return tokens, learn


@render_and_mask.inputs
def _conversations(rng: torch.Generator) -> Iterator[tuple[list[str], list[str]]]:
    yield ["user", "assistant"], ["hi there", "hello friend !"]
    yield ["user", "assistant", "user", "assistant"], ["hi", "hello you", "where is it ?", "here ."]
    yield ["system", "user", "assistant"], ["you are kim .", "who ?", "i am kim ."]
    yield ["user", "assistant"], ["say nothing", ""]
    yield ["assistant", "tool", "assistant", "user"], ["look up ana", "ana is here .", "here", "ok"]
    words = "oslo rome lives in a town who what".split()
    for turns in (1, 2, 3, 5):
        roles, texts = [], []
        for _ in range(turns):
            pick = int(torch.randint(0, 4, (1,), generator=rng))
            roles.append(("system", "user", "assistant", "tool")[pick])
            count = int(torch.randint(0, 4, (1,), generator=rng))
            places = torch.randint(0, len(words), (count,), generator=rng).tolist()
            texts.append(" ".join(words[place] for place in places))
        yield roles, texts
