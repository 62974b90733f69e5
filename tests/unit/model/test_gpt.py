"""The decoder against transformers' GPT-2 and Llama: logits and every gradient, on small random
models.
"""

import math

import pytest
import torch
from oracles import HF_MODELS, hf_gpt2, hf_llama, random_ids, save_and_load
from torch.testing import assert_close

from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.rotary import rope, rope_rotation

TOLERANCE = dict(rtol=1e-4, atol=1e-5)  # float32; logits here are of the order of 1


@pytest.mark.parametrize("name", HF_MODELS)
def test_logits_and_gradients_equal_transformers(name, tmp_path):
    oracle = HF_MODELS[name]()
    model = save_and_load(oracle, tmp_path)
    ids = random_ids(model.config.vocab_size, batch=3, pos=7)
    expected, got = oracle(ids).logits, model(ids)
    assert expected.std() > 0.1  # logits near zero would agree with anything
    assert_close(got, expected, **TOLERANCE)

    torch.nn.functional.cross_entropy(
        expected[:, :-1].flatten(0, 1), ids[:, 1:].flatten()
    ).backward()
    torch.nn.functional.cross_entropy(got[:, :-1].flatten(0, 1), ids[:, 1:].flatten()).backward()
    expected_grads = dict(
        save_and_load(oracle, tmp_path / "gradients", values="grad").named_parameters()
    )
    # Some are zero by nature (a key bias shifts all scores of a query alike), so the largest one
    # sets the noise floor.
    floor = 1e-5 * max(float(g.abs().max().detach()) for g in expected_grads.values())
    for path, parameter in model.named_parameters():
        assert_close(parameter.grad, expected_grads[path].detach(), rtol=1e-3, atol=floor, msg=path)


@pytest.mark.parametrize("name", HF_MODELS)
def test_left_padding_changes_nothing(name, tmp_path):
    oracle = HF_MODELS[name]()
    model = save_and_load(oracle, tmp_path)
    ids, lengths = random_ids(model.config.vocab_size, batch=3, pos=9), (9, 5, 1)
    real = torch.stack([torch.arange(9) >= 9 - length for length in lengths])
    got = model(ids, real=real)
    assert got.isfinite().all()
    positions = (real.long().cumsum(1) - 1).clamp(min=0)
    expected = oracle(ids, attention_mask=real.long(), position_ids=positions).logits
    assert_close(got[real], expected[real], **TOLERANCE)
    for row, length in enumerate(lengths):
        alone = model(ids[row : row + 1, -length:])
        assert_close(got[row, -length:], alone[0], **TOLERANCE)


@pytest.mark.parametrize("name", HF_MODELS)
def test_traced_and_fused_attention_agree(name, tmp_path):
    from utils.model.taps import trace

    model = save_and_load(HF_MODELS[name](), tmp_path)
    ids = random_ids(model.config.vocab_size, batch=2, pos=6)
    with trace(model):
        written_out = model(ids)
    assert_close(model(ids), written_out, **TOLERANCE)


def test_no_position_sees_a_later_one():
    model = save_free_model()
    ids = random_ids(model.config.vocab_size, batch=2, pos=8)
    changed = ids.clone()
    changed[:, 5] = (changed[:, 5] + 1) % model.config.vocab_size
    before, after = model(ids), model(changed)
    assert torch.equal(before[:, :5], after[:, :5])
    assert (before[:, 5:] - after[:, 5:]).abs().amax(dim=-1).min() > 1e-4


def save_free_model() -> GPT:
    torch.manual_seed(5)
    model = GPT(
        GPTConfig.llama(
            vocab_size=37, context_length=12, n_layer=2, n_head=6, n_kv_head=2, d_model=48
        )
    )
    for parameter in model.parameters():
        # away from the tiny start, where every position says nearly the same
        parameter.data.mul_(8)
    return model


def test_rope_is_a_rotation_of_complex_numbers():
    torch.manual_seed(0)
    x = torch.randn(2, 3, 5, 8, dtype=torch.float32)
    positions = torch.tensor([[0, 1, 2, 3, 4], [7, 8, 20, 21, 900]])
    rotation = rope_rotation(positions, d_head=8, base=500.0)
    frequency = 500.0 ** (-torch.arange(4, dtype=torch.float64) / 4)
    # e^(i * angle)
    turn = torch.polar(torch.ones(1, dtype=torch.float64), positions[..., None] * frequency)
    expected = torch.view_as_real(
        torch.view_as_complex(x.double().unflatten(-1, (4, 2))) * turn[:, None]
    ).flatten(-2)
    assert_close(rope(x, rotation).double(), expected, rtol=1e-3, atol=2e-4)
    assert torch.equal(rope(x, rotation)[0, :, 0], x[0, :, 0])  # position 0 is not turned


def test_rope_products_depend_on_the_distance_only():
    torch.manual_seed(1)
    q, k = torch.randn(2, 1, 1, 1, 16).unbind(0)

    def product(i, j):
        turned = [
            rope(x, rope_rotation(torch.tensor([[p]]), 16, 10_000.0)) for x, p in ((q, i), (k, j))
        ]
        return (turned[0] * turned[1]).sum()

    assert_close(product(3, 1), product(103, 101), rtol=1e-3, atol=1e-4)
    assert (product(3, 1) - product(3, 2)).abs() > 1e-2


def test_initial_loss_is_that_of_a_uniform_guess():
    torch.manual_seed(0)
    model = GPT(GPTConfig(vocab_size=300, context_length=32, n_layer=3, n_head=4, d_model=64))
    logits = model(random_ids(300, batch=4, pos=32))
    loss = -logits.log_softmax(-1).mean()
    assert float(loss.detach()) == pytest.approx(torch.tensor(300.0).log().item(), rel=0.01)


