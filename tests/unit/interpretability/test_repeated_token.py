"""The place of a token that is to be repeated, against a sorted list for each prompt alone."""

import pytest
import torch
from scripted import Pieces, random_gpt

from utils.interpretability.repeated_token import AFTER, BEFORE, places_when_repeated

TOK = Pieces([chr(code).encode() for code in range(32, 127)])
PROMPT = len(BEFORE) + len(AFTER) + 1


@pytest.mark.parametrize(("start", "ids"), [((), [5, 90, 41]), ((7,), [5, 90]), ((2, 2), [33])])
def test_the_place_is_that_in_the_sorted_list(start, ids):
    model = random_gpt("llama", TOK.vocab_size, context_length=PROMPT + 2)
    found = places_when_repeated(model, TOK, ids, start)
    for place, id in zip(found, ids, strict=True):
        text = [*start, *TOK.encode(BEFORE), id, *TOK.encode(AFTER)]
        with torch.no_grad():
            best_first = model(torch.tensor([text]))[0, -1].argsort(descending=True).tolist()
        assert place == 1 + best_first.index(id)
    assert len({*found}) == len(found)
