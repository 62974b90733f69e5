"""Each filter against a plain definition, against transformers, and on worked numbers; draws by a
chi-square test.
"""

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.testing import assert_close
from transformers import (
    LogitsProcessorList,
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from utils.generation.sampling import (
    Sampling,
    k_largest,
    keep_min_p,
    keep_top_k,
    keep_top_p,
    next_token_probabilities,
    penalize_repeats,
    sample,
    scale_by_temperature,
)

INF = math.inf


def logits_of(*rows: list[float], dtype=torch.float64) -> torch.Tensor:
    """Logits whose softmax is the given rows, each row shifted so that no logit is a
    log-probability.
    """
    logits = torch.tensor(rows, dtype=torch.float64).log()
    return (logits + 0.7 * torch.arange(1, len(rows) + 1)[:, None]).to(dtype)


def kept(logits: torch.Tensor) -> list[list[int]]:
    return [row.isfinite().nonzero()[:, 0].tolist() for row in logits]


@st.composite
def some_logits(draw, distinct: bool = False):
    """(2, n) logits: coarse steps make ties likely; the scale goes from nearly flat to nearly
    certain.
    """
    n, scale = draw(st.integers(2, 12)), draw(st.sampled_from([0.01, 0.25, 1.0, 7.3, 40.0]))
    row = st.lists(st.integers(-6, 6), min_size=n, max_size=n)
    if distinct:
        row = st.permutations(range(-n // 2, n - n // 2))
    rows = [draw(row), draw(row)]
    return torch.tensor(rows, dtype=torch.float64) * scale + draw(
        st.sampled_from([0.0, -90.0, 3.1])
    )


# ---- worked numbers -------------------------------------------------------------------------------------------------


def test_penalty_divides_positive_and_multiplies_negative_logits_of_seen_tokens():
    logits = torch.tensor([[3.0, -3.0, 0.0, 3.0, -3.0], [1.0, 2.0, 4.0, -1.0, -2.0]])
    seen = torch.tensor([[True, True, True, False, False], [False, False, True, False, True]])
    expected = torch.tensor([[2.0, -4.5, 0.0, 3.0, -3.0], [1.0, 2.0, 4 / 1.5, -1.0, -3.0]])
    assert_close(penalize_repeats(logits, seen, 1.5), expected)
    assert torch.equal(penalize_repeats(logits, seen, 1), logits)


def test_temperature_raises_probabilities_to_a_power():
    # p ** (1 / T), made to sum to 1 again: for T = 0.5 squares, for T = 2 square roots
    logits = logits_of([0.5, 0.3, 0.2], [0.1, 0.1, 0.8])
    squares = torch.tensor([[0.25, 0.09, 0.04], [0.01, 0.01, 0.64]], dtype=torch.float64)
    assert_close(
        scale_by_temperature(logits, 0.5).softmax(-1), squares / squares.sum(-1, keepdim=True)
    )
    roots = torch.tensor([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]], dtype=torch.float64).sqrt()
    assert_close(scale_by_temperature(logits, 2).softmax(-1), roots / roots.sum(-1, keepdim=True))


def test_temperature_zero_keeps_the_first_of_the_largest():
    logits = torch.tensor([[1.0, 4.0, 4.0, 0.0], [-5.0, -6.0, -5.0, -5.0]])
    assert scale_by_temperature(logits, 0).softmax(-1).tolist() == [[0, 1, 0, 0], [1, 0, 0, 0]]


@pytest.mark.parametrize("temperature", [5e-324, 1e-300, 1e-30, 1e-6])
def test_tiny_temperatures_are_greedy_and_not_nan(temperature):
    logits = torch.tensor([[900.0, 901.0, -3.0], [-800.0, -801.0, -INF]], dtype=torch.float64)
    assert scale_by_temperature(logits, temperature).softmax(-1).tolist() == [[0, 1, 0], [1, 0, 0]]


def test_top_k_is_not_widened_by_ties():
    logits = torch.tensor([[2.0, 5.0, 2.0, 7.0, 2.0], [1.0, 1.0, 1.0, 1.0, 1.0]])
    assert kept(keep_top_k(logits, 3)) == [[0, 1, 3], [0, 1, 2]]
    assert kept(keep_top_k(logits, 2)) == [[1, 3], [0, 1]]
    assert kept(keep_top_k(logits, 99)) == [[0, 1, 2, 3, 4]] * 2


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    ("p", "expected"),
    [
        (0.39, [[1], [2]]),
        (0.4, [[1], [2]]),
        (0.41, [[1, 3], [0, 2]]),  # row 1: the tie at 0.2 enters by id
        (0.7, [[1, 3], [0, 1, 2]]),  # 0.4 + 0.3 reaches 0.7 although no binary number is 0.7
        (0.71, [[1, 2, 3], [0, 1, 2]]),
        (0.9, [[1, 2, 3], [0, 1, 2, 3]]),
        (0.91, [[0, 1, 2, 3], [0, 1, 2, 3]]),
        (1e-60, [[1], [2]]),
        (1, [[0, 1, 2, 3], [0, 1, 2, 3]]),
    ],
)
def test_top_p_keeps_the_smallest_set_that_reaches_p(dtype, p, expected):
    logits = logits_of([0.1, 0.4, 0.2, 0.3], [0.2, 0.2, 0.4, 0.2], dtype=dtype)
    assert kept(keep_top_p(logits, p)) == expected


@pytest.mark.parametrize(
    "tenths", [(5, 3, 2), (4, 3, 2, 1), (6, 1, 1, 1, 1), (3, 3, 2, 1, 1), (7, 2, 1)]
)
def test_decimal_shares_are_reached_where_a_reader_expects_it(tenths):
    shares = torch.tensor(tenths, dtype=torch.float64) / 10
    for dtype in (torch.float32, torch.float64):
        logits = shares.log().to(dtype)[None]
        for count in range(1, len(tenths)):
            p = sum(tenths[:count]) / 10
            assert kept(keep_top_p(logits, p)) == [list(range(count))]
        assert kept(keep_min_p(logits, tenths[-1] / tenths[0])) == [list(range(len(tenths)))]


def test_top_p_one_keeps_a_tail_that_rounding_would_swallow():
    logits = torch.tensor([[0.0, -50.0, -60.0]])
    assert kept(keep_top_p(logits, 1.0)) == [[0, 1, 2]]


def test_many_ties_enter_by_id():
    # 1,000 tokens of three sizes: where one size is cut through, its lowest ids stay
    logits = (
        torch.randint(0, 3, (2, 1000), generator=torch.Generator().manual_seed(6)).double() * 0.3
    )
    for filtered in (keep_top_p(logits, 0.7), keep_top_k(logits, 500)):
        for row, stays in zip(logits.tolist(), kept(filtered), strict=True):
            assert stays == sorted(ranking(row)[: len(stays)])


def test_min_p_compares_with_the_likeliest():
    logits = logits_of([0.5, 0.3, 0.15, 0.05], [0.25, 0.25, 0.25, 0.25])
    assert kept(keep_min_p(logits, 0.05)) == [[0, 1, 2, 3]] * 2
    assert kept(keep_min_p(logits, 0.2)) == [[0, 1, 2], [0, 1, 2, 3]]
    assert kept(keep_min_p(logits, 0.5)) == [[0, 1], [0, 1, 2, 3]]
    assert kept(keep_min_p(logits, 1)) == [[0], [0, 1, 2, 3]]
    assert kept(keep_min_p(logits, 0)) == [[0, 1, 2, 3]] * 2
    # exp(-2000) is 0 in any float
    assert kept(keep_min_p(torch.tensor([[0.0, -2000.0]]), 0)) == [[0, 1]]


def test_a_later_filter_sees_only_what_is_left():
    # Of 0.4, 0.3, 0.2, 0.1 top-k 2 leaves 4/7 and 3/7, so top-p 0.5 takes one token; of all four it
    # would take two.
    logits, seen = logits_of([0.4, 0.3, 0.2, 0.1]), torch.zeros(1, 4, dtype=torch.bool)
    assert next_token_probabilities(logits, seen, Sampling(top_p=0.5)).count_nonzero() == 2
    assert next_token_probabilities(logits, seen, Sampling(top_k=2, top_p=0.5)).tolist() == [
        [1, 0, 0, 0]
    ]
    # min-p looks at the ratio after the temperature: 3/4 becomes 9/16 at T = 0.5
    assert next_token_probabilities(logits, seen, Sampling(min_p=0.7)).count_nonzero() == 2
    assert (
        next_token_probabilities(logits, seen, Sampling(min_p=0.7, temperature=0.5)).count_nonzero()
        == 1
    )
    # the penalty comes before greedy's choice
    seen[0, 0] = True
    greedy = Sampling(temperature=0, repetition_penalty=5)
    assert next_token_probabilities(logits, seen, greedy).tolist() == [[0, 1, 0, 0]]


# ---- plain definitions ----------------------------------------------------------------------------------------------


def ranking(row: list[float]) -> list[int]:
    return sorted(range(len(row)), key=lambda i: (-row[i], i))


@given(some_logits(), st.integers(1, 13))
def test_top_k_by_definition(logits, k):
    assert kept(keep_top_k(logits, k)) == [sorted(ranking(row)[:k]) for row in logits.tolist()]
    assert kept(logits.masked_fill(~k_largest(logits, k), -INF)) == kept(keep_top_k(logits, k))


@given(some_logits(), st.floats(0.001, 0.999))
def test_top_p_by_definition(logits, p):
    for row, stays in zip(logits.tolist(), kept(keep_top_p(logits, p)), strict=True):
        weights = [math.exp(x - max(row)) for x in row]
        order = ranking(row)
        masses = [
            math.fsum(weights[i] for i in order[: n + 1]) / math.fsum(weights)
            for n in range(len(row))
        ]
        smallest = next(n for n, mass in enumerate(masses) if mass >= p * (1 - 1e-6))
        assert stays == sorted(order[: smallest + 1])


@given(some_logits(), st.floats(0, 1))
def test_min_p_by_definition(logits, min_p):
    for row, stays in zip(logits.tolist(), kept(keep_min_p(logits, min_p)), strict=True):
        ratios = [math.exp(x - max(row)) for x in row]
        assert stays == [i for i, ratio in enumerate(ratios) if ratio >= min_p * (1 - 1e-6)]


@given(some_logits())
def test_filters_leave_the_kept_logits_and_their_input_alone(logits):
    before = logits.clone()
    for out in (keep_top_k(logits, 2), keep_top_p(logits, 0.6), keep_min_p(logits, 0.3)):
        assert torch.equal(out[out.isfinite()], logits[out.isfinite()])
        assert (out[~out.isfinite()] == -INF).all()
    penalize_repeats(logits, logits > 0, 2.0)
    scale_by_temperature(logits, 0)
    assert torch.equal(logits, before)


# ---- transformers ---------------------------------------------------------------------------------------------------


@settings(max_examples=200)
@given(
    # transformers' top-k is widened by ties, and its top-p takes ties in no fixed order
    some_logits(distinct=True),
    st.floats(0.05, 5.0),
    st.none() | st.integers(1, 13),
    st.none() | st.floats(0.01, 0.99),
    st.none() | st.floats(0.0, 1.0),
    st.sampled_from([0.53, 1.0, 1.31, 2.17]),
    st.data(),
)
def test_all_steps_together_equal_those_of_transformers(
    logits, temperature, k, p, min_p, penalty, data
):
    vocab = logits.shape[1]
    ids = data.draw(
        st.lists(
            st.lists(st.integers(0, vocab - 1), min_size=3, max_size=3), min_size=2, max_size=2
        )
    )
    ids = torch.tensor(ids)
    seen = torch.zeros(2, vocab, dtype=torch.bool).scatter(1, ids, True)
    # A penalty may make two logits equal, or nearly so: then theirs keeps both, or either.
    assume(penalize_repeats(logits, seen, penalty).sort().values.diff().min() > 1e-6)

    steps = [RepetitionPenaltyLogitsProcessor(penalty), TemperatureLogitsWarper(temperature)]
    steps += [TopKLogitsWarper(k)] if k is not None else []
    steps += [TopPLogitsWarper(p)] if p is not None else []
    steps += [MinPLogitsWarper(min_p)] if min_p is not None else []
    expected = LogitsProcessorList(steps)(ids, logits).softmax(-1)

    got = next_token_probabilities(logits, seen, Sampling(temperature, k, p, min_p, penalty))
    assert_close(got, expected, rtol=1e-9, atol=1e-12)


@given(
    some_logits(distinct=True),
    st.integers(1, 13),
    st.floats(0.01, 0.99),
    st.floats(0, 1),
    st.floats(0.1, 4.0),
)
def test_each_step_equals_that_of_transformers(logits, k, p, min_p, number):
    ids = torch.zeros(2, 1, dtype=torch.int64)
    pairs = [
        (keep_top_k(logits, k), TopKLogitsWarper(k)),
        (keep_top_p(logits, p), TopPLogitsWarper(p)),
        (keep_min_p(logits, min_p), MinPLogitsWarper(min_p)),
        (scale_by_temperature(logits, number), TemperatureLogitsWarper(number)),
        (
            penalize_repeats(logits, seen_first(logits), number),
            RepetitionPenaltyLogitsProcessor(number),
        ),
    ]
    for got, theirs in pairs:
        assert_close(got.softmax(-1), theirs(ids, logits).softmax(-1), rtol=1e-9, atol=1e-15)


def seen_first(logits: torch.Tensor) -> torch.Tensor:
    return torch.zeros_like(logits, dtype=torch.bool).index_fill(1, torch.tensor([0]), True)


# ---- drawing --------------------------------------------------------------------------------------------------------


def test_a_draw_falls_on_the_token_that_covers_it():
    # 0.25, 0, 0.5, 0.25, 0 end at 0.25, 0.25, 0.75, 1, 1: exact in binary, so the borders are exact
    # too
    row = torch.tensor([0.25, 0.0, 0.5, 0.25, 0.0])
    draws = torch.tensor([0.0, 0.2499, 0.25, 0.7499, 0.75, 1 - 2**-53], dtype=torch.float64)
    assert sample(row.expand(6, 5), draws).tolist() == [0, 0, 2, 2, 3, 3]


def test_rows_are_drawn_each_from_its_own_distribution():
    rows = torch.tensor([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.5, 0.5]])
    assert sample(rows, torch.tensor([0.9, 0.9, 0.9])).tolist() == [1, 0, 2]


