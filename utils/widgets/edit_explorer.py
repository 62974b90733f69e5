"""Edit a fact of one's own, and see what the model says before and after, also to another question.

The search for an edit keeps all states of its texts for the gradient, so every field is bounded.
"""

from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from html import escape

import torch
from ipywidgets import Layout, Text, VBox

from utils.interpretability.rank_one_edit import RankOneEdit, edit_fact
from utils.model.gpt import GPT
from utils.pictures.figures import bars, img, new_figure
from utils.pictures.html_panels import panel
from utils.text.tokenizer import Tokenizer
from utils.widgets.explorers import explorer_with_button

_MOST_TOKENS = 64  # of a text; of the new answer:
_MOST_OF_ANSWER = 8
_MOST_CHARACTERS = 600  # more are not even read as tokens
_LIKELIEST = 4
_STEPS = 12


def edit_explorer(model: GPT, tok: Tokenizer) -> VBox:
    """Type a prompt, its subject and a new answer, and click on Edit: the likeliest next words
    before and after the edit, for the prompt and for another text.
    """

    @lru_cache(maxsize=32)  # each edit is searched for once
    def edited(prompt: str, subject: str, target: str) -> RankOneEdit:
        return edit_fact(model, tok, prompt, subject, f" {target}", steps=_STEPS)

    def draw(prompt: str, subject: str, target: str, other: str) -> str:
        prompt, other, target = prompt.strip(), other.strip(), target.strip()
        for text in (prompt, other):
            _check_length(tok, "text", text, _MOST_TOKENS)
        _check_length(tok, "new answer", target, _MOST_OF_ANSWER)
        edit = edited(prompt, subject.strip(), target)
        verdict = edit_verdict(model, tok, edit, prompt, target)
        return verdict + edit_picture(model, tok, edit, prompt, other, target)

    wide = {"layout": Layout(width="520px", max_width="100%")}
    return explorer_with_button(
        draw,
        height=520,
        action="Edit",
        working="Searching for an edit. This takes some seconds; Interrupt stops it.",
        prompt=Text("The Eiffel Tower is in the city of", description="prompt", **wide),
        subject=Text("Eiffel Tower", description="subject", **wide),
        target=Text("Rome", description="new answer", **wide),
        other=Text("The Louvre is in the city of", description="ask also", **wide),
    )


def _check_length(tok: Tokenizer, what: str, text: str, most: int) -> None:
    if len(text) > _MOST_CHARACTERS:
        raise ValueError(
            f"the {what} {text[:20]!r}… has {len(text)} characters; give one of at most "
            f"{_MOST_CHARACTERS} characters and {most} tokens."
        )
    count = len(tok.encode(text))
    if not 1 <= count <= most:
        raise ValueError(
            f"the {what} {text[:20]!r} has {count} tokens; give one of 1 to {most} tokens."
        )


def edit_verdict(model: GPT, tok: Tokenizer, edit: RankOneEdit, prompt: str, target: str) -> str:
    """A sentence in a panel: whether the target is the likeliest answer to `prompt` after the edit.

    Of a target of several tokens the first one counts.
    """
    with edit:
        (first, *_), (p, *_) = _likeliest(model, tok, prompt)
    wanted = tok.decode(tok.encode(f" {target}")[:1])
    if first == wanted:
        return panel(f"The edit works: “{escape(target)}” comes first.", "good")
    return panel(
        f"The edit failed: after it “{escape(first.strip())}” comes first, with probability "
        f"{p:.2f}, and not “{escape(target)}”.",
        "note",
    )


def edit_picture(
    model: GPT, tok: Tokenizer, edit: RankOneEdit, prompt: str, other: str, target: str
) -> str:
    """The likeliest words after `prompt` (above) and `other` (below), before the edit (left) and
    after it (right), as one <img>.
    """
    figure, axes = new_figure(height=4.8, rows=2, columns=2)
    states: dict[str, AbstractContextManager[object]] = {"before": nullcontext(), "after": edit}
    for column, (when, state) in zip(axes.T, states.items(), strict=True):
        for ax, text in zip(column, (prompt, other), strict=True):
            with state:
                words, probabilities = _likeliest(model, tok, text)
            bars(words, probabilities, title=f"{when}\n{text[:34]}", ax=ax)
            ax.set_xlim(0, 1.2)  # room for the values at the ends
    alt = (
        f"The likeliest words after “{prompt}” and after “{other}”, before and after the edit to "
        f"“{target}”."
    )
    return img(figure, alt)


@torch.inference_mode()
def _likeliest(model: GPT, tok: Tokenizer, text: str) -> tuple[list[str], list[float]]:
    ids = torch.tensor([tok.encode(text)], device=model.device)
    top = model.next_logits(ids)[0].softmax(dim=-1).topk(_LIKELIEST)
    return [tok.decode([token]) for token in top.indices.tolist()], top.values.tolist()
