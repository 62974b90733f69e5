"""Hugging Face folders: what is read, what is refused, and a hub of our own on the loopback
address.
"""

import hashlib
import http.server
import json
import threading
from pathlib import Path

import pytest
import torch
from oracles import hf_gpt2, hf_llama, random_ids
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer as HFTokenizer
from tokenizers import models, pre_tokenizers, trainers
from torch.testing import assert_close

from utils.generation.beams import beam_search
from utils.generation.decoding import generate
from utils.loading.huggingface import huggingface_model
from utils.loading.pretrained import load

CPU = torch.device("cpu")


def read(folder: Path):
    return huggingface_model(folder, torch.float32, CPU)


def edit_config(folder: Path, **changes) -> None:
    path = folder / "config.json"
    settings = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps(settings), encoding="utf-8")


def add_tokenizer(folder: Path) -> None:
    tokenizer = HFTokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=270, initial_alphabet=alphabet, special_tokens=["<|endoftext|>"]
    )
    tokenizer.train_from_iterator(["the cat and the hat"] * 3, trainer)
    tokenizer.save(str(folder / "tokenizer.json"))


@pytest.fixture
def llama_folder(tmp_path) -> Path:
    hf_llama(kv_heads=2, tie=True).save_pretrained(tmp_path)
    return tmp_path


def test_sharded_weights_are_joined_and_a_missing_part_is_named(tmp_path):
    oracle = hf_llama(kv_heads=3)
    oracle.save_pretrained(tmp_path, max_shard_size="60KB")
    parts = sorted(tmp_path.glob("model-*.safetensors"))
    assert len(parts) > 1
    ids = random_ids(89, batch=2, pos=5)
    assert_close(read(tmp_path)(ids), oracle(ids).logits, rtol=1e-4, atol=1e-5)
    parts[1].unlink()
    with pytest.raises(ValueError, match=f"lacks {parts[1].name}"):
        read(tmp_path)


def test_old_gpt2_files_without_prefix_and_with_stored_masks(tmp_path):
    oracle = hf_gpt2()
    oracle.save_pretrained(tmp_path)
    path = tmp_path / "model.safetensors"
    old = {name.removeprefix("transformer."): tensor for name, tensor in load_file(path).items()}
    old |= {f"h.{n}.attn.bias": torch.ones(1, 1, 24, 24).tril() for n in range(3)}
    save_file({name: tensor.contiguous() for name, tensor in old.items()}, path)
    ids = random_ids(97, batch=2, pos=6)
    assert_close(read(tmp_path)(ids), oracle(ids).logits, rtol=1e-4, atol=1e-5)


def test_old_llama_files_without_prefix_with_stored_angles_and_a_second_embedding(tmp_path):
    oracle = hf_llama(kv_heads=2, tie=True)
    oracle.save_pretrained(tmp_path)
    path = tmp_path / "model.safetensors"
    old = {name.removeprefix("model."): tensor for name, tensor in load_file(path).items()}
    old |= {f"layers.{n}.self_attn.rotary_emb.inv_freq": torch.ones(4) for n in range(3)}
    old["lm_head.weight"] = old["embed_tokens.weight"]
    save_file({name: tensor.clone() for name, tensor in old.items()}, path)
    ids = random_ids(89, batch=2, pos=6)
    assert_close(read(tmp_path)(ids), oracle(ids).logits, rtol=1e-4, atol=1e-5)


def test_old_llama_settings_name_the_rotary_base_differently(tmp_path):
    oracle = hf_llama(kv_heads=2, base=77.0)
    oracle.save_pretrained(tmp_path)
    edit_config(tmp_path, rope_parameters=None, rope_theta=77.0, rope_scaling=None)
    ids = random_ids(89, batch=2, pos=6)
    assert_close(read(tmp_path)(ids), oracle(ids).logits, rtol=1e-4, atol=1e-5)


