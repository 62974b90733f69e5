"""What a trace records equals hand computations; what it replaces changes what follows and nothing
else.
"""

import pytest
import torch
import torch.nn.functional as F
from oracles import random_ids
from torch.testing import assert_close

from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.rotary import rope, rope_rotation
from utils.model.taps import trace

VOCAB, BATCH, POS, LAYERS = 53, 2, 7, 3


@pytest.fixture(params=["gpt2", "llama"])
def model(request) -> GPT:
    torch.manual_seed(4)
    sizes = dict(vocab_size=VOCAB, context_length=16, n_layer=LAYERS, n_head=6, d_model=48)
    config = (
        GPTConfig(**sizes) if request.param == "gpt2" else GPTConfig.llama(n_kv_head=2, **sizes)
    )
    model = GPT(config).eval()
    for parameter in model.parameters():
        parameter.data.add_(0.1 * torch.randn(parameter.shape))
    return model


@pytest.fixture
def ids() -> torch.Tensor:
    return random_ids(VOCAB, BATCH, POS)


def test_every_name_is_recorded_and_no_other(model, ids):
    with trace(model) as t:
        model(ids)
    parts = ["attn." + x for x in ("q", "k", "v", "scores", "pattern", "mixed", "out")]
    parts += ["mlp.pre", "mlp.act", "mlp.out", "resid.pre", "resid.mid", "resid.post"]
    expected = {"embed", "final_norm"} | {
        f"blocks.{n}.{part}" for n in range(LAYERS) for part in parts
    }
    assert set(t.names()) == expected
    assert all(torch.is_tensor(t[name]) for name in expected)


def test_shapes_follow_the_alphabet(model, ids):
    with trace(model) as t:
        model(ids)
    kv = model.config.n_kv_head
    assert t["blocks.1.attn.q"].shape == (BATCH, 6, POS, 8)
    assert t["blocks.1.attn.k"].shape == t["blocks.1.attn.v"].shape == (BATCH, kv, POS, 8)
    assert (
        t["blocks.1.attn.scores"].shape == t["blocks.1.attn.pattern"].shape == (BATCH, 6, POS, POS)
    )
    assert t["blocks.1.mlp.pre"].shape == t["blocks.1.mlp.act"].shape == (BATCH, POS, 192)
    for name in (
        "embed",
        "blocks.2.resid.mid",
        "blocks.0.attn.out",
        "blocks.0.mlp.out",
        "final_norm",
    ):
        assert t[name].shape == (BATCH, POS, 48)


