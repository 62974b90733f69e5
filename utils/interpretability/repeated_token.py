"""Can a model repeat a token that it has just read?"""

from collections.abc import Sequence

import torch

from utils.model.gpt import GPT
from utils.text.tokenizer import Tokenizer

BEFORE, AFTER = "He wrote the word", " on the board. The class read the word"


@torch.inference_mode()
def places_when_repeated(
    model: GPT, tok: Tokenizer, ids: Sequence[int], start: Sequence[int] = ()
) -> list[int]:
    """For each id: at which place it stands among all candidates for the next token, after a text
    in which somebody wrote it (BEFORE it, AFTER it) and a class reads it. 1 is the likeliest.

    start: the ids that every text begins with, such as the mark that ends the one before it.
    """
    before, after = [*start, *tok.encode(BEFORE)], tok.encode(AFTER)
    prompts = torch.tensor([[*before, id, *after] for id in ids])
    scores = model.next_logits(prompts)  # (id, vocab)
    own = scores.gather(1, torch.tensor(ids)[:, None])
    return [1 + int(more) for more in (scores > own).sum(dim=1)]
