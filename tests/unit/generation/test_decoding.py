"""The loop around the model: the tokens of a plain loop, whatever the batch; texts, stops and
streams by definition.
"""

import inspect
import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import hf_gpt2, hf_llama, random_ids, save_and_load
from scripted import Bigram, Pieces, letters, random_gpt, script

from utils.generation.decoding import certain_length, generate, stream

KINDS = ["gpt2", "llama"]


def plain_greedy(model, ids: list[int], steps: int) -> list[int]:
    """The loop in four lines: the whole text through the model each time, and the likeliest token
    appended.
    """
    ids = list(ids)
    with torch.no_grad():
        for _ in range(steps):
            ids.append(model(torch.tensor([ids]))[0, -1].argmax().item())
    return ids


# ---- the tokens -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("prompt", ["k", "hello", "thequickbrownfox"])
def test_greedy_is_the_plain_loop(kind, prompt):
    model, tok = random_gpt(kind, vocab=26), letters(26)
    expected = tok.decode(plain_greedy(model, tok.encode(prompt), 12))
    assert len(set(expected[len(prompt) :])) > 3  # a loop over one token would prove little
    assert prompt + generate(model, tok, prompt, max_new_tokens=12, temperature=0) == expected
    assert (
        prompt + "".join(stream(model, tok, prompt, max_new_tokens=12, temperature=0)) == expected
    )
    assert prompt + generate(model, tok, tok.encode(prompt), max_new_tokens=12, top_k=1) == expected


@pytest.mark.parametrize("penalty", [1.0, 1.4, 0.8])
@pytest.mark.parametrize("make", [hf_gpt2, lambda: hf_llama(kv_heads=2)], ids=KINDS)
def test_greedy_is_that_of_transformers(make, penalty, tmp_path):
    oracle = make()
    model, tok = save_and_load(oracle, tmp_path), letters(97)
    ids = random_ids(80, batch=1, pos=5)
    options = {"do_sample": False, "max_new_tokens": 15, "eos_token_id": None, "pad_token_id": 0}
    expected = oracle.generate(
        ids, attention_mask=torch.ones_like(ids), repetition_penalty=penalty, **options
    )
    settings = {"max_new_tokens": 15, "temperature": 0, "repetition_penalty": penalty}
    assert generate(model, tok, ids[0].tolist(), **settings) == tok.decode(expected[0, 5:].tolist())


def test_the_penalty_counts_the_prompt_but_no_padding():
    # From any token, a (id 0, which is also the padding) is a little likelier than b, and b than c.
    model, tok = Bigram(torch.tensor([[3.0, 2.9, 2.8]]).repeat(3, 1)), letters(3)
    settings = {"max_new_tokens": 3, "temperature": 0, "repetition_penalty": 2.0}
    assert generate(model, tok, ["b", "cccc"], **settings) == ["aca", "aba"]
    assert generate(model, tok, "a", **settings) == "bca"


@pytest.mark.parametrize("kind", KINDS)
def test_the_prompt_is_read_once_and_only_its_last_position_is_unembedded(kind):
    model, tok = random_gpt(kind, vocab=26), letters(26)
    read, unembedded = [], []
    model.blocks[0].register_forward_hook(lambda _, inputs, out: read.append(tuple(out.shape[:2])))
    model.unembed.register_forward_hook(lambda _, inputs, out: unembedded.append(tuple(out.shape)))
    generate(model, tok, ["abcdef", "xyz"], max_new_tokens=4)
    assert read == [(2, 6), (2, 1), (2, 1), (2, 1)]
    assert unembedded == [(2, 1, 26)] * 4


# ---- batches --------------------------------------------------------------------------------------------------------

