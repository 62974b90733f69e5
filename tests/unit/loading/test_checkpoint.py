"""Our own checkpoints: all of a model comes back, and a damaged or foreign file is refused."""

import dataclasses

import pytest
import torch
from oracles import random_ids
from safetensors.torch import load_file, save_file
from torch.testing import assert_close

from utils.loading.checkpoint import save_checkpoint
from utils.loading.pretrained import load
from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.text.vocabulary import Vocabulary

VOCABULARY = Vocabulary(
    tokens=(*(bytes([b]) for b in range(256)), b"th", b"<|end|>"),
    merges=((b"t", b"h"),),
    special={"<|end|>": 257},
    eos_id=257,
)


def make(tie: bool = True, seed: int = 0) -> GPT:
    torch.manual_seed(seed)
    sizes = dict(
        vocab_size=258, context_length=10, n_layer=2, n_head=6, n_kv_head=3, d_model=48, d_mlp=40
    )
    return GPT(GPTConfig.llama(tie_embedding=tie, rope_base=123.0, norm_eps=3e-5, **sizes))


@pytest.mark.parametrize("tie", [True, False])
def test_weights_configuration_and_vocabulary_come_back(tmp_path, tie):
    model = make(tie)
    path = save_checkpoint(tmp_path / "new" / "mine.safetensors", model, VOCABULARY)
    again, tok = load(path)
    ids = random_ids(258, batch=2, pos=7)
    assert_close(again(ids), model(ids), rtol=0, atol=0)
    assert again.config == model.config
    assert tok.encode("this") == [256, ord("i"), ord("s")]
    assert tok.special == {"<|end|>": 257}
    assert (again.unembed.weight is again.embed.weight) is tie
    assert all(p.requires_grad for p in again.parameters())


WRAPPERS = {
    "compiled": torch.compile,
    "in parallel": torch.nn.DataParallel,
    "both": lambda model: torch.nn.DataParallel(torch.compile(model)),
}


@pytest.mark.parametrize("wrap", WRAPPERS.values(), ids=WRAPPERS)
def test_a_wrapped_model_is_saved_under_the_plain_names(tmp_path, wrap):
    model = make()
    path = save_checkpoint(tmp_path / "MINE.SAFETENSORS", wrap(model), VOCABULARY)
    assert load_file(path).keys() == dict(model.named_parameters()).keys()
    ids = random_ids(258, batch=2, pos=7)
    assert_close(load(path)[0](ids), model(ids), rtol=0, atol=0)


def test_what_is_no_gpt_or_lacks_rows_is_not_saved(tmp_path):
    with pytest.raises(TypeError, match=r"needs a GPT.*got a Linear"):
        save_checkpoint(tmp_path / "m.safetensors", torch.nn.Linear(2, 3), VOCABULARY)
    more = dataclasses.replace(VOCABULARY, tokens=(*VOCABULARY.tokens, b"new"))
    with pytest.raises(ValueError, match="the model has 258 rows of embeddings for 259 tokens"):
        save_checkpoint(tmp_path / "m.safetensors", make(), more)
    assert not list(tmp_path.iterdir())


def test_an_interrupted_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = save_checkpoint(tmp_path / "mine.safetensors", make(seed=1), VOCABULARY)
    before = path.read_bytes()

    def full_disk(tensors, filename, metadata):
        filename.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("utils.loading.checkpoint.save_file", full_disk)
    with pytest.raises(OSError, match="No space left"):
        save_checkpoint(path, make(seed=2), VOCABULARY)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["mine.safetensors"]


def test_a_foreign_or_cut_file_is_refused(tmp_path):
    path = tmp_path / "other.safetensors"
    save_file({"x": torch.zeros(3)}, path)
    with pytest.raises(ValueError, match="not a checkpoint of this course"):
        load(path)
    save_checkpoint(path, make(), VOCABULARY)
    whole = path.read_bytes()
    for length in (0, 5, 300, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="damaged or cut short"):
            load(path)


def test_a_missing_tensor_is_named(tmp_path):
    path = save_checkpoint(tmp_path / "mine.safetensors", make(), VOCABULARY)
    from safetensors import safe_open

    metadata = safe_open(path, framework="pt").metadata()
    tensors = load_file(path)
    del tensors["blocks.1.mlp.gate.weight"]
    save_file(tensors, path, metadata)
    with pytest.raises(ValueError, match=r"lacks tensor 'blocks\.1\.mlp\.gate\.weight'"):
        load(path)
