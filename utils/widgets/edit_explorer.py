"""Edit a fact of one's own, and see what the model says before and after, also to another question."""

from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache

import torch
from ipywidgets import Layout, Text, VBox

from utils.interpretability.rank_one_edit import RankOneEdit, edit_fact
from utils.model.gpt import GPT
from utils.pictures.figures import bars, img, new_figure
from utils.text.tokenizer import Tokenizer
from utils.widgets.explorers import explorer

_MOST_TOKENS = 64  # the search for an edit keeps all states of the prompt for its gradient
_LIKELIEST = 4
_STEPS = 12


def edit_explorer(model: GPT, tok: Tokenizer) -> VBox:
    """Type a prompt, its subject and a new answer: the likeliest next words before and after the
    edit, for the prompt and for another text.
    """

    @lru_cache(maxsize=32)  # each edit is searched for once
    def edited(prompt: str, subject: str, target: str) -> RankOneEdit:
        return edit_fact(model, tok, prompt, subject, f" {target}", steps=_STEPS)

    def draw(prompt: str, subject: str, target: str, other: str) -> str:
        prompt, other = prompt.strip(), other.strip()
        for text in (prompt, other):
            _check_length(tok, text)
        edit = edited(prompt, subject.strip(), target.strip())
        return edit_picture(model, tok, edit, prompt, other, target.strip())

    wide = {"continuous_update": False, "layout": Layout(width="520px", max_width="100%")}
    return explorer(
        draw,
        height=470,
        prompt=Text("The Eiffel Tower is in the city of", description="prompt", **wide),
        subject=Text("Eiffel Tower", description="subject", **wide),
        target=Text("Rome", description="new answer", **wide),
        other=Text("The Louvre is in the city of", description="ask also", **wide),
    )


def _check_length(tok: Tokenizer, text: str) -> None:
    count = len(tok.encode(text))
    if not 1 <= count <= _MOST_TOKENS:
        raise ValueError(
            f"the text {text[:20]!r} has {count} tokens; give one of 1 to {_MOST_TOKENS}."
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
