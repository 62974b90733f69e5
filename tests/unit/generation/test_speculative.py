"""Guessing changes no text: greedy is the plain loop's, and drawn texts have the model's own
distribution.
"""

import random
from collections import Counter
from itertools import product

import pytest
import torch
from scripted import letters, random_gpt

from utils import generate
from utils.generation.speculative import check, repeated_ngram, speculate

TOK = letters(26)


def nothing(ids):
    return []


def noise(ids):
    return random.Random(len(ids)).choices(range(26), k=5)


@pytest.mark.parametrize("kind", ["gpt2", "llama"])
@pytest.mark.parametrize("draft", [nothing, noise, repeated_ngram])
@pytest.mark.parametrize("prompt", ["k", "abcabcab"])
def test_greedy_is_what_generate_writes(kind, draft, prompt):
    model = random_gpt(kind, vocab=26)
    written = speculate(model, TOK.encode(prompt), 14, draft)
    assert TOK.decode(written.ids) == generate(model, TOK, prompt, max_new_tokens=14, temperature=0)
    assert len(written.ids) == 14 == written.passes + written.kept


def test_a_draft_that_is_always_right_saves_passes():
    model, prompt = random_gpt("llama", vocab=26), TOK.encode("hello")
    text = prompt + speculate(model, prompt, 20, nothing).ids
    oracle = speculate(model, prompt, 20, lambda ids: text[len(ids) : len(ids) + 4])
    assert oracle.ids == text[len(prompt) :]
    assert (oracle.passes, oracle.guessed, oracle.kept) == (4, 16, 16)


def test_it_ends_before_a_stop_id():
    model, prompt = random_gpt("llama", vocab=26), TOK.encode("hello")
    text = speculate(model, prompt, 20, nothing).ids
    stop = text[9]
    before = text[: text.index(stop)]
    right = speculate(model, prompt, 20, lambda ids: (prompt + text)[len(ids) :][:7], stop=[stop])
    assert right.ids == speculate(model, prompt, 20, nothing, stop=[stop]).ids == before


def test_the_end_of_the_context_is_the_end():
    model = random_gpt("gpt2", vocab=26)
    context = model.config.context_length
    prompt = TOK.encode("abc")
    written = speculate(model, prompt, 10 * context, noise)
    assert len(written.ids) == context - len(prompt) + 1


def test_drawn_pairs_have_the_models_distribution():
    """All 36 pairs of two tokens, 20,000 draws, a draft that is often wrong: chi-squared with 35
    degrees of freedom is above 75 once in 10,000 times.
    """
    model, vocab, draws = random_gpt("gpt2", vocab=6), 6, 20_000
    prompt, heat = [1, 4], 1.7
    with torch.no_grad():
        first = (model(torch.tensor([prompt]))[0, -1].double() / heat).softmax(-1)
        pairs = torch.tensor([[*prompt, token] for token in range(vocab)])
        second = (model(pairs)[:, -1].double() / heat).softmax(-1)
    expected = {(a, b): float(first[a] * second[a, b]) for a, b in product(range(vocab), repeat=2)}
    generator = torch.Generator().manual_seed(0)
    logits = torch.stack([first, second[3]])
    found = Counter()
    for _ in range(draws):
        drawn = check([3], logits, generator)
        if len(drawn) == 1:  # refused: the second token comes from the next pass
            drawn.append(int(second[drawn[0]].multinomial(1, generator=generator)))
        found[tuple(drawn)] += 1
    squared = sum((found[p] - draws * e) ** 2 / (draws * e) for p, e in expected.items())
    assert squared < 75


def test_the_whole_loop_draws_from_the_model():
    """The same through `speculate`, with 1,500 texts: chi-squared with 5 degrees of freedom for each
    token alone is above 30 once in 60,000 times.
    """
    model, vocab, draws = random_gpt("llama", vocab=6), 6, 1_500
    prompt, generator = [2, 5, 2], torch.Generator().manual_seed(1)
    with torch.no_grad():
        first = model(torch.tensor([prompt]))[0, -1].double().softmax(-1)
        longer = torch.tensor([[*prompt, token] for token in range(vocab)])
        second = first @ model(longer)[:, -1].double().softmax(-1)
    texts = [speculate(model, prompt, 2, repeated_ngram, 1.0, generator).ids for _ in range(draws)]
    for place, expected in enumerate((first, second)):
        counts = torch.bincount(torch.tensor([text[place] for text in texts]), minlength=vocab)
        assert ((counts - draws * expected) ** 2 / (draws * expected)).sum() < 30


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([1, 2, 3, 9, 1, 2], [3, 9, 1, 2]),
        ([1, 2, 3, 1, 2, 4, 1, 2], [4, 1, 2]),  # the latest place
        ([7, 1, 2, 3, 5, 1, 2, 8, 7, 1, 2], [3, 5, 1, 2, 8, 7, 1, 2]),  # the longest end
        ([1, 2, 3], []),
        ([4], []),
        ([4, 4], [4]),
        ([], []),
    ],
)
def test_repeated_ngram(ids, expected):
    assert repeated_ngram(ids) == expected


def test_at_most_so_many_tokens_of_an_end_so_long():
    assert repeated_ngram([1, 2, 3, 4, 1], tokens=2) == [2, 3]
    assert repeated_ngram([7, 1, 3, 9, 1, 5, 7, 1], longest=1) == [5, 7, 1]


def test_bad_input_is_one_sentence():
    model = random_gpt("gpt2", vocab=26)
    with pytest.raises(ValueError, match="the prompt is empty"):
        speculate(model, [], 3)
    with pytest.raises(ValueError, match="temperature is -1"):
        speculate(model, [1], 3, temperature=-1)
    with pytest.raises(ValueError, match="knows 0 to"):
        speculate(model, [1], 5, lambda ids: [99])
    cache = model.new_cache(1, 5)
    with pytest.raises(ValueError, match="holds 0 positions, and 2 were to be kept"):
        cache.forget(2)
