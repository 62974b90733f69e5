"""The explorer of a training bill: its numbers, and that they follow the controls."""

import re

import pytest

from utils.training.bill import ACCELERATORS
from utils.widgets.bill_explorer import bill_explorer


def alt_of(explorer):
    return re.search(r'alt="([^"]*)"', explorer.children[1].value)[1]


def controls_of(explorer):
    return {control.description: control for control in explorer.children[0].children}


def test_it_begins_with_llama_2_and_says_that_it_does_not_fit():
    explorer = bill_explorer()
    assert list(controls_of(explorer)) == [
        "model",
        "tokens",
        "A100s",
        "MFU (%)",
        "shared out",
        "activations",
    ]
    # 3 * (2 * 68.71e9 + 4 * 4096 * 80 * 8192) * 2e12 FLOPs on 2000 * 312e12 * 0.4 a second
    words = alt_of(explorer)
    assert words.startswith("Llama 2 70B: 41 days, $4.0 million, 8.9e23 FLOPs.")
    # 16 bytes for 68.98e9 weights by 2,000; a text of 4,096 tokens
    assert "in all 142 GB: too much (weights 69 MB, gradients 69 MB, optimizer 414 MB" in words
    assert "activations 141 GB" in words


def test_with_less_kept_it_fits_and_takes_longer():
    explorer = bill_explorer()
    controls_of(explorer)["activations"].value = True
    words = alt_of(explorer)
    assert "too much" not in words and "of 80 GB" in words
    assert int(re.search(r"(\d+) days", words)[1]) > 41


@pytest.mark.parametrize(
    ("label", "value", "words"),
    [
        ("model", "SmolLM2 135M", "SmolLM2 135M"),
        ("tokens", 2e10, "$39,574"),
        ("A100s", 1, "226 years"),
        ("MFU (%)", 20, "82 days, $7.9 million"),
        ("shared out", "nothing", "1.24 TB: too much"),
    ],
)
def test_each_control_changes_the_picture(label, value, words):
    explorer = bill_explorer()
    before = explorer.children[1].value
    controls_of(explorer)[label].value = value
    assert explorer.children[1].value != before
    assert words in alt_of(explorer)


def test_another_accelerator_has_its_own_speed_memory_and_price():
    words = alt_of(bill_explorer("H200", dollars_per_hour=4))
    assert "of 141 GB" in words
    # as the A100's, with more speed at twice the price
    ratio = ACCELERATORS["A100"].flops_per_second / ACCELERATORS["H200"].flops_per_second
    assert f"{41.22 * ratio:.0f} days, ${3.957 * 2 * ratio:.1f} million" in words
