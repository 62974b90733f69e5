"""The explorer of passages: a text in front of a question, and what the model makes of it."""

import torch
from ipywidgets import Dropdown, VBox
from matplotlib.figure import Figure

from utils.data.capital_passages import COUNTRIES, Country, same_words, with_passage
from utils.model.gpt import GPT
from utils.pictures.figures import bars, visible
from utils.text.tokenizer import Tokenizer
from utils.widgets.explorers import explorer, next_token_picture, remembered_logits, text_field

CANDIDATES = 6
_BY_NAME = {one.name: one for one in COUNTRIES}


def passage_explorer(model: GPT, tok: Tokenizer, country: str = "Germany") -> VBox:
    """Type a passage, a false one or a command to the model, and choose the country that is asked
    for: the likeliest next tokens as the answer's beginning.
    """
    first = _country(country)
    last_logits = remembered_logits(model, tok)

    def draw(passage: str, country: str) -> str:
        prompt = with_passage(_country(country), passage.strip())
        last_line = f"The capital of {country} is"
        return next_token_picture(tok, last_logits(prompt), last_line, 1.0, CANDIDATES)

    return explorer(
        draw,
        height=300,
        passage=text_field(same_words(first), "passage", 640),
        country=Dropdown(options=list(_BY_NAME), value=country, description="country"),
    )


def after_passage(model: GPT, tok: Tokenizer, country: str, passage: str) -> tuple[Figure, str]:
    """The explorer's picture as one that stands still: the likeliest tokens as the answer's beginning."""
    prompt = with_passage(_country(country), passage)
    with torch.inference_mode():
        logits = model.next_logits(torch.tensor([tok.encode(prompt)], device=model.device))[0]
    top = logits.cpu().softmax(dim=-1).topk(CANDIDATES)
    pieces = [tok.decode([id]) for id in top.indices.tolist()]
    said = ", ".join(
        f"{visible(piece)} {p:.2f}" for piece, p in zip(pieces, top.values.tolist(), strict=True)
    )
    figure = bars(pieces, top.values, title=f"{passage} … The capital of {country} is")
    return figure, f"The likeliest tokens after “The capital of {country} is”: {said}."


def _country(name: str) -> Country:
    """ValueError for a country that is none of ours."""
    if name not in _BY_NAME:
        raise ValueError(f"{name!r:.40} is none of the countries: {', '.join(_BY_NAME)}.")
    return _BY_NAME[name]