def test_attention_by_hand(model, ids):
    with trace(model) as t:
        model(ids)
    attn = model.blocks[1].attn
    x = model.blocks[1].attn_norm(t["blocks.1.resid.pre"])
    q, k, v = (
        (x @ m.weight.T).view(BATCH, POS, -1, 8).transpose(1, 2)
        for m in (attn.query, attn.key, attn.value)
    )
    if model.config.attn_bias:
        biases = (m.bias.view(-1, 1, 8) for m in (attn.query, attn.key, attn.value))
        q, k, v = (value + bias for value, bias in zip((q, k, v), biases, strict=True))
    if model.config.position == "rope":
        turn = rope_rotation(torch.arange(POS).expand(BATCH, POS), 8, model.config.rope_base)
        q, k = rope(q, turn), rope(k, turn)
    close = dict(rtol=1e-4, atol=1e-5)
    for name, value in (("q", q), ("k", k), ("v", v)):
        assert_close(t[f"blocks.1.attn.{name}"], value, **close)

    scores, pattern = t["blocks.1.attn.scores"], t["blocks.1.attn.pattern"]
    head, group = 4, 6 // model.config.n_kv_head
    for query in range(POS):
        for key in range(POS):
            expected = (
                (q[0, head, query] @ k[0, head // group, key]) / 8**0.5
                if key <= query
                else -torch.inf
            )
            assert float(scores[0, head, query, key]) == pytest.approx(
                float(expected), rel=1e-4, abs=1e-5
            )
    assert_close(pattern, scores.softmax(-1), **close)
    assert_close(pattern.sum(-1), torch.ones(BATCH, 6, POS), **close)
    mixed = torch.stack([pattern[:, h] @ v[:, h // group] for h in range(6)], dim=2).flatten(2)
    assert_close(t["blocks.1.attn.mixed"].transpose(1, 2).flatten(2), mixed, **close)
    assert_close(t["blocks.1.attn.out"], attn.output(mixed), **close)


def test_padding_gets_no_attention_and_no_nan(model, ids):
    real = torch.tensor([[False, False, True, True, True, True, True], [True] * 7])
    with trace(model) as t:
        logits = model(ids, real=real)
    assert logits.isfinite().all()
    assert t["blocks.1.attn.pattern"][0, :, 2:, :2].abs().max() == 0


def test_mlp_and_residual_stream_by_hand(model, ids):
    with trace(model) as t:
        logits = model(ids)
    mlp, close = model.blocks[2].mlp, dict(rtol=1e-4, atol=1e-5)
    x = model.blocks[2].mlp_norm(t["blocks.2.resid.mid"])
    if model.config.activation == "swiglu":
        pre = mlp.gate(x)
        act = pre * pre.sigmoid() * mlp.up(x)
    else:
        pre = mlp.up(x)
        act = F.gelu(pre, approximate="tanh")
    assert_close(t["blocks.2.mlp.pre"], pre, **close)
    assert_close(t["blocks.2.mlp.act"], act, **close)
    assert_close(t["blocks.2.mlp.out"], mlp.down(act), **close)
    assert_close(t["blocks.0.resid.pre"], t["embed"])
    for n in range(LAYERS):
        assert_close(
            t[f"blocks.{n}.resid.mid"],
            t[f"blocks.{n}.resid.pre"] + t[f"blocks.{n}.attn.out"],
            **close,
        )
        assert_close(
            t[f"blocks.{n}.resid.post"],
            t[f"blocks.{n}.resid.mid"] + t[f"blocks.{n}.mlp.out"],
            **close,
        )
    assert_close(t["final_norm"], model.final_norm(t[f"blocks.{LAYERS - 1}.resid.post"]), **close)
    assert_close(logits, t["final_norm"] @ model.embed.weight.T, **close)


@pytest.mark.parametrize(
    "part",
    ["attn.out", "attn.mixed", "mlp.out", "attn.pattern", "attn.v", "mlp.act", "resid.mid"],
)
def test_replacing_changes_what_follows_and_nothing_else(model, ids, part):
    name = f"blocks.1.{part}"
    with trace(model) as before:
        model(ids)
    with trace(model, replace={name: lambda old: 0.5 * old}) as after:
        model(ids)
    order = [n for n in _execution_order(model) if not n.startswith("blocks.1.")]
    later = {n for n in order if n.startswith("blocks.2.") or n == "final_norm"}
    for n in order:
        same = torch.equal(before[n], after[n])
        assert same is (n not in later), n
    assert torch.equal(after[name], 0.5 * before[name])
    for n in [
        n for n in before.names() if n.startswith("blocks.1.resid.pre") or n == "blocks.1.attn.q"
    ]:
        assert torch.equal(before[n], after[n])


def _execution_order(model):
    with trace(model) as t:
        return t.names()


def test_replacing_attention_out_by_zero_equals_a_model_without_it(model, ids):
    with trace(model, replace={"blocks.0.attn.out": torch.zeros(BATCH, POS, 48)}):
        got = model(ids)
    with torch.no_grad():
        for parameter in model.blocks[0].attn.output.parameters():
            parameter.zero_()
    assert_close(got, model(ids), rtol=1e-4, atol=1e-5)


def test_nothing_is_left_behind_even_after_an_error(model, ids):
    plain = model(ids)
    with (
        pytest.raises(RuntimeError, match="mine"),
        trace(model, replace={"blocks.0.mlp.out": _raise}),
    ):
        model(ids)
    assert all(module.observers == () for module in model.modules() if hasattr(module, "observers"))
    assert torch.equal(model(ids), plain)


def _raise(_):
    raise RuntimeError("mine")


def test_gradients_flow_to_recorded_values(model, ids):
    with trace(model) as t:
        loss = model(ids).logsumexp(-1).mean()
    (grad,) = torch.autograd.grad(loss, t["blocks.1.resid.post"], retain_graph=True)
    step = 1e-2 * torch.randn(grad.shape, generator=torch.Generator().manual_seed(0))
    losses = []
    for sign in (1, -1):
        with trace(
            model, replace={"blocks.1.resid.post": lambda old, sign=sign: old + sign * step}
        ):
            losses.append(model(ids).logsumexp(-1).mean())
    measured = (losses[0] - losses[1]) / 2
    assert float(measured) == pytest.approx(float((grad * step).sum()), rel=0.02)


def test_an_outer_trace_sees_what_an_inner_one_replaced(model, ids):
    with trace(model) as outer, trace(model, replace={"embed": torch.zeros_like}):
        model(ids)
    assert outer["embed"].abs().max() == 0


def test_latest_call_wins_and_cached_steps_show_their_own_positions(model, ids):

    cache = model.new_cache(BATCH, 12)
    with trace(model) as t:
        model(ids, cache=cache)
        model(ids[:, :2], cache=cache)
    assert t["blocks.0.attn.q"].shape[2] == 2
    assert t["blocks.0.attn.pattern"].shape == (BATCH, 6, 2, POS + 2)


def test_unknown_names_list_near_matches(model, ids):
    with pytest.raises(KeyError, match=r"blocks\.1\.attn\.pattern"):
        trace(model, replace={"blocks.1.attn.patern": torch.zeros_like})
    with trace(model) as t:
        model(ids)
    with pytest.raises(KeyError, match=r"no activation 'blocks\.99\.mlp\.out'.*blocks"):
        t["blocks.99.mlp.out"]


def test_reading_before_running_and_wrong_shapes_are_explained(model, ids):
    with pytest.raises(KeyError, match="no value yet"):
        trace(model)["embed"]
    with (
        pytest.raises(
            ValueError,
            match=r"'embed' is a tensor of shape \(1,\); give a tensor of shape \(2, 7, 48\)",
        ),
        trace(model, replace={"embed": torch.zeros(1)}),
    ):
        model(ids)
    with (
        pytest.raises(ValueError, match="NoneType"),
        trace(model, replace={"embed": lambda old: None}),
    ):
        model(ids)


def test_unused_the_fused_kernel_runs(model, ids, monkeypatch):
    class StepByStep(Exception):
        pass

    def stub(*_args):
        raise StepByStep

    monkeypatch.setattr(type(model.blocks[0].attn), "_attend_step_by_step", stub)
    model(ids)
    # the step-by-step path, now a stub, is what a trace takes
    with trace(model), pytest.raises(StepByStep):
        model(ids)