def test_half_precision_files_load_as_float32_and_the_other_way_round(tmp_path):
    oracle = hf_llama().bfloat16()
    oracle.save_pretrained(tmp_path)
    assert read(tmp_path).embed.weight.dtype == torch.float32
    half = huggingface_model(tmp_path, torch.float16, CPU)
    assert half.blocks[0].attn.query.weight.dtype == torch.float16
    assert_close(
        half.embed.weight.float(), oracle.model.embed_tokens.weight.float(), rtol=1e-3, atol=1e-6
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (dict(model_type="mixtral"), ["'mixtral'", "gpt2 and llama"]),
        (dict(hidden_act="gelu"), ["hidden_act='gelu'", "'silu'"]),
        (dict(rope_parameters={"rope_type": "yarn", "rope_theta": 1e4}), ["rope_type='yarn'"]),
        (
            dict(rope_parameters=None, rope_scaling={"type": "linear", "factor": 2.0}),
            ["rope_type='linear'"],
        ),
        (dict(num_attention_heads="6"), ["num_attention_heads", "is '6'", "whole number"]),
        (dict(hidden_size=0), ["hidden_size", "is 0", "from 1 up"]),
        (dict(head_dim=8.0), ["head_dim", "is 8.0", "whole number"]),
        (dict(num_hidden_layers=2), ["unknown tensor 'blocks.2."]),
        (dict(num_hidden_layers=4), ["lacks tensor 'blocks.3."]),
        (dict(intermediate_size=81), ["blocks.0.mlp.gate.weight", "(80, 48)", "(81, 48)"]),
    ],
)
def test_what_this_decoder_cannot_run_is_one_sentence(llama_folder, changes, words):
    edit_config(llama_folder, **changes)
    with pytest.raises(ValueError) as error:
        read(llama_folder)
    assert all(word in str(error.value) for word in words), error.value
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "changes",
    [
        dict(activation_function="quick_gelu"),
        dict(scale_attn_by_inverse_layer_idx=True),
        dict(scale_attn_weights=False),
    ],
)
def test_other_kinds_of_gpt2_are_refused(tmp_path, changes):
    hf_gpt2().save_pretrained(tmp_path)
    edit_config(tmp_path, **changes)
    with pytest.raises(ValueError, match=next(iter(changes))):
        read(tmp_path)


@pytest.mark.parametrize("activation", ["gelu", "gelu_new", "gelu_pytorch_tanh", "relu"])
def test_each_activation_of_gpt2_is_the_one_that_the_config_names(tmp_path, activation):
    """The two forms of GELU differ by less than 0.001, so the tolerance has to be far below it."""
    oracle = hf_gpt2(activation=activation)
    with torch.no_grad():  # wide enough to be where they differ
        for block in oracle.transformer.h:
            block.mlp.c_fc.weight *= 3
            block.mlp.c_proj.weight *= 10
    oracle.save_pretrained(tmp_path)
    ids = random_ids(97, batch=2, pos=6)
    expected = oracle(ids).logits.detach()
    tolerance = 1e-5 * float(expected.std())
    assert_close(read(tmp_path)(ids), expected, rtol=0, atol=tolerance)
    other = "gelu_new" if activation == "gelu" else "gelu"
    edit_config(tmp_path, activation_function=other)
    assert (read(tmp_path)(ids) - expected).abs().max() > 10 * tolerance


def test_a_setting_that_is_not_there_is_named(llama_folder):
    path = llama_folder / "config.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    del settings["hidden_size"]
    path.write_text(json.dumps(settings), encoding="utf-8")
    with pytest.raises(ValueError, match="does not say 'hidden_size'"):
        read(llama_folder)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match="not valid JSON"):
        read(llama_folder)


def test_a_pickle_is_never_opened(llama_folder):
    (llama_folder / "model.safetensors").unlink()
    (llama_folder / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    with pytest.raises(ValueError, match=r"only pytorch_model\.bin, a pickle"):
        read(llama_folder)
    (llama_folder / "pytorch_model.bin").unlink()
    with pytest.raises(ValueError, match="no weights"):
        read(llama_folder)


def test_a_cut_file_is_one_sentence(llama_folder):
    path = llama_folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match="damaged or cut short"):
        read(llama_folder)


def test_load_needs_a_tokenizer_and_a_config(llama_folder):
    hf_llama(kv_heads=2, vocab=270).save_pretrained(llama_folder)
    with pytest.raises(ValueError, match=r"no tokenizer: add tokenizer\.json"):
        load(llama_folder)
    add_tokenizer(llama_folder)
    model, tok = load(llama_folder)
    assert tok.decode(tok.encode("the cat")) == "the cat"
    assert not model.training
    (llama_folder / "config.json").unlink()
    with pytest.raises(ValueError, match=r"no config\.json"):
        load(llama_folder)


def test_a_model_may_have_more_rows_than_tokens_and_never_draws_them(llama_folder):
    oracle = hf_llama(kv_heads=2, vocab=288)
    with torch.no_grad():
        oracle.lm_head.weight[270:] *= 50  # one of these would always be the likeliest
    oracle.save_pretrained(llama_folder)
    add_tokenizer(llama_folder)
    model, tok = load(llama_folder)
    ids = tok.encode("the cat")
    likeliest = oracle(torch.tensor([ids])).logits[0, -1]
    assert likeliest.argmax() >= tok.vocab_size
    expected = tok.decode([int(likeliest[: tok.vocab_size].argmax())])
    assert generate(model, tok, "the cat", temperature=0, max_new_tokens=1) == expected
    [(text, _)] = beam_search(model, tok, "the cat", beams=1, max_new_tokens=1)
    assert text == expected
    assert len(generate(model, tok, "the cat", max_new_tokens=9, seed=1, stop="zz")) > 0


