"""Small random models of transformers, and the way from them to ours."""

from collections.abc import Callable
from pathlib import Path

import torch
import transformers
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from utils.loading.huggingface import huggingface_model
from utils.model.gpt import GPT

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()


def hf_gpt2(
    tie: bool = True, inner: int | None = None, activation: str = "gelu_new"
) -> GPT2LMHeadModel:
    config = GPT2Config(
        vocab_size=97,
        n_positions=24,
        n_embd=48,
        n_layer=3,
        n_head=6,
        n_inner=inner,
        activation_function=activation,
        tie_word_embeddings=tie,
    )
    return _shaken(GPT2LMHeadModel(config))


def hf_llama(
    kv_heads: int = 6,
    base: float = 10_000.0,
    tie: bool = False,
    bias: bool = False,
    head_dim: int = 8,
    vocab: int = 89,
):
    config = LlamaConfig(
        vocab_size=vocab,
        hidden_size=48,
        intermediate_size=80,
        num_hidden_layers=3,
        num_attention_heads=6,
        num_key_value_heads=kv_heads,
        head_dim=head_dim,
        max_position_embeddings=24,
        rope_parameters={"rope_type": "default", "rope_theta": base},
        tie_word_embeddings=tie,
        attention_bias=bias,
        mlp_bias=bias,
        rms_norm_eps=1e-5,
    )
    return _shaken(LlamaForCausalLM(config))


HF_MODELS: dict[str, Callable] = {
    "gpt2": hf_gpt2,
    "gpt2 untied, narrow mlp": lambda: hf_gpt2(tie=False, inner=72),
    "llama": hf_llama,
    "llama grouped 3": lambda: hf_llama(kv_heads=3),
    "llama one kv head, tied": lambda: hf_llama(kv_heads=1, tie=True),
    "llama biases": lambda: hf_llama(kv_heads=2, bias=True),
    "llama base 100000, wide heads": lambda: hf_llama(kv_heads=2, base=100_000.0, head_dim=10),
}


def _shaken(model):
    """Every parameter away from its start: biases of 0 and norms of 1 would hide a forgotten term."""
    generator = torch.Generator().manual_seed(11)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.15 * torch.randn(parameter.shape, generator=generator))
    return model.eval()


def save_and_load(oracle, folder: Path, values: str = "data") -> GPT:
    """The oracle's weights (or its gradients) through a safetensors folder into our model."""
    if values == "grad":
        with torch.no_grad():
            for parameter in oracle.parameters():
                parameter.copy_(parameter.grad)
    oracle.save_pretrained(folder)
    return huggingface_model(folder, torch.float32, torch.device("cpu"))


def random_ids(vocab: int, batch: int, pos: int, seed: int = 3) -> torch.Tensor:
    return torch.randint(0, vocab, (batch, pos), generator=torch.Generator().manual_seed(seed))


_GGUF_PARTS = {
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def llama_from_gguf(
    tensors: dict[str, torch.Tensor],
    n_head: int,
    n_kv_head: int,
    context_length: int,
    rope_base: float,
) -> LlamaForCausalLM:
    """transformers' Llama with a GGUF file's tensors; its rotary pairs lie half a head apart, so q
    and k move.
    """
    embedding = tensors["token_embd.weight"]
    vocab_size, d_model = embedding.shape
    n_layer = sum(name.endswith("attn_norm.weight") for name in tensors)
    config = LlamaConfig(
        vocab_size=vocab_size,
        hidden_size=d_model,
        intermediate_size=tensors["blk.0.ffn_up.weight"].shape[0],
        num_hidden_layers=n_layer,
        num_attention_heads=n_head,
        num_key_value_heads=n_kv_head,
        max_position_embeddings=context_length,
        rms_norm_eps=1e-5,
        rope_parameters={"rope_type": "default", "rope_theta": rope_base},
        tie_word_embeddings="output.weight" not in tensors,
    )
    state = {
        "model.embed_tokens.weight": embedding,
        "model.norm.weight": tensors["output_norm.weight"],
    }
    state["lm_head.weight"] = tensors.get("output.weight", embedding)
    for layer in range(n_layer):
        for theirs, hf in _GGUF_PARTS.items():
            value = tensors[f"blk.{layer}.{theirs}.weight"]
            if theirs in ("attn_q", "attn_k"):
                heads = value.split(d_model // n_head)
                value = torch.cat([torch.cat([head[0::2], head[1::2]]) for head in heads])
            state[f"model.layers.{layer}.{hf}.weight"] = value
    with torch.device("meta"):
        oracle = LlamaForCausalLM(config).eval()
    oracle.load_state_dict(state, assign=True)
    # its table is no weight, and was left on meta
    oracle.model.rotary_emb = type(oracle.model.rotary_emb)(config)
    oracle.tie_weights()
    return oracle