def test_the_largest_draw_never_falls_off_the_end():
    generator = torch.Generator().manual_seed(0)
    rows = torch.rand(300, 1000, generator=generator).softmax(-1)  # sums differ from 1 by rounding
    rows[:, -3:] = 0
    assert sample(rows, torch.full((300,), 1 - 2**-53, dtype=torch.float64)).tolist() == [996] * 300


def chi_square_tail_of_4(x: float) -> float:
    """The chance that a chi-square variable with 4 degrees of freedom exceeds x (closed form for
    even degrees).
    """
    return math.exp(-x / 2) * (1 + x / 2)


def chi_square(counts: torch.Tensor, probabilities: torch.Tensor) -> float:
    expected = counts.sum() * probabilities
    return float(((counts - expected) ** 2 / expected).sum())


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("temperature", [1.0, 0.6, 1.7])
def test_frequencies_follow_the_distribution(seed, temperature):
    """False alarms: 15 tests, each fails a right sampler for one seed in a million.

    A shift of 0.02 is seen surely.
    """
    n, shares = 40_000, torch.tensor([0.4, 0.25, 0.2, 0.1, 0.05], dtype=torch.float64)
    expected = shares ** (1 / temperature) / (shares ** (1 / temperature)).sum()
    probabilities = scale_by_temperature(shares.log()[None], temperature).softmax(-1).expand(n, 5)
    draws = torch.rand(n, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    counts = sample(probabilities, draws).bincount(minlength=5)
    assert chi_square_tail_of_4(chi_square(counts, expected)) > 1e-6
    moved = expected + torch.tensor([-0.02, 0.02, 0, 0, 0], dtype=torch.float64)
    assert chi_square_tail_of_4(chi_square(counts, moved)) < 1e-6  # the test can fail


def test_the_closed_form_of_the_chi_square_tail():
    # tables: 9.488 is the 5 % point of 4 degrees of freedom, 18.467 the 0.1 % point
    assert chi_square_tail_of_4(9.488) == pytest.approx(0.05, rel=1e-3)
    assert chi_square_tail_of_4(18.467) == pytest.approx(0.001, rel=1e-3)
    assert all(
        chi_square_tail_of_4(a) > chi_square_tail_of_4(b) for a, b in pairwise([0, 1, 5, 20, 50])
    )


# ---- bad input ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [("temperature", bad) for bad in (-0.1, math.nan, INF)]
    + [("top_k", bad) for bad in (0, -3)]
    + [("top_p", bad) for bad in (0, 0.0, -0.5, 1.01, math.nan)]
    + [("min_p", bad) for bad in (-0.01, 1.5, math.nan)]
    + [("repetition_penalty", bad) for bad in (0, -1.0, math.nan, INF)],
)
def test_a_senseless_setting_gets_one_sentence(name, value):
    one = torch.zeros(1, 3)
    functions = {
        "temperature": scale_by_temperature,
        "top_k": keep_top_k,
        "top_p": keep_top_p,
        "min_p": keep_min_p,
        "repetition_penalty": lambda logits, penalty: penalize_repeats(logits, logits > 0, penalty),
    }
    for call in (lambda: Sampling(**{name: value}), lambda: functions[name](one, value)):
        with pytest.raises(ValueError, match=rf"^{name} is {value!r}; give a .*\.$"):
            call()


@pytest.mark.parametrize(
    "setting", [{}, {"temperature": 0}, {"top_k": 2}, {"top_p": 0.5}, {"min_p": 0.5}]
)
@pytest.mark.parametrize("bad", [[0.0, math.nan, 1.0], [0.0, INF, 1.0], [-INF, -INF, -INF]])
def test_logits_without_a_distribution_get_one_sentence(setting, bad):
    logits = torch.tensor([[0.0, 1.0, 2.0], bad])
    with pytest.raises(ValueError, match=r"NaN or infinity.*check that the weights"):
        next_token_probabilities(logits, torch.zeros(2, 3, dtype=torch.bool), Sampling(**setting))


def test_banned_tokens_stay_banned():
    logits, seen = torch.tensor([[-INF, 0.0, -INF, 0.0]]), torch.ones(1, 4, dtype=torch.bool)
    got = next_token_probabilities(
        logits, seen, Sampling(0.7, top_k=3, top_p=0.99, min_p=0.1, repetition_penalty=1.2)
    )
    assert got.tolist() == [[0, 0.5, 0, 0.5]]
