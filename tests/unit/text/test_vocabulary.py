"""Vocabularies from files and back, and the sentences for those that do not fit together."""

import copy
import json
import pickle
from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizer_oracles import CORPUS, gpt2_words, plain_ids, small, trained_by_library
from tokenizers import pre_tokenizers, processors
from transformers import GPT2Tokenizer

from utils.text.byte_alphabet import BYTE_TO_CHARACTER, from_byte_level, to_byte_level
from utils.text.tokenizer import BPETokenizer
from utils.text.vocabulary import Vocabulary

BYTES = tuple(bytes([byte]) for byte in range(256))
FIELDS = Vocabulary(
    (*BYTES, b" t", b"he", b" the", "<|ende™|>".encode(), b"<s>"),
    ((b" ", b"t"), (b"h", b"e"), (b" t", b"he")),
    special={"<|ende™|>": 259, "<s>": 260},
    split="smollm",
    eos_id=259,
    bos_id=260,
    stop_ids=frozenset({3}),
    chat_template="{{ messages }} ™",
)


# --- the printable alphabet ------------------------------------------------------------------------------------------


def test_the_alphabet_is_that_of_the_library():
    assert set(BYTE_TO_CHARACTER.values()) == set(pre_tokenizers.ByteLevel.alphabet())


@given(text=st.text())
def test_text_in_the_alphabet_as_the_library_writes_it(text):
    words = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False).pre_tokenize_str(text)
    assert to_byte_level(text.encode()) == "".join(word for word, _ in words)


@given(data=st.binary())
def test_the_alphabet_gives_the_bytes_back(data):
    assert from_byte_level(to_byte_level(data)) == data


# --- there and back --------------------------------------------------------------------------------------------------


def test_a_vocabulary_survives_json():
    again = Vocabulary.from_dict(json.loads(json.dumps(FIELDS.to_dict())))
    assert again == FIELDS
    assert again.stop_ids == {3, 259}
    assert (
        again.tokens[258] == b" the"
        and again.tokens[200] == b"\xc8"
        and again.chat_template == "{{ messages }} ™"
    )


def test_it_is_immutable_and_can_be_copied():
    with pytest.raises(FrozenInstanceError):
        FIELDS.eos_id = 3
    special = {"<s>": 260}
    vocabulary = Vocabulary(FIELDS.tokens, FIELDS.merges, special)
    special["<t>"] = 261
    assert vocabulary.special == {"<s>": 260}
    assert pickle.loads(pickle.dumps(FIELDS)) == copy.deepcopy(FIELDS) == FIELDS
    assert replace(FIELDS, eos_id=260).stop_ids == {3, 259, 260}
    assert hash(replace(FIELDS)) == hash(FIELDS)


def test_a_dict_of_other_fields_is_refused():
    fields = FIELDS.to_dict()
    del fields["merges"]
    with pytest.raises(ValueError, match=r"differs in the fields merges, more"):
        Vocabulary.from_dict(fields | {"more": 1})


# --- tokenizer.json --------------------------------------------------------------------------------------------------


def json_of(library) -> dict:
    return json.loads(library.to_str())


@pytest.mark.parametrize("split", ["gpt2", "smollm"])
def test_tokenizer_json_as_contents_and_as_file(tmp_path, split):
    library, vocabulary = small(split)
    library.save(str(tmp_path / "tokenizer.json"))
    assert Vocabulary.from_tokenizer_json(tmp_path / "tokenizer.json") == vocabulary
    assert Vocabulary.from_tokenizer_json(str(tmp_path / "tokenizer.json")) == vocabulary
    assert [library.token_to_id(text) for text in vocabulary.special] == list(
        vocabulary.special.values()
    )
    assert vocabulary.split == split
    assert vocabulary.missing_bytes == b""


def test_both_ways_to_write_merges_are_read():
    contents = json_of(small("gpt2")[0])
    pairs = contents["model"]["merges"]
    contents["model"]["merges"] = [" ".join(pair) for pair in pairs]
    assert isinstance(pairs[0], list)
    assert Vocabulary.from_tokenizer_json(contents) == small("gpt2")[1]


def test_added_tokens_behind_the_vocabulary_are_special():
    library = trained_by_library(CORPUS, ["<s>"], 300, gpt2_words())
    library.add_tokens(["<plain>"])
    vocabulary = Vocabulary.from_tokenizer_json(json_of(library))
    assert vocabulary.special == {"<s>": 0, "<plain>": 300}
    assert 300 not in BPETokenizer(vocabulary).encode("a <plain>")


