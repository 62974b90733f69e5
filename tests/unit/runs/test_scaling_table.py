"""The stored runs of chapter 14: read by hand, complete, and made again in small."""

from statistics import fmean

import numpy as np
import pytest
from stored_runs import benchmark, by_hand

from course.runs import scaling_table as table
from utils.training.small_scaling import CHARACTERS_PER_STEP, all_plays

FLOORS = (1.4, 4.5)  # nats: below is no model so small, above it is worse than guessing evenly


def rows(**wanted):
    """The stored rows with these fields, numbers compared as numbers."""
    return [
        row
        for row in by_hand("scaling_runs.csv")
        if all(
            row[name] == value if isinstance(value, str) else float(row[name]) == value
            for name, value in wanted.items()
        )
    ]


def held_out(found):
    return [float(row["held_out"]) for row in found]


def test_no_run_is_stored_twice_and_every_loss_can_be_one():
    keys = ("experiment", "width", "budget", "characters", "unique", "rate", "seed")
    every = rows()
    assert len({tuple(row[key] for key in keys) for row in every}) == len(every) > 50
    assert all(
        FLOORS[0] < loss < FLOORS[1] or row["experiment"] == "repeats"
        for loss, row in zip(held_out(every), every, strict=True)
    )


def test_weights_and_flops_are_those_of_two_blocks_and_a_matrix_to_83_characters():
    for row in rows():
        width, characters = int(row["width"]), int(row["characters"])
        weights = 20 * width**2 + 83 * width
        assert int(row["weights"]) == table.weights(width) == weights
        assert int(row["flops"]) == characters * 3 * (2 * weights + 8 * 64 * width)
        assert characters % CHARACTERS_PER_STEP == 0


def test_each_budget_is_spent_but_for_half_a_step_and_read_once():
    assert len(table.budgets()) >= 3
    for row in rows(experiment="flops") + rows(experiment="rates"):
        step = CHARACTERS_PER_STEP * int(row["flops"]) / int(row["characters"])
        assert int(row["flops"]) == pytest.approx(float(row["budget"]), abs=step / 2 + 1)
        assert int(row["characters"]) <= int(row["unique"])


def test_losses_characters_rates_and_texts_of_each_budget_and_width():
    for budget in table.budgets():
        of_budget = rows(experiment="flops", budget=budget)
        assert table.widths(budget) == sorted({int(row["width"]) for row in of_budget})
        assert len(table.widths(budget)) >= 5
        seeds = [row["seed"] for row in of_budget if int(row["width"]) == table.widths(budget)[0]]
        assert len(set(seeds)) == len(seeds) >= 2
        for width in table.widths(budget):
            of_width = [row for row in of_budget if int(row["width"]) == width]
            assert [row["seed"] for row in of_width] == seeds
            assert table.losses(budget, width) == held_out(of_width)
            assert {int(row["characters"]) for row in of_width} == {table.characters(budget, width)}
            assert {float(row["rate"]) for row in of_width} == {table.rate(width)}
            (first,) = [row for row in of_width if row["seed"] == "1"]
            assert table.written(budget, width).replace("\n", "\\n") == first["text"]
            assert len(table.written(budget, width)) == 400


def test_the_curves_are_the_means_and_their_lowest_points():
    for column in table.iso_flops():
        sizes, means = [], []
        for width, run in zip(table.widths(column.budget), column.runs, strict=True):
            found = held_out(rows(experiment="flops", budget=column.budget, width=width))
            assert run.loss == pytest.approx(fmean(found), rel=1e-12)
            assert (run.weights, run.read) == (
                20 * width**2 + 83 * width,
                table.characters(column.budget, width),
            )
            assert run.text == table.written(column.budget, width)
            sizes.append(run.weights), means.append(run.loss)
        size, loss = table.best_sizes()[column.budget]
        assert (size, loss) == pytest.approx(lowest_of_parabola(sizes, means), rel=1e-6)
        # the best size has worse ones on both sides
        assert sizes[0] < size < sizes[-1] and min(means) not in (means[0], means[-1])


