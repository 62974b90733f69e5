"""SmolLM2's own vocabulary, against the `tokenizers` library and transformers' chat template."""

import unicodedata
from dataclasses import dataclass

import gguf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizer_oracles import library_tokenizer, plain_ids, smollm_words, special_ids, texts
from tokenizers import Tokenizer as Library
from transformers import PreTrainedTokenizerFast

from utils.assets.cache import fetch
from utils.text.fast_tokenizer import FastTokenizer
from utils.text.tokenizer import BPETokenizer
from utils.text.vocabulary import Vocabulary

pytestmark = pytest.mark.model


@dataclass
class Real:
    library: Library
    vocabulary: Vocabulary
    readable: BPETokenizer
    fast: FastTokenizer
    theirs: PreTrainedTokenizerFast


@pytest.fixture(scope="module")
def real() -> Real:
    fields = gguf.GGUFReader(fetch("smollm2")).fields
    tokens, merges, kinds, template = (
        fields[name].contents()
        for name in (
            "tokenizer.ggml.tokens",
            "tokenizer.ggml.merges",
            "tokenizer.ggml.token_type",
            "tokenizer.chat_template",
        )
    )
    special = {
        token: id for id, (token, kind) in enumerate(zip(tokens, kinds, strict=True)) if kind == 3
    }
    vocabulary = Vocabulary.from_byte_level(
        tokens,
        merges,
        special,
        split="smollm",
        eos_id=2,
        bos_id=1,
        stop_ids=frozenset({0}),
        chat_template=template,
    )
    library = library_tokenizer(tokens, merges, list(special), smollm_words())
    theirs = PreTrainedTokenizerFast(
        tokenizer_object=library,
        chat_template=template,
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
    )
    return Real(library, vocabulary, BPETokenizer(vocabulary), FastTokenizer(vocabulary), theirs)


def test_facts(real):
    assert real.fast.vocab_size == 49_152
    assert len(real.vocabulary.merges) == 48_900
    assert len(real.fast.special) == 17
    assert real.fast.special["<|im_start|>"] == 1 and real.fast.eos_id == 2
    assert real.fast.stop_ids == {0, 2}
    missing = [0x04, 0x06, 0x13, 0x14, 0x16, 0x1D, 0xC0, 0xC1, 0xF1, 0xF2, *range(0xF5, 0x100)]
    assert real.vocabulary.missing_bytes == bytes(missing)


def test_what_the_missing_bytes_are_in_utf8(real):
    never = {0xC0, 0xC1, *range(0xF5, 0x100)}
    first_bytes = {chr(code).encode()[0] for code in range(0x110000) if not 0xD800 <= code < 0xE000}
    assert not never & first_bytes
    lost = {chr(code) for code in range(0x40000, 0xC0000)}
    # none of them is assigned
    assert {unicodedata.category(character) for character in lost} == {"Cn"}
    assert {character.encode()[0] for character in lost} == {0xF1, 0xF2}
    controls = set(real.vocabulary.missing_bytes) - never - {0xF1, 0xF2}
    assert len(controls) == 6 and {unicodedata.category(chr(code)) for code in controls} == {"Cc"}


def test_known_sentences(real):
    assert real.readable.pieces("Paris is the capital of") == [
        "Paris",
        " is",
        " the",
        " capital",
        " of",
    ]
    assert real.readable.pieces("2023 is 7*17") == [
        "2",
        "0",
        "2",
        "3",
        " is",
        " ",
        "7",
        "*",
        "1",
        "7",
    ]
    assert real.readable.pieces("strawberry") == ["st", "raw", "berry"]


@settings(max_examples=300, deadline=None)
@given(text=texts)
def test_same_ids_as_the_library_for_all_of_unicode(real, text):
    for tok in (real.readable, real.fast):
        assert tok.encode(text) == plain_ids(real.library, text)
        assert tok.encode(text, allow_special=True) == special_ids(real.library, text)


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=300))
def test_same_ids_as_the_library_for_arbitrary_bytes_read_as_text(real, data):
    for text in (data.decode("latin-1"), data.decode("utf-8", "replace")):
        assert real.readable.encode(text) == real.fast.encode(text) == plain_ids(real.library, text)


@settings(max_examples=300, deadline=None)
@given(text=texts)
def test_text_comes_back_but_for_the_missing_bytes(real, text):
    kept = text.encode().translate(None, delete=real.vocabulary.missing_bytes)
    for tok in (real.readable, real.fast):
        ids = tok.encode(text)
        assert b"".join(map(tok.token_bytes, ids)) == kept
        assert tok.decode(ids) == kept.decode("utf-8", "replace")
        assert not set(ids) & set(tok.special.values())


@settings(max_examples=100, deadline=None)
@given(ids=st.lists(st.integers(0, 49_151), max_size=60))
def test_any_ids_decode_as_in_the_library(real, ids):
    expected = real.library.decode(ids, skip_special_tokens=False)
    assert real.readable.decode(ids) == real.fast.decode(ids) == expected


def test_tokens_merge_to_themselves(real):
    """The bytes of an ordinary token become that token again, so no merge is lost or out of place."""
    for token in real.vocabulary.tokens[17::5]:
        assert real.readable.merge_word(token) == [token]


def test_checkpoints_can_carry_it(real):
    assert Vocabulary.from_dict(real.vocabulary.to_dict()) == real.vocabulary


# --- chat ------------------------------------------------------------------------------------------------------------

roles = st.sampled_from(["system", "user", "assistant"])
turns = st.fixed_dictionaries({"role": roles, "content": texts})


@settings(max_examples=80, deadline=None)
@given(messages=st.lists(turns, min_size=1, max_size=4), prompt=st.booleans())
def test_conversations_equal_transformers_unless_they_hold_special_tokens(real, messages, prompt):
    for tok in (real.readable, real.fast):
        ids = tok.encode_chat(messages, add_generation_prompt=prompt)
        if not any(token in message["content"] for token in tok.special for message in messages):
            real.library.encode_special_tokens = False
            assert ids == real.theirs.apply_chat_template(
                messages, add_generation_prompt=prompt, return_dict=False
            )
        from_template = len(messages) + (messages[0]["role"] != "system")
        assert ids.count(tok.special["<|im_end|>"]) == from_template
        assert set(ids) & set(tok.special.values()) == {1, 2}


def test_the_template_adds_a_system_message(real):
    ids = real.fast.encode_chat([{"role": "user", "content": "Hi!"}])
    assert real.fast.decode(ids) == (
        "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging "
        "Face<|im_end|>\n"
        "<|im_start|>user\nHi!<|im_end|>\n<|im_start|>assistant\n"
    )