def test_residual_writers_start_smaller_with_depth():
    torch.manual_seed(0)
    model = GPT(GPTConfig(vocab_size=64, context_length=8, n_layer=8, n_head=4, d_model=128))
    block = model.blocks[3]
    assert float(block.attn.query.weight.std().detach()) == pytest.approx(0.02, rel=0.05)
    # sqrt(2 * 8) = 4
    assert float(block.attn.output.weight.std().detach()) == pytest.approx(0.02 / 4, rel=0.05)
    assert float(block.mlp.down.weight.std().detach()) == pytest.approx(0.02 / 4, rel=0.05)


def test_parameter_count_of_gpt2_small():
    with torch.device("meta"):
        model = GPT(
            GPTConfig(vocab_size=50_257, context_length=1024, n_layer=12, n_head=12, d_model=768)
        )
    # as published for the smallest GPT-2
    assert sum(p.numel() for p in model.parameters()) == 124_439_808


def test_relu_config_runs_and_uses_relu():
    torch.manual_seed(0)
    model = GPT(
        GPTConfig(
            vocab_size=20, context_length=8, n_layer=1, n_head=2, d_model=12, activation="relu"
        )
    )
    x = torch.randn(2, 3, 12)
    mlp = model.blocks[0].mlp
    assert_close(mlp(x), mlp.down(mlp.up(x).clamp(min=0)))


@pytest.mark.parametrize(
    ("activation", "formula"),
    [
        # z times the probability that a normal number is below z
        ("gelu_exact", lambda z: z * (1 + torch.erf(z / 2**0.5)) / 2),
        ("gelu", lambda z: z * (1 + torch.tanh((2 / math.pi) ** 0.5 * (z + 0.044715 * z**3))) / 2),
    ],
)
def test_both_forms_of_gelu(activation, formula):
    torch.manual_seed(0)
    sizes = dict(vocab_size=20, context_length=8, n_layer=1, n_head=2, d_model=12)
    model = GPT(GPTConfig(**sizes, activation=activation)).double()
    mlp, x = model.blocks[0].mlp, 10 * torch.randn(2, 3, 12, dtype=torch.float64)
    mlp.up.weight.data *= 10
    z = mlp.up(x)
    assert z.min() < -2 and z.max() > 2  # the two differ most around 2
    assert_close(mlp(x), mlp.down(formula(z)), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        (dict(d_model=50), ("50", "4 heads")),
        (dict(n_kv_head=3), ("4 query heads", "3 key/value")),
        (dict(n_layer=0), ("n_layer is 0",)),
        (dict(d_mlp=-1), ("d_mlp is -1",)),
        (dict(position="rope", d_model=20), ("d_head is 5", "even")),
    ],
)
def test_impossible_sizes_are_refused(sizes, words):
    with pytest.raises(ValueError) as error:
        GPTConfig(
            **(dict(vocab_size=11, context_length=8, n_layer=2, n_head=4, d_model=48) | sizes)
        )
    assert all(word in str(error.value) for word in words)


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        (torch.tensor([[0, 37]]), ("0 to 37", "0 to 36")),
        (torch.tensor([[-1, 3]]), ("-1 to 3",)),
        (torch.zeros(1, 13, dtype=torch.int64), ("13 tokens", "12")),
        (torch.zeros(2, 0, dtype=torch.int64), ("(2, 0)",)),
    ],
)
def test_ids_that_do_not_fit_are_refused(ids, words):
    with pytest.raises(ValueError) as error:
        save_free_model()(ids)
    assert all(word in str(error.value) for word in words)


def test_half_precision_gives_float32_logits_near_the_full_ones():
    torch.manual_seed(6)
    model = GPT(
        GPTConfig.llama(
            vocab_size=37, context_length=12, n_layer=2, n_head=6, n_kv_head=2, d_model=48
        )
    )
    ids = random_ids(37, batch=2, pos=6)
    full, half = model(ids).detach(), model.bfloat16()(ids).detach()
    assert half.dtype == torch.float32
    # bfloat16 keeps 8 bits: 0.4 % a step
    assert 0 < (full - half).abs().max() < 0.05 * full.abs().max()


def test_oracle_models_differ_where_they_should():
    assert hf_gpt2().config.model_type == "gpt2"
    assert hf_llama(kv_heads=2).config.num_key_value_heads == 2


def test_a_model_is_where_its_weights_are():
    sizes = dict(vocab_size=11, context_length=8, n_layer=1, n_head=2, d_model=6)
    model = GPT(GPTConfig(**sizes))
    assert model.device == torch.device("cpu")
    assert model.to("meta").device == torch.device("meta")
    assert model.new_cache(batch=3, max_pos=5).keys.device == torch.device("meta")


@pytest.mark.parametrize("name", HF_MODELS)
@torch.inference_mode()
def test_the_next_logits_are_those_of_the_last_position_alone(name, tmp_path):
    model = save_and_load(HF_MODELS[name](), tmp_path)
    ids = random_ids(model.config.vocab_size, batch=3, pos=7)
    real = torch.stack([torch.arange(7) >= 7 - length for length in (7, 4, 2)])
    seen = []
    model.unembed.register_forward_hook(lambda _, args, __: seen.append(args[0].shape[1]))
    for given in (None, real):
        expected = model(ids, given)[:, -1]
        cache = model.new_cache(batch=3, max_pos=7)
        beginning = None if given is None else given[:, :5]
        model.next_logits(ids[:, :5], beginning, cache)
        for got in (model.next_logits(ids, given), model.next_logits(ids[:, 5:], cache=cache)):
            assert got.shape == (3, model.config.vocab_size) and expected.std() > 0.1
            assert_close(got, expected, **TOLERANCE)
    assert seen == 2 * [7, 1, 1, 1]