def test_fewer_rows_than_tokens_is_one_sentence(llama_folder):
    add_tokenizer(llama_folder)
    with pytest.raises(ValueError, match=r"has 89 rows of embeddings for 268 tokens"):
        load(llama_folder)


def test_of_a_family_that_cannot_run_the_family_is_named_and_not_its_tokenizer(llama_folder):
    edit_config(llama_folder, model_type="mamba")
    with pytest.raises(ValueError, match="of type 'mamba'"):
        load(llama_folder)


def test_a_file_that_is_no_model_is_said_to_be_there(llama_folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    for name, words in {"ckpt.pt": "is a pickle", "notes.txt": "no file that a model"}.items():
        (elsewhere / name).write_bytes(b"x")
        with pytest.raises(ValueError, match=words):
            load(elsewhere / name)
    with pytest.raises(ValueError, match="one file of a model: give its folder"):
        load(llama_folder / "config.json")


class Hub(http.server.BaseHTTPRequestHandler):
    """As much of the Hugging Face hub as a download asks for: the list of a repository's files, and
    the files.
    """

    folder: Path
    asked: list[str]

    def do_HEAD(self):
        self.do_GET(body=False)

    def do_GET(self, body=True):
        self.asked.append(self.path)
        listing = "/api/models/somebody/tiny/"
        paths = sorted(self.folder.iterdir())
        if self.path.startswith(listing + "tree/"):
            files = [
                {"type": "file", "path": p.name, "size": p.stat().st_size, "oid": "b" * 40}
                for p in paths
            ]
            return self.answer(json.dumps(files).encode(), body)
        if self.path.startswith(listing):
            files = [{"rfilename": path.name} for path in paths]
            return self.answer(
                json.dumps({"id": "somebody/tiny", "sha": "a" * 40, "siblings": files}).encode(),
                body,
            )
        path = self.folder / self.path.split("?")[0].rsplit("/", 1)[-1]
        if not self.path.startswith("/somebody/tiny/resolve/") or not path.exists():
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        return self.answer(path.read_bytes(), body)

    def answer(self, data, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.send_header("X-Repo-Commit", "a" * 40)
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, *args):
        pass


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A hub with one repository, somebody/tiny, and a client that knows no other."""
    folder = tmp_path / "tiny"
    hf_llama(kv_heads=2, tie=True, vocab=270).save_pretrained(folder)
    add_tokenizer(folder)
    (folder / "pytorch_model.bin").write_bytes(b"a pickle that nobody should ask for")
    handler = type("ThisHub", (Hub,), {"folder": folder, "asked": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    use_hub(monkeypatch, f"http://127.0.0.1:{server.server_port}", tmp_path / "cache")
    yield handler
    server.shutdown()
    server.server_close()


def use_hub(monkeypatch, address: str, cache: Path) -> None:
    from huggingface_hub import _snapshot_download as snapshot
    from huggingface_hub import constants, file_download, hf_api

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(
        constants,
        "HUGGINGFACE_CO_URL_TEMPLATE",
        address + "/{repo_id}/resolve/{revision}/{filename}",
    )
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    assert all(module.constants is constants for module in (snapshot, file_download, hf_api))


def test_a_hub_id_is_fetched_once_and_no_pickle_with_it(hub):
    model, tok = load("somebody/tiny")
    expected, _ = load(hub.folder)
    ids = torch.tensor([tok.encode("the hat")])
    assert_close(model(ids), expected(ids), rtol=0, atol=0)
    assert not any("pytorch_model.bin" in path for path in hub.asked if "/resolve/" in path)
    files = [path for path in hub.asked if path.endswith("model.safetensors")]
    load("somebody/tiny")
    assert [path for path in hub.asked if path.endswith("model.safetensors")] == files


def test_unknown_hub_ids_and_typos_are_explained(hub):
    with pytest.raises(FileNotFoundError, match="'somebody/else' is no file or folder here"):
        load("somebody/else")
    with pytest.raises(FileNotFoundError, match="'no/such/folder' is no file or folder here"):
        load("no/such/folder")
    with pytest.raises(FileNotFoundError, match=r"there is no file mine\.safetensors"):
        load("mine.safetensors")


def test_no_network_and_nothing_cached(monkeypatch, tmp_path):
    use_hub(monkeypatch, "http://127.0.0.1:9", tmp_path)
    with pytest.raises(FileNotFoundError, match=r"not cached.*load\('smollm2'\)"):
        load("gpt2")


def test_int_precisions_are_not_promised(llama_folder):
    with pytest.raises(ValueError, match="'float8'"):
        load(llama_folder, precision="float8")
