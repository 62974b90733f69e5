"""Exercise 22.4: attention for one new token, with a KV cache."""

import math
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "22.4",
    minutes=15,
    atol=1e-5,
    hints=(
        "First append, then attend: the new token looks at itself, too. The new key has the shape "
        "(head, d_head); k[:, None] gives it an axis for its position, (head, 1, d_head).",
        "keys = torch.cat([past_keys, k[:, None]], dim=1), and the values likewise. Then one query "
        "meets all keys: q[:, None] @ keys.transpose(-2, -1) has the shape (head, 1, past + 1). "
        "Nothing is masked: there is no future.",
        "Divide the scores by the square root of d_head, take the softmax along the last axis, and "
        "multiply with the values. The result has an axis of length 1 in the middle: [:, 0] takes "
        "it away.",
    ),
)
def decode_step(
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    past_keys: torch.Tensor,
    past_values: torch.Tensor,
) -> list[torch.Tensor]:
    """Attention for one new token, with a KV cache.

    The new token's key and value are appended to the cache. Then its query attends to
    everything in the cache, itself included, with the scores divided by the square root
    of d_head.

    q, k, v: query, key and value of the new token, each of shape (head, d_head).
    past_keys, past_values: the cache so far, each of shape (head, past, d_head), oldest
        first. At the start of a text, past is 0. Leave both as they are, and make new
        tensors.
    Returns a list of three: the output, shape (head, d_head), the keys and the values
    of the cache after this step, each of shape (head, past + 1, d_head). Scores may be
    in the thousands.
    """
    keys = torch.cat([past_keys, k[:, None]], dim=1)
    values = torch.cat([past_values, v[:, None]], dim=1)
    # (head, 1, past + 1)
    scores = q[:, None] @ keys.transpose(-2, -1) / q.shape[-1] ** 0.5
    output = scores.softmax(dim=-1) @ values
    return [output[:, 0], keys, values]


