"""The chance of a year, against the two passes that it takes, one text at a time."""

import pytest
import torch

from utils.interpretability.year_chances import BEGUN, year_chances


def alone(model, tok, text, year):
    """P(tens) after "20", times P(ones) after these."""
    chance = 1.0
    for digits, digit in (("", str(year)[2]), (str(year)[2], str(year)[3])):
        ids = torch.tensor([tok.encode(f"{text} 20{digits}")])
        with torch.no_grad():
            after = model(ids)[0, -1].double().softmax(-1)
        chance *= float(after[tok.encode(digit)[0]])
    return chance


def test_years_are_products_of_digits_and_means_over_texts(smollm2):
    years = year_chances(*smollm2)
    assert years.shape == (30,) and 0.5 < float(years.sum()) < 1
    for year in (2003, 2014, 2022, 2029):
        by_hand = sum(alone(*smollm2, text, year) for text in BEGUN) / len(BEGUN)
        assert float(years[year - 2000]) == pytest.approx(by_hand, rel=1e-2)


def test_no_texts_are_refused(smollm2):
    with pytest.raises(ValueError, match="no texts were given"):
        year_chances(*smollm2, begun=[])
