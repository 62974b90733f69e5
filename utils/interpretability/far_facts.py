"""Does a model use what stands far back in its text? A fact among fillers, told in several ways, and
eight words that could be asked for.

    text = far_text("copy", "boat", place=1)
    chances(model, tok, text)        # of each of WORDS to come next
"""

import torch
from jaxtyping import Float
from torch import Tensor

from utils.model.gpt import GPT
from utils.text.tokenizer import Tokenizer

WORDS = ("kitchen", "boat", "barn", "church", "library", "tower", "cave", "attic")
FILLER = "The grass is green. The sky is blue. The sun is warm. Here we go again. "
FILLERS = 12  # some 250 tokens with the fact and the question
QUESTION = "Anna hid the key in the"
WORDINGS = {
    "copy": "Anna hid the key in the {word}. ",
    "reworded": "The {word} is the place where Anna has hidden the key. ",
    "Bob after": "Anna hid the key in the {word}. Bob hid the key in the {other}. ",
    "Bob before": "Bob hid the key in the {other}. Anna hid the key in the {word}. ",
    "nowhere": "",
}


def far_text(wording: str, word: str, place: int) -> str:
    """A text that ends in QUESTION, with the fact after `place` of the 12 fillers.

    wording: a key of WORDINGS, else ValueError. The word of Bob's key is the next one of WORDS.
    """
    if wording not in WORDINGS:
        raise ValueError(f"{wording!r} is no wording; take one of {', '.join(WORDINGS)}.")
    if not 0 <= place <= FILLERS:
        raise ValueError(f"place is {place}; give 0 to {FILLERS}, the number of fillers before it.")
    fact = WORDINGS[wording].format(word=word, other=other_word(word))
    return FILLER * place + fact + FILLER * (FILLERS - place) + QUESTION


def other_word(word: str) -> str:
    """The next one of WORDS; the first one after the last."""
    return WORDS[(WORDS.index(word) + 1) % len(WORDS)]


def chances(model: GPT, tok: Tokenizer, text: str) -> dict[str, float]:
    """The probability of each of WORDS as the next token of `text`."""
    tokens = [tok.encode(" " + word) for word in WORDS]
    if any(len(ids) != 1 for ids in tokens):
        raise ValueError("with this tokenizer not each of WORDS is one token: take SmolLM2's.")
    ids = torch.tensor([tok.encode(text)])
    with torch.no_grad():
        probabilities: Float[Tensor, " vocab"] = model.next_logits(ids)[0].softmax(dim=-1)
    return {word: float(probabilities[id]) for word, (id,) in zip(WORDS, tokens, strict=True)}
