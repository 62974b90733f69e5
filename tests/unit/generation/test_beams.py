"""Beam search against all sequences there are, against greedy, against a search without a cache,
and transformers'.
"""

import itertools
import math

import pytest
import torch
from oracles import hf_gpt2, hf_llama, random_ids, save_and_load
from scripted import Bigram, Pieces, letters, random_gpt

from utils.generation.beams import beam_search
from utils.generation.decoding import generate

KINDS = ["gpt2", "llama"]
TOLERANCE = {"rel": 1e-4, "abs": 1e-4}


def log_probabilities(model, ids: list[int]) -> torch.Tensor:
    """After each position of the whole text, in one pass and without a cache."""
    with torch.no_grad():
        return model(torch.tensor([ids]))[0].double().log_softmax(-1)


def all_continuations(
    model, tok: Pieces, ids: list[int], depth: int, stop_ids: frozenset[int]
) -> dict[tuple, float]:
    """Every sequence of at most `depth` tokens that ends at a stop or has `depth` tokens, with its
    log-probability.
    """
    found = {}
    for tokens in itertools.product(range(tok.vocab_size), repeat=depth):
        stops = [place for place, token in enumerate(tokens) if token in stop_ids]
        tokens = tokens[: stops[0] + 1] if stops else tokens
        if tokens not in found:
            logs = log_probabilities(model, ids + list(tokens))
            found[tokens] = math.fsum(
                logs[len(ids) - 1 + n, token].item() for n, token in enumerate(tokens)
            )
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("length_penalty", [1.0, 0, -0.7, 2.5])
@pytest.mark.parametrize("stops", [[], [2], [0, 3]])
def test_with_enough_beams_it_finds_all_sequences_in_order(kind, length_penalty, stops):
    vocab, depth = 4, 3
    model, tok = random_gpt(kind, vocab, seed=len(stops)), letters(vocab, stops)
    everything = all_continuations(model, tok, [1, 3], depth, tok.stop_ids)
    order = sorted(
        everything, key=lambda tokens: -everything[tokens] / len(tokens) ** length_penalty
    )
    settings = {"max_new_tokens": depth, "length_penalty": length_penalty}
    found = beam_search(model, tok, [1, 3], beams=vocab**depth, **settings)
    assert len(found) == len(everything)
    shown = [tok.decode([t for t in tokens if t not in stops]) for tokens in order]
    assert [text for text, _ in found] == shown
    assert [value for _, value in found] == pytest.approx(
        [everything[tokens] for tokens in order], **TOLERANCE
    )
    assert math.fsum(math.exp(value) for _, value in found) == pytest.approx(1, **TOLERANCE)


def test_it_finds_what_greedy_misses():
    # a: 0.4 and b: 0.6 at first; after a comes c surely, after b any of four. So "ac" (0.4) beats
    #     "b?" (0.15).
    rows = [[1e-9, 1e-9, 1 - 3e-9, 1e-9], [0.25] * 4, [0.25] * 4, [0.4, 0.6, 1e-9, 1e-9]]
    model, tok = Bigram(torch.tensor(rows).log()), letters(4)
    assert generate(model, tok, "d", temperature=0, max_new_tokens=2) == "ba"
    text, value = beam_search(model, tok, "d", beams=2, max_new_tokens=2)[0]
    assert (text, math.exp(value)) == ("ac", pytest.approx(0.4))
    assert beam_search(model, tok, "d", beams=1, max_new_tokens=2)[0][0] == "ba"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("prompt", ["k", "hello", "quick"])
def test_one_beam_is_greedy(kind, prompt):
    model, tok = random_gpt(kind, vocab=26), letters(26, stop_ids=[20])
    [(text, value)] = beam_search(model, tok, prompt, beams=1, max_new_tokens=12)
    assert text == generate(model, tok, prompt, max_new_tokens=12, temperature=0)
    ids = tok.encode(prompt + text) + [20] * (len(text) < 12)
    logs = log_probabilities(model, ids)[len(prompt) - 1 : -1]
    assert value == pytest.approx(logs.max(-1).values.sum().item(), **TOLERANCE)


