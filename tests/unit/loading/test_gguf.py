"""Reading GGUF against the gguf library: as its writer writes, and as its own reader and unpackers
read.
"""

import gguf
import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType as Kind
from gguf_writer import SIZES, normal, write_model
from oracles import llama_from_gguf, random_ids
from torch.testing import assert_close

from utils.loading.gguf_file import GGUFFile
from utils.loading.gguf_model import load_gguf
from utils.quantization.gguf_blocks import unpack, unpack_q4_1, unpack_q8_0
from utils.text.tokenizer import BPETokenizer

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    "kind", [Kind.Q8_0, Kind.Q4_1, Kind.Q4_0, Kind.Q5_1, Kind.F16, Kind.BF16, Kind.F32]
)
def test_unpacking_equals_the_library(kind):
    packed = gguf.quants.quantize(3 * normal(6, 96), kind)
    raw = torch.from_numpy(packed.view(np.uint8).flatten().copy())
    expected = gguf.quants.dequantize(packed, kind)
    assert_close(
        unpack(raw, kind).reshape(6, 96), torch.from_numpy(expected.copy()), rtol=0, atol=0
    )


def test_q4_1_worked_by_hand():
    nibbles = [i | ((15 - i) << 4) for i in range(16)]  # low halves 0..15, high halves 15..0
    raw = np.concatenate(
        [np.array([0.5, -2.0], np.float16).view(np.uint8), np.array(nibbles, np.uint8)]
    )
    expected = [0.5 * q - 2 for q in [*range(16), *range(15, -1, -1)]]
    assert unpack_q4_1(torch.from_numpy(raw)).tolist() == expected


def test_q8_0_worked_by_hand():
    q = np.arange(-16, 16, dtype=np.int8) * 8
    raw = np.concatenate([np.array([0.25], np.float16).view(np.uint8), q.view(np.uint8)])
    assert unpack_q8_0(torch.from_numpy(raw)).tolist() == [0.25 * int(v) for v in q]


def test_a_kind_nobody_can_unpack_is_refused():
    with pytest.raises(ValueError, match="Q8_K cannot be unpacked"):
        unpack(torch.zeros(292, dtype=torch.uint8), Kind.Q8_K)


ORACLE_SIZES = dict(n_head=4, n_kv_head=2, context_length=19, rope_base=5000.0)


@pytest.mark.parametrize("kind", [Kind.F32, Kind.Q4_1, Kind.Q8_0, Kind.F16])
def test_header_and_tensors_come_back_as_written(tmp_path, kind):
    path = tmp_path / "m.gguf"
    written = write_model(path, kind=kind)
    file = GGUFFile(path)
    assert file.tensors.keys() == written.keys()
    for name, value in written.items():
        assert_close(file.read(name), value, rtol=0, atol=0)
    for name, field in gguf.GGUFReader(path).fields.items():
        if not name.startswith("GGUF."):
            assert file.fields[name] == field.contents(), name


@pytest.mark.parametrize("tied", [True, False])
@torch.no_grad()
def test_the_model_computes_what_transformers_computes(tmp_path, tied):
    written = write_model(tmp_path / "m.gguf", tied=tied)
    model, vocabulary = load_gguf(tmp_path / "m.gguf", torch.float32, CPU)
    ids = random_ids(SIZES["vocab"], batch=2, pos=9)
    expected = llama_from_gguf(written, **ORACLE_SIZES)(ids).logits
    assert expected.std() > 0.1
    assert_close(model(ids), expected, rtol=1e-4, atol=1e-4)
    assert not model.training
    assert (model.unembed.weight is model.embed.weight) is tied
    assert vocabulary.special == {"<|a|>": 256, "<|b|>": 257}
    assert vocabulary.eos_id == 257


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (dict(architecture="mamba"), ["'mamba'", "only 'llama'"]),
        (dict(leave_out=["blk.1.ffn_up"]), ["lacks tensor 'blocks.1.mlp.up.weight'"]),
        (
            dict(reshape={"blk.0.attn_k": (48, 64)}),
            ["'blocks.0.attn.key.weight'", "(48, 64)", "(32, 64)"],
        ),
        (dict(fields={"llama.rope.scaling.type": "yarn"}), ["yarn", "not supported"]),
        (dict(fields={"llama.rope.scaling.factor": 4.0}), ["scaling.factor 4.0", "stretches"]),
        (dict(fields={"llama.rope.scale_linear": 0.25}), ["scale_linear 0.25", "stretches"]),
        (dict(fields={"llama.rope.dimension_count": 8}), ["only 8 of the 16", "not supported"]),
        (dict(fields={"llama.attention.head_count_kv": [2, 1]}), ["list", "head_count_kv"]),
        (dict(fields={"llama.block_count": 0}), ["has 0", "block_count", "from 1 up"]),
        (dict(fields={"llama.embedding_length": "64"}), ["'64'", "embedding_length"]),
        (dict(fields={"tokenizer.ggml.eot_token_id": 900}), ["eot_token_id is 900", "265"]),
        (dict(fields={"tokenizer.ggml.add_bos_token": True}), ["add_bos_token", "cannot be done"]),
        (dict(fields={"general.alignment": 0}), ["general.alignment is 0", "from 1 up"]),
    ],
)
def test_what_cannot_be_loaded_is_one_sentence(tmp_path, damage, words):
    write_model(tmp_path / "m.gguf", **damage)
    with pytest.raises(ValueError) as error:
        load_gguf(tmp_path / "m.gguf", torch.float32, CPU)
    assert all(word in str(error.value) for word in words), error.value
    assert str(error.value).count("\n") == 0