SETTINGS = {
    "tokenizer_config.json": {
        "eos_token": {"content": "<b>"},
        "bos_token": "b>",
        "chat_template": "one",
    },
    "config.json": {"eos_token_id": 5, "bos_token_id": 5},
    "generation_config.json": {"eos_token_id": [1, 2, 50256]},
}


def folder_with(path, **settings):
    small("gpt2")[0].save(str(path / "tokenizer.json"))
    for name, contents in settings.items():
        (path / name).write_text(json.dumps(contents), encoding="utf-8")
    return path / "tokenizer.json"


def test_settings_come_from_the_files_beside(tmp_path):
    vocabulary = Vocabulary.from_tokenizer_json(folder_with(tmp_path, **SETTINGS))
    assert (vocabulary.eos_id, vocabulary.bos_id, vocabulary.chat_template) == (3, 4, "one")
    assert vocabulary.stop_ids == {1, 2, 3}  # 50256 is no token of this vocabulary


def test_settings_without_a_tokenizer_config(tmp_path):
    names = {name: SETTINGS[name] for name in ("config.json", "generation_config.json")}
    vocabulary = Vocabulary.from_tokenizer_json(folder_with(tmp_path, **names))
    assert (vocabulary.eos_id, vocabulary.bos_id, vocabulary.chat_template) == (1, 5, None)
    (tmp_path / "generation_config.json").unlink()
    assert Vocabulary.from_tokenizer_json(tmp_path / "tokenizer.json").stop_ids == {5}


def test_the_chat_template_in_a_file_of_its_own_and_among_several(tmp_path):
    several = [{"name": "tool_use", "template": "tools"}, {"name": "default", "template": "plain"}]
    path = folder_with(tmp_path, **{"tokenizer_config.json": {"chat_template": several}})
    assert Vocabulary.from_tokenizer_json(path).chat_template == "plain"
    (tmp_path / "chat_template.jinja").write_bytes("own\r\n™".encode())
    assert Vocabulary.from_tokenizer_json(path).chat_template == "own\r\n™"


def change(path: str, value) -> dict:
    """The contents of a good tokenizer.json with one thing changed."""
    contents = json_of(small("smollm")[0])
    *parents, last = path.split("/")
    where = contents
    for parent in parents:
        where = where[int(parent) if isinstance(where, list) else parent]
    where[int(last) if isinstance(where, list) else last] = value
    return contents


def removed(token: str) -> dict:
    contents = json_of(small("smollm")[0])
    del contents["model"]["vocab"][token]
    return contents


BYTE_LEVEL = {
    "type": "ByteLevel",
    "add_prefix_space": False,
    "trim_offsets": True,
    "use_regex": True,
}
BAD = [
    (change("model/type", "Unigram"), r"type 'Unigram'; only byte-level BPE"),
    (change("model", None), r"no vocab or no merges"),
    (change("model/merges", None), r"no vocab or no merges"),
    (change("model/dropout", 0.1), r"BPE with dropout, which"),
    (change("model/byte_fallback", True), r"BPE with byte_fallback"),
    (change("model/ignore_merges", True), r"BPE with ignore_merges"),
    (change("model/end_of_word_suffix", "</w>"), r"BPE with end_of_word_suffix"),
    (change("model/continuing_subword_prefix", "##"), r"BPE with continuing_subword_prefix"),
    (change("normalizer", {"type": "NFC"}), r"normalizes text first"),
    (change("added_tokens/0", {"id": 0}), r"added token \{'id': 0\} has no id or no content"),
    (change("added_tokens/0/lstrip", True), r"'<\|endoftext\|>' uses lstrip"),
    (change("added_tokens/1/single_word", True), r"'<\|im_start\|>' uses single_word"),
    (
        change("post_processor", {"type": "TemplateProcessing"}),
        r"adds tokens to each text \(post-processor 'Templ",
    ),
    (change("pre_tokenizer", None), r"unknown rule: null"),
    (change("pre_tokenizer", {"type": "Whitespace"}), r"unknown rule: .*Whitespace"),
    (change("pre_tokenizer", {**BYTE_LEVEL, "add_prefix_space": True}), r"unknown rule"),
    (change("pre_tokenizer", {**BYTE_LEVEL, "use_regex": False}), r"unknown rule"),
    (change("pre_tokenizer/pretokenizers/0/individual_digits", False), r"unknown rule"),
    (change("pre_tokenizer/pretokenizers", []), r"unknown rule"),
    (change("model/vocab/!", 9), r"the tokens '.+' and '.+' have the same id, 9"),
    (change("model/vocab/!", 5000), r"480 tokens need the ids 0 to 479, but none has id \d+"),
    (change("model/vocab/never™", 480), r"'never™' holds '™', which stands for no byte"),
    (change("model/merges/0", ["a", "zz"]), r"merge of b'a' and b'zz' needs the token b'zz'"),
    (change("model/merges/0", ["!", "~"]), r"needs the token b'!~', which is not there"),
    (change("model/merges/0", "ab"), r"merge 'ab' is not two tokens"),
    (change("model/merges/0", ["", "a"]), r"merge ' a' is not two tokens"),
]