PROMPTS = ["a", "hello", "thequickbrownfox", "xyz", "hello"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("temperature", [0, 0.7])
def test_a_row_does_not_depend_on_its_neighbours(kind, temperature):
    # rows end at different steps
    model, tok = random_gpt(kind, vocab=26), letters(26, stop_ids=[3, 17, 20])
    settings = {
        "max_new_tokens": 16,
        "temperature": temperature,
        "repetition_penalty": 1.1,
        "seed": 5,
    }
    alone = {prompt: generate(model, tok, prompt, **settings) for prompt in PROMPTS}
    assert len({len(text) for text in alone.values()}) > 1
    together = generate(model, tok, PROMPTS, **settings)
    assert together[:4] == [alone[prompt] for prompt in PROMPTS[:4]]
    assert generate(model, tok, PROMPTS[::-1], **settings) == [together[i] for i in (1, 3, 2, 4, 0)]
    assert generate(model, tok, [tok.encode(p) for p in PROMPTS], **settings) == together
    assert (together[4] == together[1]) == (temperature == 0)  # equal prompts, other random numbers


def test_a_list_of_one_gives_a_list_and_an_empty_list_an_empty_one():
    model, tok = random_gpt("llama", vocab=26), letters(26)
    assert generate(model, tok, ["ab"], temperature=0) == [
        generate(model, tok, "ab", temperature=0)
    ]
    assert generate(model, tok, []) == []


def test_finished_rows_stay_finished_and_the_last_one_ends_the_loop():
    # a -> b -> c -> stop (d); a row that begins later in the chain ends earlier
    table = torch.zeros(4, 4)
    # after the stop the model would go on with a
    for before, after in [(0, 1), (1, 2), (2, 3), (3, 0)]:
        table[before, after] = 60.0
    model, tok = Bigram(table), letters(4, stop_ids=[3])
    assert generate(model, tok, ["c", "a", "b"], max_new_tokens=50) == ["", "bc", "c"]
    assert model.reads == [(3, 1)] * 3


# ---- seeds ----------------------------------------------------------------------------------------------------------


def uniform(vocab: int) -> Bigram:
    return Bigram(torch.zeros(vocab, vocab))


def test_the_seed_decides():
    model, tok = uniform(26), letters(26)
    texts = {
        seed: generate(model, tok, "a", max_new_tokens=40, seed=seed) for seed in (0, 1, 2**40, -7)
    }
    assert len(set(texts.values())) == 4
    for seed, text in texts.items():
        assert generate(model, tok, "a", max_new_tokens=40, seed=seed) == text
        assert "".join(stream(model, tok, "a", max_new_tokens=40, seed=seed)) == text
    assert generate(model, tok, "b", max_new_tokens=40, seed=0) != texts[0]


def test_no_seed_is_different_each_time_even_if_torch_is_seeded():
    model, tok, texts = uniform(26), letters(26), set()
    for _ in range(3):
        torch.manual_seed(0)
        texts.add(generate(model, tok, "a", max_new_tokens=40))
    assert len(texts) == 3  # two alike: once in 26 ** 40


@pytest.mark.parametrize("seed", [None, 3])
def test_the_global_random_numbers_are_left_alone(seed):
    model, tok = uniform(26), letters(26)
    torch.manual_seed(1)
    before = torch.get_rng_state()
    generate(model, tok, ["a", "b"], seed=seed)
    list(stream(model, tok, "a", seed=seed))
    assert torch.equal(torch.get_rng_state(), before)


def chi_square_tail_of_8(x: float) -> float:
    """The chance that a chi-square variable with 8 degrees of freedom exceeds x (closed form for
    even degrees).
    """
    return math.exp(-x / 2) * sum((x / 2) ** i / math.factorial(i) for i in range(4))


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_two_drawn_tokens_follow_the_product_of_their_probabilities(seed, temperature):
    """Frequencies of all 9 pairs from a Markov chain.

    False alarms: each of the 4 tests fails one seed in a million.
    """
    shares = torch.tensor(
        [[0.5, 0.3, 0.2], [0.1, 0.6, 0.3], [0.25, 0.25, 0.5]], dtype=torch.float64
    )
    model, tok, n = Bigram(shares.log().float()), letters(3), 3000
    pairs = generate(model, tok, ["b"] * n, max_new_tokens=2, temperature=temperature, seed=seed)
    sharpened = shares ** (1 / temperature) / (shares ** (1 / temperature)).sum(-1, keepdim=True)
    expected = n * sharpened[1][:, None] * sharpened
    counts = torch.tensor([[pairs.count(first + second) for second in "abc"] for first in "abc"])
    assert chi_square_tail_of_8(float(((counts - expected) ** 2 / expected).sum())) > 1e-6
    other = n * shares[0][:, None] * shares  # as if the prompt were "a" and the temperature 1
    assert chi_square_tail_of_8(float(((counts - other) ** 2 / other).sum())) < 1e-6


# ---- characters -----------------------------------------------------------------------------------------------------


def cut(data: bytes, places: list[int]) -> list[bytes]:
    borders = [0, *sorted({place % (len(data) + 1) for place in places}), len(data)]
    return [data[a:b] for a, b in pairwise(borders) if a < b]


def shown(pieces: list[bytes], **settings) -> tuple[str, list[str]]:
    model, tok = script(pieces)
    settings = {"max_new_tokens": len(pieces) + 5, "seed": 0} | settings
    return generate(model, tok, [0], **settings), list(stream(model, tok, [0], **settings))


def test_a_character_of_several_bytes_comes_whole():
    smile, eszett = "😀".encode(), "ß".encode()
    text, pieces = shown([b"a", smile[:1], smile[1:3], smile[3:] + eszett[:1], eszett[1:], b"z"])
    assert text == "a😀ßz"
    assert pieces == ["a", "😀", "ß", "z"]


@settings(max_examples=60)
@given(st.text(max_size=12), st.lists(st.integers(0, 50), max_size=12))
def test_any_text_cut_anywhere_streams_whole(expected, places):
    text, pieces = shown(cut(expected.encode(), places))
    assert text == "".join(pieces) == expected
    assert "" not in pieces


@settings(max_examples=60)
@given(st.binary(max_size=12), st.lists(st.integers(0, 50), max_size=12))
def test_bytes_that_are_no_text_become_the_replacement_character(data, places):
    text, pieces = shown(cut(data, places))
    assert text == "".join(pieces) == data.decode("utf-8", errors="replace")


def test_a_character_cut_off_by_the_limit_is_what_decode_makes_of_it():
    text, pieces = shown([b"a", "😀".encode()[:2], "😀".encode()[2:]], max_new_tokens=2)
    assert text == "".join(pieces) == "a\ufffd"


# ---- stops ----------------------------------------------------------------------------------------------------------


def before_first(text: str, stop: list[str]) -> str:
    return text[: min([text.find(s) for s in stop if s in text], default=len(text))]


@settings(max_examples=150)
@given(
    st.text("ab😀", min_size=1, max_size=14),
    st.lists(st.text("ab😀", min_size=1, max_size=5), max_size=3),
    st.lists(st.integers(0, 60), max_size=14),
)
def test_the_text_ends_before_the_first_stop_string(full, stop, places):
    text, pieces = shown(cut(full.encode(), places), stop=stop)
    assert text == "".join(pieces) == before_first(full, stop)


@pytest.mark.parametrize("limit", range(9))
def test_the_limit_cuts_first_and_then_the_stop_strings(limit):
    pieces, stop = [b"x", b"a", b"b", b"a", b"c", b"y", b"z"], ["abad", "ba", "yz"]
    text, streamed = shown(pieces, stop=stop, max_new_tokens=limit)
    assert text == "".join(streamed) == before_first("xabacyz"[:limit], stop)


@settings(max_examples=100)
@given(
    st.text("ab", max_size=10),
    st.lists(st.text("ab", min_size=1, max_size=4), max_size=3),
    st.text("ab", max_size=8),
)
def test_only_what_may_become_a_stop_string_is_held_back(text, stop, rest):
    certain, stopped = certain_length(text, stop, final=False)
    # whatever comes, this much is shown
    assert text[:certain] == before_first(text + rest, stop)[:certain]
    if stopped:
        assert before_first(text + rest, stop) == text[:certain]
    else:  # and there is a continuation with which no more is shown
        endings = [s[i:] for s in stop for i in range(len(s))] + [""]
        assert min(len(before_first(text + ending, stop)) for ending in endings) == certain


def test_text_is_shown_as_soon_as_it_is_certain():
    text, pieces = shown([b"he", b"llo", b" wor", b"ld", b" w", b"!"], stop=["world!", " w?"])
    assert pieces == ["he", "llo", " ", "world", " w!"]
    assert text == "hello world w!"


def test_a_stop_string_ends_the_loop_at_once():
    model, tok = script([b"one ", b"two", b"\n", b"three"])
    # one string is a stop string, not its letters
    assert generate(model, tok, [0], stop="\n") == "one two"
    assert len(model.reads) == 3
    # across two tokens, and before the other one
    assert generate(model, tok, [0], stop=["tw", "e t"]) == "on"
    assert len(model.reads) == 3 + 2


def test_stop_ids_are_not_text():
    model, tok = script([b"a", b"b"])
    assert generate(model, tok, [0], max_new_tokens=50) == "ab"
    assert len(model.reads) == 3  # a, b, and the stop
    assert list(stream(model, tok, [0], max_new_tokens=50)) == ["a", "b"]


def test_the_prompt_is_not_searched_for_stop_strings():
    model, tok = random_gpt("gpt2", vocab=26), letters(26)
    text = generate(model, tok, "hello", temperature=0, max_new_tokens=10)
    assert (
        generate(
            model, tok, "hello", temperature=0, max_new_tokens=10, stop=["hello", "lo" + text[0]]
        )
        == text
    )


# ---- limits ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [0, 1, 2, 7])
def test_at_most_max_new_tokens(limit):
    model, tok = random_gpt("llama", vocab=26), letters(26)
    whole = generate(model, tok, "hello", temperature=0, max_new_tokens=12)
    assert generate(model, tok, "hello", temperature=0, max_new_tokens=limit) == whole[:limit]
    assert len("".join(stream(model, tok, "hello", temperature=0, max_new_tokens=limit))) == limit
    assert generate(model, tok, "h", max_new_tokens=0) == ""


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_context_ends_the_text(kind):
    model, tok = random_gpt(kind, vocab=26, context_length=9), letters(26)
    for n in (1, 5, 8, 9):
        text = generate(model, tok, "a" * n, temperature=0, max_new_tokens=50)
        assert len(text) == 9 - n + 1  # what follows 9 tokens is the last that can be said
        assert "".join(stream(model, tok, "a" * n, temperature=0, max_new_tokens=50)) == text
        assert "a" * n + text == tok.decode(plain_greedy(model, tok.encode("a" * n), 9 - n + 1))


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_neighbour_does_not_take_room_away(kind):
    model, tok = random_gpt(kind, vocab=26, context_length=9), letters(26)
    prompts = ["b", "abcdefgh", "abc", "abc"]
    settings = {"max_new_tokens": 7, "temperature": 3.0, "seed": 4}
    texts = generate(model, tok, prompts, **settings)
    assert [len(text) for text in texts] == [7, 2, 7, 7]
    assert texts[:3] == [generate(model, tok, prompt, **settings) for prompt in prompts[:3]]
    assert texts[3] != texts[2]


# ---- what is left as it was -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("training", [True, False])
def test_the_models_mode_and_its_gradients_are_left_alone(training):
    model, tok = random_gpt("gpt2", vocab=26).train(training), letters(26)
    model(random_ids(26, 1, 4)).sum().backward()
    before = model.embed.weight.grad.clone()
    inside = []
    watch = model.blocks[0].register_forward_hook(
        lambda *_: inside.append(torch.is_inference_mode_enabled())
    )
    for _ in stream(model, tok, "abc", max_new_tokens=3):
        # between two pieces the caller's world is as it was
        assert not torch.is_inference_mode_enabled()
        assert torch.is_grad_enabled()
    generate(model, tok, "abc", max_new_tokens=4)
    watch.remove()
    assert inside == [True] * (3 + 4)  # within a step no graph is kept
    assert model.training is training
    assert torch.equal(model.embed.weight.grad, before)
    model(random_ids(26, 1, 4)).sum().backward()


def test_a_stream_may_be_left_early():
    model, tok = random_gpt("gpt2", vocab=26), letters(26)
    pieces = stream(model, tok, "abc", max_new_tokens=20, seed=1)
    first = next(pieces)
    pieces.close()
    assert generate(model, tok, "abc", max_new_tokens=20, seed=1).startswith(first)


def test_stream_takes_what_generate_takes():
    ours, theirs = (inspect.signature(f).parameters for f in (stream, generate))
    assert list(ours) == list(theirs)
    assert {name: p.default for name, p in ours.items()} == {
        name: p.default for name, p in theirs.items()
    }


# ---- the progress bar -----------------------------------------------------------------------------------------------


def test_a_bar_counts_tokens_only_when_asked(capsys):
    model, tok = random_gpt("gpt2", vocab=26), letters(26)
    generate(model, tok, ["abc", "d"], max_new_tokens=7)
    list(stream(model, tok, "abc", max_new_tokens=7))
    assert capsys.readouterr() == ("", "")
    generate(model, tok, ["abc", "d"], max_new_tokens=7, progress=True)
    out, err = capsys.readouterr()
    assert out == "" and "7/7" in err and "token" in err
    list(stream(model, tok, "abc", max_new_tokens=6, progress=True))
    assert "6/6" in capsys.readouterr().err


# ---- bad input ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"max_new_tokens": -1}, r"^max_new_tokens is -1; give a whole number from 0 up\.$"),
        ({"temperature": -1.0}, r"^temperature is -1\.0; give a number from 0"),
        ({"temperature": math.nan}, r"^temperature is nan; give"),
        ({"top_k": 0}, r"^top_k is 0; give a whole number from 1"),
        ({"top_p": 1.5}, r"^top_p is 1\.5; give a share above 0"),
        ({"min_p": -0.1}, r"^min_p is -0\.1; give a share from 0"),
        ({"repetition_penalty": 0}, r"^repetition_penalty is 0; give a number above 0"),
        ({"stop": ""}, r"^stop is \(.*'',?\); give strings of one character or more"),
        ({"stop": ["x", ""]}, r"^stop is \(.*'',?\); give strings of one character or more"),
        ({"prompt": b"abc"}, r"^a prompt is text \(str\) or a list of token ids.* is b'abc'\.$"),
        ({"prompt": ""}, r"^the prompt is empty, .*\(\[25\] for z\)\.$"),
        (
            {"prompt": "a" * 33},
            r"^the prompt is 33 tokens long, but this model's context holds 32: shorten",
        ),
    ],
)
def test_bad_input_gets_one_sentence_before_anything_runs(options, sentence):
    model, tok = random_gpt("gpt2", vocab=26), letters(26, stop_ids=[25])
    model.blocks[0].register_forward_hook(lambda *_: pytest.fail("the model ran"))
    prompt = options.pop("prompt", "abc")
    for call in (
        lambda: generate(model, tok, prompt, **options),
        lambda: generate(model, tok, ["abc", prompt], **options),
        lambda: stream(model, tok, prompt, **options),  # at the call, not at the first piece
    ):
        with pytest.raises(ValueError, match=sentence):
            call()


def test_ids_that_the_model_does_not_know_get_a_sentence():
    with pytest.raises(ValueError, match="this model knows 0 to 25"):
        generate(random_gpt("gpt2", vocab=26), letters(26), [3, 26], repetition_penalty=1.5)


def test_weights_that_give_nan_get_a_sentence():
    model = random_gpt("gpt2", vocab=26)
    model.final_norm.weight.data.fill_(math.nan)
    for temperature in (0, 1.0):
        with pytest.raises(ValueError, match="the logits hold NaN"):
            generate(model, letters(26), "abc", temperature=temperature)


def test_an_empty_prompt_names_what_to_do_without_special_tokens_too():
    with pytest.raises(ValueError, match=r"give some text, .*this tokenizer has none"):
        generate(random_gpt("gpt2", vocab=3), Pieces([b"a", b"b", b"c"]), "")
