"""The stored runs of benchmarks/head_ablations.py: complete, and read as they are stored."""

import csv
from pathlib import Path

import pytest

from course.runs.head_table import WAYS, cut_names, cuts, loss_changes, plain_change

RUNS = Path(__file__).resolve().parents[3] / "course" / "runs"


def rows_of(name):
    with (RUNS / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


MAPS, CUTS = rows_of("head_ablations.csv"), rows_of("head_cuts.csv")
TEXTS = range(6, 10)


def test_each_text_way_and_layer_is_stored_once():
    found = sorted((int(row["text"]), row["instead"], int(row["layer"])) for row in MAPS)
    assert found == sorted((t, way, layer) for t in TEXTS for way in WAYS for layer in range(30))


@pytest.mark.parametrize("way", WAYS)
def test_a_change_is_the_loss_without_the_head_minus_that_of_the_whole_model(way):
    changes = loss_changes(way)
    assert changes.shape == (4, 30, 9) and changes.isfinite().all()
    for row in MAPS:
        if row["instead"] == way:
            text, layer = int(row["text"]) - 6, int(row["layer"])
            for head in range(9):
                expected = float(row[f"head_{head}"]) - float(row["whole"])
                assert changes[text, layer, head].item() == pytest.approx(expected, abs=1e-5)


def test_random_cuts_have_no_head_of_the_five_and_others_of_their_layers():
    (five,) = cuts("induction 5")
    best = set(str(five["heads"]).split())
    assert len(best) == 5
    layers = sorted(head.split(".")[0] for head in best)
    for name in ("random 5", "random 5, same layers"):
        draws = [set(str(row["heads"]).split()) for row in cuts(name)]
        assert len(draws) == 12 and len({tuple(sorted(draw)) for draw in draws}) > 6
        for draw in draws:
            assert len(draw) == 5 and not draw & best
            if name.endswith("layers"):
                assert sorted(head.split(".")[0] for head in draw) == layers


def test_the_change_on_plain_texts_is_against_the_whole_model():
    (whole,) = [row for row in CUTS if row["cut"] == "none"]
    for name in cut_names():
        draws = [row for row in CUTS if row["cut"] == name and row["instead"] == "zero"]
        found = plain_change(name)
        assert found.shape == (len(draws), 12)
        for draw, row in enumerate(draws):
            for text in range(12):
                expected = float(row[f"plain_{text}"]) - float(whole[f"plain_{text}"])
                assert found[draw, text].item() == pytest.approx(expected, abs=1e-5)


def test_what_is_not_stored_is_refused():
    with pytest.raises(ValueError, match="no map with 'none' is stored"):
        loss_changes("none")
    with pytest.raises(ValueError, match="no cut 'all' with 'zero' is stored"):
        cuts("all")
