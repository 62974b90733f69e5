"""A table of sums, half of which is read: its parts, and what is said of a net that reads it."""

import math

import pytest
import torch

from utils.training.grokking import PairNet, look, power_in_peaks, sum_table, watch_table


def test_a_table_has_every_pair_once_and_the_rule():
    table = sum_table(0.3, seed=2, numbers=11)
    pairs = {
        tuple(pair): int(result)
        for pair, result in zip(table.pairs.tolist(), table.results, strict=True)
    }
    assert pairs == {(a, b): (a + b) % 11 for a in range(11) for b in range(11)}
    both = [*table.read.tolist(), *table.left_out.tolist()]
    assert sorted(both) == list(range(121)) and len(table.read) == 36
    assert not torch.equal(sum_table(0.3, seed=3, numbers=11).read, table.read)
    with pytest.raises(ValueError, match=r"a share of 1\.0"):
        sum_table(1.0, seed=0)


def test_what_is_left_out_is_split_by_its_mirror():
    table = sum_table(0.4, seed=1, numbers=9)
    read = {tuple(pair) for pair in table.pairs[table.read].tolist()}
    turned = [tuple(pair) for pair in table.pairs[table.turned].tolist()]
    unturned = [tuple(pair) for pair in table.pairs[table.unturned].tolist()]
    assert turned and all((b, a) in read for a, b in turned)
    assert unturned and not any((b, a) in read for a, b in unturned)
    assert len(turned) + len(unturned) == len(table.left_out)


def test_without_a_rule_the_same_results_lie_elsewhere():
    with_rule, without = (sum_table(0.5, seed=4, rule=rule, numbers=13) for rule in (True, False))
    assert torch.equal(with_rule.results.bincount(), without.results.bincount())
    agree = (with_rule.results == without.results).float().mean()
    assert agree < 0.25  # one in 13, by chance


def test_a_look_is_that_of_each_part():
    table = sum_table(0.5, seed=0, numbers=13)
    torch.manual_seed(0)
    net = PairNet(13, d_model=5)
    found = look(net, table, step=3)
    for part, share in (("read", found.read), ("left_out", found.left_out)):
        places = getattr(table, part)
        said = [int(net(table.pairs[place][None])[0].argmax()) for place in places]
        right = sum(a == int(b) for a, b in zip(said, table.results[places], strict=True))
        assert share == pytest.approx(right / len(places))
    log_p = net(table.pairs).log_softmax(dim=1).gather(1, table.results[:, None])[:, 0]
    assert found.loss_left_out == pytest.approx(-float(log_p[table.left_out].mean()), rel=1e-5)
    squares = sum(float((p.detach() ** 2).sum()) for p in net.parameters())
    assert found.weights == pytest.approx(math.sqrt(squares), rel=1e-5)


def test_waves_are_found_in_vectors():
    places = torch.arange(23)[:, None] * 2 * math.pi / 23
    circles = torch.cat([torch.cos(3 * places), torch.sin(3 * places), torch.cos(7 * places)], 1)
    assert power_in_peaks(circles + 4.0, peaks=2) == pytest.approx(1.0)
    # |3|^2 twice against |7|^2 once
    assert power_in_peaks(circles, peaks=1) == pytest.approx(2 / 3, rel=1e-4)
    spike = torch.zeros(23, 1)
    spike[5] = 1.0  # as much of every wave
    assert power_in_peaks(spike, peaks=5) == pytest.approx(5 / 11, rel=1e-4)


def test_a_table_is_learned_by_heart_without_touching_others_random_numbers():
    torch.manual_seed(5)
    expected_next = torch.rand(2)
    torch.manual_seed(5)
    table = sum_table(0.4, seed=1, numbers=11)
    looks = watch_table(table, 120, decay=0.0, every=50, seed=1)
    assert torch.equal(torch.rand(2), expected_next)
    assert [one.step for one in looks] == [0, 50, 100, 120]
    assert looks[0].read < 0.4 and looks[-1].read > 0.95
    pulled = watch_table(table, 120, decay=3.0, every=120, seed=1)
    assert pulled[-1].weights < looks[-1].weights