@pytest.mark.parametrize("limit", [1, 2, 9])
def test_one_beam_ends_where_greedy_ends(limit):
    # The stop (c) is likeliest at first. What follows a is certain, so per token "aaa…" would soon
    # score better.
    rows = [[1 - 2e-9, 1e-9, 1e-9], [0.45, 0.05, 0.5], [1 / 3] * 3]
    model, tok = Bigram(torch.tensor(rows).log()), letters(3, stop_ids=[2])
    assert generate(model, tok, "b", temperature=0, max_new_tokens=limit) == ""
    assert beam_search(model, tok, "b", beams=1, max_new_tokens=limit) == [
        ("", pytest.approx(math.log(0.5)))
    ]
    assert len(model.reads) == 2
    if limit == 9:
        assert beam_search(model, tok, "b", beams=2, max_new_tokens=limit)[0][0] == "a" * 9


def test_ties_go_to_the_first_beam_and_the_lowest_id():
    model, tok = Bigram(torch.zeros(5, 5)), letters(5)
    assert [text for text, _ in beam_search(model, tok, "c", beams=3, max_new_tokens=2)] == [
        "aa",
        "ab",
        "ac",
    ]
    assert generate(model, tok, "c", max_new_tokens=2, temperature=0) == "aa"
    many, tok = Bigram(torch.zeros(90, 90)), letters(90)
    first = [text for text, _ in beam_search(many, tok, "c", beams=70, max_new_tokens=1)]
    assert first == [tok.decode([i]) for i in range(70)]


# ---- against a search written down plainly --------------------------------------------------------------------------


def plain_search(
    model, prompt: list[int], beams: int, steps: int, penalty: float, stop_ids: frozenset[int]
):
    """The definition, with plain lists, the whole text through the model each time, and no early
    end.
    """
    live, finished = [([], 0.0)], []
    for _ in range(steps):
        grown = []
        for tokens, value in live:
            after = log_probabilities(model, prompt + tokens)[-1].tolist()
            grown += [([*tokens, token], value + new) for token, new in enumerate(after)]
        grown.sort(key=lambda h: -h[1])
        finished += [h for h in grown[:beams] if h[0][-1] in stop_ids]
        live = [h for h in grown if h[0][-1] not in stop_ids][:beams]
    return sorted(finished + live, key=lambda h: -h[1] / len(h[0]) ** penalty)[:beams]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("length_penalty", [1.0, 0.0, -1.0, 3.0])
@pytest.mark.parametrize(
    ("beams", "stops"), [(2, [4]), (3, [1, 7, 9]), (5, []), (4, list(range(6)))]
)
def test_it_is_the_search_by_definition(kind, length_penalty, beams, stops):
    model, tok = random_gpt(kind, vocab=11, seed=beams), letters(11, stops)
    expected = plain_search(model, [3, 8, 5], beams, 7, length_penalty, tok.stop_ids)
    found = beam_search(
        model, tok, [3, 8, 5], beams=beams, max_new_tokens=7, length_penalty=length_penalty
    )
    assert [text for text, _ in found] == [
        tok.decode([t for t in ids if t not in stops]) for ids, _ in expected
    ]
    assert [value for _, value in found] == pytest.approx(
        [value for _, value in expected], **TOLERANCE
    )


def test_the_early_end_saves_work():
    # After a nearly certain stop everything open is hopeless, if longer texts are not favoured.
    rows = torch.full((4, 4), 0.001)
    rows[:, 3] = 0.997
    model, tok = Bigram(rows.log()), letters(4, stop_ids=[3])
    found = beam_search(model, tok, "a", beams=2, max_new_tokens=100, length_penalty=0)
    assert [text for text, _ in found] == ["", "a"]
    assert len(model.reads) == 2
    assert model.reads[0] == (1, 1)


def test_it_does_not_end_too_early_when_short_texts_are_favoured():
    # With penalty -1 the score is log-probability * length. When "" (0.2) and "b" (0.099) are
    # finished, "ae" (0.48) is
    # open: at 3 tokens it beats "b" (3 ln 0.48 > 2 ln 0.099), and it ends there. At 9 tokens it
    #     would not.
    rows = torch.full((5, 5), 0.0025)
    rows[3] = torch.tensor([0.6, 0.1, 0.2, 0.05, 0.05])
    rows[[0, 1, 4], [4, 2, 2]] = torch.tensor([0.8, 0.99, 0.99])
    rows[0, [0, 1, 2, 3]] = 0.05
    model, tok = Bigram(rows.log()), letters(5, stop_ids=[2])
    found = beam_search(model, tok, "d", beams=2, max_new_tokens=9, length_penalty=-1)
    assert [text for text, _ in found] == ["", "ae"]