@decode_step.also_right
def _library_step(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = (
        torch.cat((past_keys, k.unsqueeze(1)), 1),
        torch.cat((past_values, v.unsqueeze(1)), 1),
    )
    return [F.scaled_dot_product_attention(q[:, None], keys, values).squeeze(1), keys, values]


@decode_step.also_right
def _head_by_head(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    outputs, keys, values = [], [], []
    for head in range(len(q)):
        keys.append(torch.vstack([past_keys[head], k[head]]).double())
        values.append(torch.vstack([past_values[head], v[head]]).double())
        scores = keys[-1] @ q[head].double() / math.sqrt(q.shape[1])
        outputs.append(scores.softmax(dim=0) @ values[-1])
    return [torch.stack(outputs), torch.stack(keys), torch.stack(values)]


@decode_step.also_right
def _new_memory_and_einsum(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    head, past, d_head = past_keys.shape
    keys, values = torch.empty(2, head, past + 1, d_head)
    keys[:, :past], keys[:, past] = past_keys, k
    values[:, :past], values[:, past] = past_values, v
    pattern = torch.einsum("hd,hpd->hp", q * d_head**-0.5, keys).softmax(dim=1)
    return torch.einsum("hp,hpd->hd", pattern, values), keys, values


@decode_step.also_right
def _numpy_step(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys = np.concatenate([past_keys.numpy(), k.numpy()[:, None]], axis=1)
    values = np.concatenate([past_values.numpy(), v.numpy()[:, None]], axis=1)
    scores = (keys * q.numpy()[:, None]).sum(axis=2, dtype=np.float64) / np.sqrt(q.shape[1])
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    output = (powers[..., None] * values).sum(axis=1) / powers.sum(axis=1, keepdims=True)
    return [torch.from_numpy(one) for one in (output, keys, values)]


def _appended(past: Tensor, new: Tensor) -> Tensor:
    """The cache with one more entry, (head, past + 1, d_head)."""
    return torch.cat([past, new[:, None]], dim=1)


def _step_scores(q: Tensor, keys: Tensor) -> Tensor:
    """The right scores of one query for each head, (head, pos)."""
    return torch.einsum("hd,hpd->hp", q, keys) / q.shape[-1] ** 0.5


def _mixed(pattern: Tensor, values: Tensor) -> Tensor:
    """The values, weighted with the pattern, (head, d_head)."""
    return torch.einsum("hp,hpd->hd", pattern, values)


def _output(q: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """The right output, (head, d_head)."""
    return _mixed(_step_scores(q, keys).softmax(dim=-1), values)


@decode_step.wrong(
    "Does the new token look at itself? It does: append first, and then attend to the whole cache."
)
def _attends_before_it_appends(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    return [_output(q, past_keys, past_values), _appended(past_keys, k), _appended(past_values, v)]


@decode_step.wrong(
    "Where does the new entry belong? At the end: the cache is in the order of the text. The "
    "output does not show it, but here it stands in front."
)
def _appended_in_front(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = (
        torch.cat([k[:, None], past_keys], dim=1),
        torch.cat([v[:, None], past_values], dim=1),
    )
    return [_output(q, keys, values), keys, values]


def _flat(past: Tensor, new: Tensor) -> Tensor:
    head, pos, d_head = past.shape
    return torch.cat([past.reshape(-1, d_head), new]).reshape(head, pos + 1, d_head)


@decode_step.wrong(
    "To which head does each new key belong? Each to its own. Here all new keys are put behind the "
    "last head, and reshape cuts the numbers anew: use cat along dim=1."
)
def _appended_along_the_heads(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _flat(past_keys, k), _flat(past_values, v)
    return [_output(q, keys, values), keys, values]


@decode_step.wrong(
    "Where is the scale? The scores are divided by the square root of d_head before the softmax."
)
def _step_without_scale(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, v)
    return [_output(q * q.shape[-1] ** 0.5, keys, values), keys, values]


@decode_step.wrong(
    "By what are the scores divided? By the square root of d_head; this divides by d_head itself."
)
def _step_divided_by_d_head(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, v)
    return [_output(q / q.shape[-1] ** 0.5, keys, values), keys, values]


@decode_step.wrong(
    "Which length is under the root? That of one key, d_head. This takes how many keys the cache "
    "has, so the scale would change with every token."
)
def _scaled_by_the_cache(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, v)
    return [_output(q * (q.shape[-1] / keys.shape[1]) ** 0.5, keys, values), keys, values]


@decode_step.wrong(
    "Is the key scaled before it is kept? The cache holds keys as they are; only the scores are "
    "divided, each time."
)
def _scaled_key_kept(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k / k.shape[-1] ** 0.5), _appended(past_values, v)
    return [_output(q, _appended(past_keys, k), values), keys, values]


@decode_step.wrong(
    "What is appended to the values? The new value v. Here the key goes into both halves of the "
    "cache."
)
def _key_in_both(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, k)
    return [_output(q, keys, values), keys, values]


@decode_step.wrong(
    "What will later tokens compare with? The new key. Here the query is kept in its place."
)
def _query_kept(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, q), _appended(past_values, v)
    return [_output(q, keys, values), keys, values]


@decode_step.wrong(
    "What will the next step need? The new value, too. The keys that you give back have grown, and "
    "the values have not."
)
def _values_do_not_grow(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, v)
    return [_output(q, keys, values), keys, past_values]


@decode_step.wrong(
    "Which cache does the next step get? The one that has grown; this gives the old one back."
)
def _old_cache_given_back(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    return [_output(q, _appended(past_keys, k), _appended(past_values, v)), past_keys, past_values]


@decode_step.wrong(
    "What does the next step need? All keys and values. This gives back the new ones only."
)
def _new_entry_alone(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    return [_output(q, _appended(past_keys, k), _appended(past_values, v)), k[:, None], v[:, None]]


@decode_step.wrong(
    "What happens to the entry of the token before? It is overwritten here, and your input with "
    "it. The cache has to grow by one: torch.cat makes a new tensor.",
    changes_input=True,
)
def _last_entry_overwritten(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    past_keys[:, -1:], past_values[:, -1:] = k[:, None], v[:, None]
    return [_output(q, past_keys, past_values), past_keys, past_values]


@decode_step.wrong(
    "How long is the cache afterwards? One longer. Here the new entry replaces the one before it."
)
def _last_entry_replaced(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys[:, :-1], k), _appended(past_values[:, :-1], v)
    return [_output(q, keys, values), keys, values]


@decode_step.wrong(
    "May the first token be forgotten? Not here: the cache grows, and nothing falls out at the "
    "front."
)
def _oldest_dropped(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys[:, 1:], k), _appended(past_values[:, 1:], v)
    return [_output(q, keys, values), keys, values]


@decode_step.wrong(
    "What stands in the new place of the cache? Zeros: it was made longer, but k and v were never "
    "written into it."
)
def _place_left_empty(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k * 0), _appended(past_values, v * 0)
    return [_output(q, keys, values), keys, values]


@decode_step.wrong(
    "Do all tokens count alike? The softmax of the scores weighs the values; this is their plain "
    "mean."
)
def _mean_of_the_values(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, v)
    return [values.mean(dim=1), keys, values]


@decode_step.wrong(
    "Do the weights of a head add up to 1? The softmax is missing between the scores and the "
    "values."
)
def _step_without_softmax(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, v)
    return [_mixed(_step_scores(q, keys), values), keys, values]


@decode_step.wrong(
    "Along which axis do the weights add up to 1? Along the keys. Here the heads compete: not "
    "dim=0."
)
def _softmax_across_heads(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, v)
    return [_mixed(_step_scores(q, keys).softmax(dim=0), values), keys, values]


@decode_step.wrong(
    "How many entries does each softmax run over? This one runs over one query alone, and the "
    "softmax of a single number is 1: all values are added up in full. Take the axis of the keys."
)
def _softmax_over_the_query(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, v)
    return [values.sum(dim=1), keys, values]


@decode_step.wrong(
    "Does only the best key count? All do, each with its weight: softmax, not argmax."
)
def _best_key_alone(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, v)
    return [values[torch.arange(len(q)), _step_scores(q, keys).argmax(dim=-1)], keys, values]


@decode_step.wrong(
    "What comes out? A mean of all values in the cache, the past ones too. This is the new value "
    "alone."
)
def _new_value_alone(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    return [v.clone(), _appended(past_keys, k), _appended(past_values, v)]


@decode_step.wrong(
    "What is mixed? The values. This mixes the keys; they only say how much each token counts."
)
def _keys_weighted(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, v)
    return [_output(q, keys, keys), keys, values]


@decode_step.wrong("Who asks? The query q. Here the new token's key is compared with all keys.")
def _key_asks(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, v)
    return [_output(k, keys, values), keys, values]


@decode_step.wrong(
    "What is exp of a score in the hundreds? It is infinite, and inf / inf is NaN. Subtract the "
    "largest first, or use softmax."
)
def _step_with_large_powers(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, v)
    powers = _step_scores(q, keys).exp()
    return [_mixed(powers / powers.sum(dim=-1, keepdim=True), values), keys, values]


@decode_step.wrong(
    "In which order do the three come? Output, keys, values. Here the last two have changed places."
)
def _cache_turned_round(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    output, keys, values = decode_step.reference(q, k, v, past_keys, past_values)
    return [output, values, keys]


@decode_step.wrong(
    "In which order do the three come? The output is first, and then the keys and the values."
)
def _output_last(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    output, keys, values = decode_step.reference(q, k, v, past_keys, past_values)
    return [keys, values, output]


@decode_step.wrong(
    "Where is the cache? You give the output back, but the next step needs the keys and values, "
    "too."
)
def _output_alone(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> Tensor:
    return decode_step.reference(q, k, v, past_keys, past_values)[0]


@decode_step.wrong(
    "Which axis of the output has length 1? That of the single query: take it away with [:, 0]."
)
def _axis_of_the_query_left(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    output, keys, values = decode_step.reference(q, k, v, past_keys, past_values)
    return [output[:, None], keys, values]


@decode_step.wrong(
    "Do the heads look at the same places? Each has a pattern of its own. Here their patterns are "
    "averaged before the values are mixed."
)
def _one_pattern_for_all_heads(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys = torch.cat([past_keys, k[:, None]], dim=1)
    values = torch.cat([past_values, v[:, None]], dim=1)
    scores = torch.einsum("hd,hnd->hn", q, keys) / q.shape[-1] ** 0.5
    mean = scores.softmax(dim=-1).mean(dim=0)
    return [torch.einsum("n,hnd->hd", mean, values), keys, values]


@decode_step.inputs
def _new_token_and_cache(
    rng: torch.Generator,
) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor, Tensor]]:
    q, k, v = torch.tensor([[1.0, 0.0]]), torch.tensor([[2.0, 1.0]]), torch.tensor([[4.0, 0.0]])
    yield q, k, v, torch.tensor([[[0.0, 3.0]]]), torch.tensor([[[0.0, 8.0]]])
    # the first token of a text
    yield q, k, v, torch.zeros(1, 0, 2), torch.zeros(1, 0, 2)
    for head, past, d_head in (
        (1, 3, 4), (2, 0, 3), (2, 1, 5), (3, 2, 4), (3, 4, 2), (4, 4, 4), (5, 3, 1), (2, 9, 6), (3, 0, 2), (6, 17, 8)
    ):  # fmt: skip
        for size, of_values in ((1.0, 1.0), (2.0, 50.0), (0.2, 0.01)):
            q, k, v = (torch.randn(head, d_head, generator=rng) for _ in range(3))
            past_keys, past_values = torch.randn(2, head, past, d_head, generator=rng)
            yield q * size, k * size, v * of_values, past_keys * size, past_values * of_values
    # scores in the thousands; whole numbers, so that they are exact
    for head, past, d_head in ((2, 5, 4), (3, 6, 16)):
        q, k = torch.randint(-60, 61, (2, head, d_head), generator=rng).float()
        past_keys = torch.randint(-60, 61, (head, past, d_head), generator=rng).float()
        v, past_values = (
            torch.randn(head, d_head, generator=rng),
            torch.randn(head, past, d_head, generator=rng),
        )
        yield q, k, v, past_keys, past_values
