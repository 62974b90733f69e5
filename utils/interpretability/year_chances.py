"""Which year does a model find likely? A year is written digit by digit, and chances multiply:

P("2022") = P("2" after "… in 20") times P("2" after "… in 202")
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from utils.interpretability.forced_choice import choice_logprobs
from utils.model.gpt import GPT
from utils.text.tokenizer import Tokenizer

# texts that a year comes after
BEGUN = (
    "The report was published in",
    "The new law came into force in",
    "Copyright",
    "As of",
)
DECADES = 3  # from 2000 on
_DIGITS = [str(digit) for digit in range(10)]


def year_chances(
    model: GPT, tok: Tokenizer, begun: Sequence[str] = BEGUN
) -> Float[Tensor, " year"]:
    """The probability of each year from 2000 to 2029 after a text and " 20", the mean over the texts.

    They add up to less than 1: the model may go on with other digits, or with none. ValueError if
    there are no texts.
    """
    if not begun:
        raise ValueError("no texts were given; give one or more, such as “Copyright”.")
    return torch.stack([_after(model, tok, text) for text in begun]).mean(dim=0)


def _after(model: GPT, tok: Tokenizer, text: str) -> Float[Tensor, " year"]:
    beginnings = ["", *_DIGITS[:DECADES]]
    prompts = [tok.encode(f"{text} 20{digits}") for digits in beginnings]
    tens, *ones = choice_logprobs(model, tok, prompts, _DIGITS).exp()
    return torch.cat([tens[decade] * ones[decade] for decade in range(DECADES)])