def test_no_open_text_left_ends_the_search():
    model, tok = Bigram(torch.zeros(2, 2)), letters(2, stop_ids=[0, 1])
    assert (
        beam_search(model, tok, "a", beams=3, max_new_tokens=9)
        == [("", pytest.approx(math.log(0.5)))] * 2
    )
    assert len(model.reads) == 1


def test_stop_ids_are_tokens_like_others_if_wanted():
    model, tok = random_gpt("gpt2", vocab=5), letters(5, stop_ids=[0, 1, 2])
    found = beam_search(model, tok, "d", beams=3, max_new_tokens=6, stop_at_eos=False)
    assert found == beam_search(model, letters(5), "d", beams=3, max_new_tokens=6)
    assert all(len(text) == 6 for text, _ in found)
    assert any(len(text) < 6 for text, _ in beam_search(model, tok, "d", beams=3, max_new_tokens=6))


# ---- against transformers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length_penalty", [1.0, 0.0, 2.0])
@pytest.mark.parametrize("stops", [[], [17], [3, 40, 41, 42, 60]])
@pytest.mark.parametrize("make", [hf_gpt2, lambda: hf_llama(kv_heads=2)], ids=KINDS)
def test_it_is_the_search_of_transformers(make, stops, length_penalty, tmp_path):
    """`early_stopping="never"` is theirs that, like ours, ends only when nothing better can come."""
    oracle, beams, steps = make(), 4, 9
    model = save_and_load(oracle, tmp_path)
    tok, ids = letters(model.config.vocab_size, stops), random_ids(80, batch=1, pos=5)
    with torch.no_grad():
        theirs = oracle.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            do_sample=False,
            num_beams=beams,
            num_return_sequences=beams,
            max_new_tokens=steps,
            length_penalty=length_penalty,
            early_stopping="never",
            eos_token_id=stops or None,
            pad_token_id=0,
            return_dict_in_generate=True,
            output_scores=True,
        )
    expected = []
    for tokens, score in zip(
        theirs.sequences[:, 5:].tolist(), theirs.sequences_scores.tolist(), strict=True
    ):
        length = next((n + 1 for n, token in enumerate(tokens) if token in stops), steps)
        text = tok.decode([token for token in tokens[:length] if token not in stops])
        expected.append((text, pytest.approx(score * length**length_penalty, rel=1e-3, abs=1e-4)))
    found = beam_search(
        model,
        tok,
        ids[0].tolist(),
        beams=beams,
        max_new_tokens=steps,
        length_penalty=length_penalty,
    )
    assert found == expected


# ---- limits and bad input -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_it_ends_where_generate_ends(kind):
    model, tok = random_gpt(kind, vocab=26, context_length=9), letters(26)
    for n in (1, 8, 9):
        texts = [text for text, _ in beam_search(model, tok, "b" * n, beams=3, max_new_tokens=50)]
        assert [len(text) for text in texts] == [9 - n + 1] * 3
    assert beam_search(model, tok, "b", max_new_tokens=0) == [("", 0.0)]


def test_the_prompt_is_read_once():
    model, tok = random_gpt("gpt2", vocab=26), letters(26)
    read = []
    model.blocks[0].register_forward_hook(lambda _, inputs, out: read.append(tuple(out.shape[:2])))
    model.blocks[0].register_forward_hook(
        lambda *_: None if torch.is_inference_mode_enabled() else pytest.fail()
    )
    beam_search(model, tok, "abcdef", beams=3, max_new_tokens=4)
    assert read == [(1, 6), (3, 1), (3, 1), (3, 1)]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"beams": 0}, r"^beams is 0; give a whole number from 1"),
        ({"length_penalty": math.nan}, r"^length_penalty is nan; give a number"),
        ({"length_penalty": 1e6}, r"^length_penalty is 1000000\.0; give a number"),
        ({"max_new_tokens": -2}, r"^max_new_tokens is -2; give a whole number from 0"),
        ({"prompt": ""}, r"^the prompt is empty"),
        ({"prompt": "a" * 33}, r"^the prompt is 33 tokens long"),
    ],
)
def test_bad_input_gets_one_sentence(options, sentence):
    prompt = options.pop("prompt", "abc")
    with pytest.raises(ValueError, match=sentence):
        beam_search(random_gpt("gpt2", vocab=26), letters(26), prompt, **options)


def test_weights_that_give_nan_get_a_sentence():
    model = random_gpt("gpt2", vocab=26)
    model.final_norm.weight.data.fill_(math.nan)
    with pytest.raises(ValueError, match="the logits hold NaN"):
        beam_search(model, letters(26), "abc")
