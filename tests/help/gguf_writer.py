"""Small GGUF files, made by the gguf library's own writer."""

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as Kind


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


_ADD = {
    str: gguf.GGUFWriter.add_string,
    bool: gguf.GGUFWriter.add_bool,
    int: gguf.GGUFWriter.add_uint32,
    float: gguf.GGUFWriter.add_float32,
    list: gguf.GGUFWriter.add_array,
}
SIZES = dict(vocab=266, context=19, layers=2, heads=4, kv_heads=2, d_model=64, d_mlp=96)


def write_model(
    path,
    *,
    kind=Kind.F32,
    architecture="llama",
    leave_out=(),
    reshape=(),
    fields=(),
    special=("<|a|>", "<|b|>"),
    tied=True,
):
    """A small llama file by the gguf library's own writer; gives back the float32 tensors that it
    holds. `fields`: names and values of the header, new ones or others than usual.
    """
    s, writer = SIZES, gguf.GGUFWriter(path, architecture)
    writer.add_context_length(s["context"])
    writer.add_embedding_length(s["d_model"])
    writer.add_block_count(s["layers"])
    writer.add_feed_forward_length(s["d_mlp"])
    writer.add_head_count(s["heads"])
    writer.add_head_count_kv(s["kv_heads"])
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(5000.0)
    alphabet = [chr(c) for c in (*range(33, 127), *range(161, 173), *range(174, 256))]
    alphabet += [chr(256 + i) for i in range(256 - len(alphabet))]
    tokens = [
        *alphabet,
        *special,
        *(f"{a}{b}" for a, b in zip("abcdefgh", "ijklmnop", strict=True)),
    ]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([1] * 256 + [3, 3] + [1] * 8)
    writer.add_token_merges([f"{t[0]} {t[1]}" for t in tokens[258:]])
    writer.add_eos_token_id(257)
    shapes = {"token_embd": (s["vocab"], s["d_model"]), "output_norm": (s["d_model"],)}
    if not tied:
        shapes["output"] = (s["vocab"], s["d_model"])
    for n in range(s["layers"]):
        d, kv = s["d_model"], s["d_model"] // 2
        shapes |= {f"blk.{n}.attn_norm": (d,), f"blk.{n}.ffn_norm": (d,), f"blk.{n}.attn_q": (d, d)}
        shapes |= {
            f"blk.{n}.attn_k": (kv, d),
            f"blk.{n}.attn_v": (kv, d),
            f"blk.{n}.attn_output": (d, d),
        }
        shapes |= {f"blk.{n}.ffn_gate": (s["d_mlp"], d), f"blk.{n}.ffn_up": (s["d_mlp"], d)}
        shapes |= {f"blk.{n}.ffn_down": (d, s["d_mlp"])}
    written = {}
    for seed, (name, shape) in enumerate(shapes.items()):
        if name in leave_out:
            continue
        value = 0.3 * normal(*dict(reshape).get(name, shape), seed=seed)
        if kind != Kind.F32 and len(shape) == 2:
            packed = gguf.quants.quantize(value, kind)
            writer.add_tensor(f"{name}.weight", packed, raw_dtype=kind)
            value = gguf.quants.dequantize(packed, kind)
        else:
            writer.add_tensor(f"{name}.weight", value)
        written[f"{name}.weight"] = torch.from_numpy(value.copy())
    for name, value in dict(fields).items():
        writer.kv_data[0].pop(name, None)
        _ADD[type(value)](writer, name, value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return written