@pytest.mark.parametrize("contents, words", BAD, ids=[words for _, words in BAD])
def test_what_cannot_be_read_is_one_sentence(contents, words):
    with pytest.raises(ValueError, match=words) as caught:
        Vocabulary.from_tokenizer_json(contents)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 450


def test_an_unknown_token_matters_only_if_a_byte_is_missing():
    contents = change("model/unk_token", "<|endoftext|>")
    assert Vocabulary.from_tokenizer_json(contents) == small("smollm")[1]
    vocab, first = contents["model"]["vocab"], contents["model"]["merges"]
    unused = next(
        c for c in BYTE_TO_CHARACTER.values() if not any(c in "".join(pair) for pair in first)
    )
    del vocab[unused]
    contents["model"]["vocab"] = {text: id for id, text in enumerate(vocab)}
    with pytest.raises(ValueError, match="BPE with unk_token"):
        Vocabulary.from_tokenizer_json(contents)


def test_a_post_processor_that_adds_nothing_is_fine():
    library = trained_by_library(CORPUS, [], 300, gpt2_words())
    library.post_processor = processors.ByteLevel(trim_offsets=False)
    assert BPETokenizer(Vocabulary.from_tokenizer_json(json_of(library))).encode(
        "the"
    ) == plain_ids(library, "the")


def test_a_special_token_that_looks_like_a_byte_is_refused():
    """The library writes byte 167 as "§".

    With "§" as a special token every such byte in a text would become it.
    """
    library = trained_by_library(["§§ ç"], ["§"], 300, gpt2_words())
    with pytest.raises(ValueError, match=r"needs the token b'\\xa7', which is not there"):
        Vocabulary.from_tokenizer_json(json_of(library))


@pytest.mark.parametrize(
    "text, words",
    [("{", "not valid JSON"), ("[]", "holds a list, not a JSON object"), ("\xff", "not UTF-8")],
)
def test_damaged_files_are_one_sentence(tmp_path, text, words):
    (tmp_path / "tokenizer.json").write_text(text, encoding="latin-1")
    with pytest.raises(ValueError, match=words):
        Vocabulary.from_tokenizer_json(tmp_path / "tokenizer.json")
    with pytest.raises(ValueError, match=r"no tokenizer\.json in .*other"):
        Vocabulary.from_tokenizer_json(tmp_path / "other" / "tokenizer.json")


# --- vocab.json and merges.txt ---------------------------------------------------------------------------------------


@pytest.fixture
def old_files(tmp_path):
    library = trained_by_library(
        [*CORPUS, "## # # ##\x85\u2028\x0b\x0c"] * 3, ["<|endoftext|>"], 400, gpt2_words()
    )
    library.model.save(str(tmp_path))
    assert (tmp_path / "merges.txt").read_text(encoding="utf-8").startswith("#version")
    return tmp_path, library


def test_the_older_files(old_files):
    folder, library = old_files
    vocabulary = Vocabulary.from_vocab_and_merges(folder)
    assert vocabulary == Vocabulary.from_tokenizer_json(json_of(library))
    assert (b"#", b"#") in vocabulary.merges
    assert vocabulary.special == {"<|endoftext|>": 0}
    text = " ".join(CORPUS)
    oracle = GPT2Tokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"))
    assert BPETokenizer(vocabulary).encode(text) == oracle.encode(text)


def test_the_older_files_with_windows_line_ends_and_without_a_header(old_files):
    folder, _ = old_files
    expected = Vocabulary.from_vocab_and_merges(folder)
    lines = (folder / "merges.txt").read_bytes().split(b"\n")[1:]
    hashes = [line for line in lines if line.startswith(b"#")]
    (folder / "merges.txt").write_bytes(b"\r\n".join(lines))
    assert hashes and Vocabulary.from_vocab_and_merges(folder) == expected


