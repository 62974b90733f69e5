"""The explorer of passages: a text in front of a question, and what the model makes of it."""

from ipywidgets import Dropdown, VBox

from utils.data.capital_passages import COUNTRIES, same_words, with_passage
from utils.model.gpt import GPT
from utils.text.tokenizer import Tokenizer
from utils.widgets.explorers import explorer, next_token_picture, remembered_logits, text_field

CANDIDATES = 6


def passage_explorer(model: GPT, tok: Tokenizer, country: str = "Germany") -> VBox:
    """Type a passage, a false one or a command to the model, and choose the country that is asked
    for: the likeliest next tokens as the answer's beginning.
    """
    by_name = {one.name: one for one in COUNTRIES}
    if country not in by_name:
        raise ValueError(f"{country!r:.40} is none of the countries: {', '.join(by_name)}.")
    last_logits = remembered_logits(model, tok)
    first = by_name[country]

    def draw(passage: str, country: str) -> str:
        prompt = with_passage(by_name[country], passage.strip())
        last_line = f"The capital of {country} is"
        return next_token_picture(tok, last_logits(prompt), last_line, 1.0, CANDIDATES)

    return explorer(
        draw,
        height=300,
        passage=text_field(same_words(first), "passage", 640),
        country=Dropdown(options=list(by_name), value=country, description="country"),
    )