def lowest_of_parabola(sizes, losses):
    """By the normal equations, on a fine grid of sizes."""
    x = np.log(sizes)
    square = np.stack([np.ones_like(x), x, x**2], axis=1)
    numbers = np.linalg.solve(square.T @ square, square.T @ np.array(losses))
    size = np.exp(-numbers[1] / (2 * numbers[2]))
    return size, float(np.polyval(numbers[::-1], np.log(size)))


def test_the_exponent_is_the_slope_of_the_best_sizes_and_its_draws_lie_about_it():
    best = table.best_sizes()
    x, y = np.log(list(best)), np.log([size for size, _ in best.values()])
    slope = ((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum()
    assert table.size_law().exponent == pytest.approx(slope, rel=1e-9)
    draws = table.exponents(40)
    assert draws == sorted(draws) and draws[0] < slope < draws[-1]


@pytest.mark.parametrize("sweep", ["rates", "text rates", "checks"])
def test_sweeps_and_checks_are_means_over_seeds(sweep):
    widths = list(table.checked()) if sweep == "checks" else table.swept(sweep)
    assert len(widths) >= 2
    for width in widths:
        found = table.losses_by_rate(width, sweep)
        assert list(found) == sorted(found) and len(found) >= 3
        for rate, mean in found.items():
            one = held_out(rows(experiment=sweep, width=width, rate=rate))
            assert len(one) >= 2 and mean == pytest.approx(fmean(one), rel=1e-12)


@pytest.mark.parametrize("sweep", ["rates", "text rates"])
def test_the_best_rate_of_a_sweep_has_worse_ones_on_both_sides(sweep):
    for width in table.swept(sweep):
        tried = list(table.losses_by_rate(width, sweep).values())
        assert min(tried) not in (tried[0], tried[-1])


def test_checks_are_at_the_budgets_that_their_runs_had():
    for width, budget in table.checked().items():
        found = {float(row["budget"]) for row in rows(experiment="checks", width=width)}
        assert found == {budget} and budget > table.budgets()[0]


def test_the_same_text_for_every_width():
    assert len(table.text_lengths()) >= 2
    for characters in table.text_lengths():
        found = table.same_text(characters)
        assert list(found) == sorted(found) and len(found) == 5
        for width, losses in found.items():
            assert losses == held_out(rows(experiment="text", characters=characters, width=width))
            assert len(losses) >= 3


def test_repeats_by_passes():
    found = table.repeats()
    assert list(found) == sorted(found) and next(iter(found)) == 1
    for passes, losses in found.items():
        same = [
            row
            for row in rows(experiment="repeats")
            if int(row["characters"]) == passes * int(row["unique"])
        ]
        assert losses == held_out(same) and len(losses) >= 3


def test_what_is_not_stored_is_named():
    with pytest.raises(ValueError, match="no run of the width 7 for a budget is stored"):
        table.rate(7)
    with pytest.raises(ValueError, match="no run of the width 7 is stored"):
        table.weights(7)
    with pytest.raises(ValueError, match="no run of the width 16 at 5 FLOPs is stored"):
        table.losses(5, 16)
    with pytest.raises(ValueError, match="no runs on 12 characters are stored"):
        table.same_text(12)
    with pytest.raises(ValueError, match="no run of the width 16 at 5 FLOPs is stored"):
        table.written(5, 16)


def test_the_shortest_run_comes_out_the_same():
    """Nearly: sums of another order end in other digits, and these grow over the steps."""
    module = benchmark("scaling_runs")
    stored = min(rows(experiment="flops", seed=1), key=lambda row: int(row["characters"]))
    numbers = (int(stored[name]) for name in ("characters", "unique"))
    run = module.Run(
        "flops",
        int(stored["width"]),
        float(stored["budget"]),
        *numbers,
        float(stored["rate"]),
        seed=1,
    )
    (row,) = module.one_run(all_plays(), run)
    assert row["held_out"] == pytest.approx(float(stored["held_out"]), abs=0.02)
    assert [str(row[name]) for name in ("weights", "flops")] == [stored["weights"], stored["flops"]]
    assert len(row["text"].replace("\\n", "\n")) == 400