def test_the_rotation_that_is_the_usual_one_may_be_named(tmp_path):
    fields = {"llama.rope.dimension_count": 16, "llama.rope.scaling.factor": 1.0}
    write_model(tmp_path / "m.gguf", fields=fields)
    model, _ = load_gguf(tmp_path / "m.gguf", torch.float32, CPU)
    assert model.config.d_head == 16


def test_tokens_that_begin_and_end_come_from_the_header(tmp_path):
    fields = {"tokenizer.ggml.bos_token_id": 256, "tokenizer.ggml.eot_token_id": 256}
    template = "{{ bos_token }}{{ messages[0]['content'] }}{{ eos_token }}"
    write_model(tmp_path / "m.gguf", fields={**fields, "tokenizer.chat_template": template})
    _, vocabulary = load_gguf(tmp_path / "m.gguf", torch.float32, CPU)
    assert (vocabulary.bos_id, vocabulary.eos_id) == (256, 257)
    assert vocabulary.stop_ids == {256, 257}
    ids = BPETokenizer(vocabulary).encode_chat([{"role": "user", "content": "ai"}])
    assert ids == [256, 258, 257]


def test_texts_that_end_a_turn_stop_generation_where_the_header_names_only_the_end(tmp_path):
    write_model(tmp_path / "m.gguf", special=("<|eot_id|>", "<|b|>"))
    _, vocabulary = load_gguf(tmp_path / "m.gguf", torch.float32, CPU)
    assert vocabulary.stop_ids == {256, 257}


def test_a_token_that_a_user_added_is_special(tmp_path):
    write_model(
        tmp_path / "m.gguf", fields={"tokenizer.ggml.token_type": [1] * 256 + [4, 3] + [1] * 8}
    )
    _, vocabulary = load_gguf(tmp_path / "m.gguf", torch.float32, CPU)
    assert vocabulary.special == {"<|a|>": 256, "<|b|>": 257}


def test_formats_of_other_machines_and_of_later_years_are_refused(tmp_path):
    path = tmp_path / "m.gguf"
    write_model(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:4] + (3).to_bytes(4, "big") + whole[8:])
    with pytest.raises(ValueError, match="big-endian"):
        GGUFFile(path)
    name = b"blk.1.ffn_down.weight"
    kind = whole.index(name) + len(name) + 4 + 2 * 8  # after the axes and their sizes
    assert whole[kind : kind + 4] == bytes(4)  # F32 is format 0
    path.write_bytes(whole[:kind] + (99).to_bytes(4, "little") + whole[kind + 4 :])
    with pytest.raises(ValueError, match=r"'blk.1.ffn_down.weight' in format 99"):
        GGUFFile(path)


def test_a_file_cut_anywhere_is_refused(tmp_path):
    write_model(tmp_path / "m.gguf")
    whole = (tmp_path / "m.gguf").read_bytes()
    cut = tmp_path / "cut.gguf"
    for length in [*range(5, 4000, 97), len(whole) // 2, len(whole) - 1]:
        cut.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=rf"cut short: it ends after {length:,} bytes"):
            GGUFFile(cut)


def test_other_files_and_versions_are_refused(tmp_path):
    path = tmp_path / "m.gguf"
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(ValueError, match="not a GGUF file"):
        GGUFFile(path)
    path.write_bytes(b"GGUF" + (9).to_bytes(4, "little") + bytes(100))
    with pytest.raises(ValueError, match="version 9"):
        GGUFFile(path)
    path.write_bytes(b"")
    with pytest.raises(ValueError, match="empty"):
        GGUFFile(path)