def test_the_older_files_take_settings_and_special_tokens(old_files):
    folder, _ = old_files
    (folder / "config.json").write_text('{"eos_token_id": 0}', encoding="utf-8")
    assert Vocabulary.from_vocab_and_merges(folder).eos_id == 0
    assert Vocabulary.from_vocab_and_merges(folder, split="smollm").split == "smollm"
    with pytest.raises(ValueError, match=r"special token '<x>' is not in .*vocab\.json"):
        Vocabulary.from_vocab_and_merges(folder, special=["<|endoftext|>", "<x>"])
    (folder / "merges.txt").unlink()
    with pytest.raises(ValueError, match=r"no merges\.txt in"):
        Vocabulary.from_vocab_and_merges(folder)


def test_the_older_files_take_tokens_that_were_added_later(old_files):
    folder, library = old_files
    size = library.get_vocab_size()
    (folder / "added_tokens.json").write_text(f'{{"<|im_start|>": {size}}}', encoding="utf-8")
    described = {size + 1: {"content": "<|im_end|>", "special": True}}
    settings = {"added_tokens_decoder": described, "eos_token": "<|im_end|>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    vocabulary = Vocabulary.from_vocab_and_merges(folder)
    added = {"<|im_end|>": size + 1, "<|im_start|>": size}
    assert vocabulary.special == {"<|endoftext|>": 0, **added}
    assert vocabulary.eos_id == size + 1
    tok = BPETokenizer(vocabulary)
    library.add_special_tokens(["<|im_start|>", "<|im_end|>"])
    text = "<|im_start|>the fox<|im_end|>"
    assert tok.encode(text, allow_special=True) == library.encode(text).ids
    (folder / "added_tokens.json").write_text(f'{{"<x>": {size + 7}}}', encoding="utf-8")
    with pytest.raises(ValueError, match=f"none has id {size}"):
        Vocabulary.from_vocab_and_merges(folder)


def test_a_space_before_each_text_is_refused(old_files):
    folder, library = old_files
    (folder / "tokenizer_config.json").write_text('{"add_prefix_space": true}', encoding="utf-8")
    with pytest.raises(ValueError, match=r"tokenizer_config\.json puts a space before"):
        Vocabulary.from_vocab_and_merges(folder)
    library.save(str(folder / "tokenizer.json"))
    with pytest.raises(ValueError, match="write the space yourself"):
        Vocabulary.from_tokenizer_json(folder / "tokenizer.json")


# --- parts that do not fit together ----------------------------------------------------------------------------------

MISFITS = [
    ({"split": "gpt9"}, r"rule 'gpt9' .* unknown: choose gpt2 or smollm"),
    ({"special": {"<s>": 259}}, r"'<s>' should have id 259, but there is b'<\|ende"),
    (
        {"special": {"<s>": 300}},
        r"'<s>' should have id 300, but there is nothing, as there are 261 tokens",
    ),
    ({"special": {"<s>": -1}}, r"'<s>' should have id -1, but there is nothing"),
    ({"special": {"": 3}}, r"id 3 has no text"),
    ({"eos_id": 261}, r"eos_id is 261, but the ids go from 0 to 260"),
    ({"bos_id": -1}, r"bos_id is -1, but"),
    ({"stop_ids": frozenset({1, 999})}, r"stop_ids are \[1, 259, 999\], but"),
    ({"tokens": (*FIELDS.tokens, b"he")}, r"the token b'he' is there 2 times"),
    ({"merges": ((b"h", b"x"),)}, r"needs the token b'hx'"),
    ({"merges": ((b"", b"h"),)}, r"needs the token b'', which is not there"),
    (
        {"merges": ((b"", b"h"),), "tokens": (*FIELDS.tokens, b"")},
        r"merge of b'' and b'h' needs the token b''",
    ),
    ({"merges": ((b"<", b"s>"),)}, r"needs the token b's>'"),
]


@pytest.mark.parametrize("changes, words", MISFITS, ids=[words for _, words in MISFITS])
def test_parts_that_do_not_fit_are_one_sentence(changes, words):
    with pytest.raises(ValueError, match=words):
        replace(FIELDS, **changes)


def test_an_empty_vocabulary_is_possible():
    vocabulary = Vocabulary((), ())
    assert len(vocabulary.missing_bytes) == 256
    assert BPETokenizer(vocabulary).encode("abc") == []
