"""Dates, their translators, and where these look."""

import random
from datetime import date, datetime

import pytest
import torch
from torch import nn

from utils.data.dates import (
    CHARACTERS,
    FORMATS,
    LONGEST,
    draw_date,
    is_held_out,
    read_date,
    write_date,
)
from utils.predecessors.seq2seq import AdditiveAttention, Seq2Seq
from utils.predecessors.translation import (
    BEGIN,
    DatePairs,
    encode_sources,
    encode_targets,
    new_date_seq2seq,
    new_date_transformer,
    new_dates,
    share_right,
    translate,
    translation_loss,
)
from utils.predecessors.translation_alignment import (
    cross_patterns,
    exchanged_within_formats,
    look_back_patterns,
    peaks_on_sources,
    weight_on_sources,
)

STRPTIME = {
    "7 March 1987": "%d %B %Y",
    "March 7, 1987": "%B %d, %Y",
    "7. 3. 1987": "%d. %m. %Y",
    "Mar 7 1987": "%b %d %Y",
    "1987, March 7": "%Y, %B %d",
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_read_by_the_library_and_by_us(name):
    assert write_date(date(1987, 3, 7), name).text == name
    rng = random.Random(0)
    for _ in range(40):
        d = date.fromordinal(
            rng.randint(date(1900, 1, 1).toordinal(), date(2099, 12, 31).toordinal())
        )
        written = write_date(d, name)
        assert datetime.strptime(written.text, STRPTIME[name]).date() == d
        assert written.iso == d.strftime("%Y-%m-%d")
        assert read_date(f"  {written.text} ").iso == written.iso
        assert len(written.text) <= LONGEST and {*written.text, *written.iso} <= {*CHARACTERS}


def test_the_sources_decide_the_characters():
    for name in FORMATS:
        for d in (date(1987, 3, 7), date(2045, 11, 23)):
            written = write_date(d, name)
            year, month, day = written.iso.split("-")
            for digit, places in zip(year, written.sources[:4], strict=True):
                assert [written.text[place] for place in places] == [digit]
            assert written.sources[4] == written.sources[7] == frozenset()
            for digit, places in zip(day, written.sources[8:], strict=True):
                (place,) = places
                assert written.text[place] in (digit, day.lstrip("0"))
            letters = "".join(written.text[place] for place in sorted(written.sources[6]))
            assert letters in (d.strftime("%B"), d.strftime("%b"), month[1])


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "nothing to translate"),
        ("   ", "nothing to translate"),
        ("tomorrow", "“tomorrow” is in none of the five formats"),
        ("😀 3 1987", "is in none of the five formats"),
        ("31 February 2000", "There is no day 31 in February 2000: give one from 1 to 29"),
        ("0 March 1987", "There is no day 0"),
        ("7. 13. 1987", "There is no month 13"),
        ("7 Maerz 1987", "“Maerz” in “7 Maerz 1987” is no month"),
        ("7 March 1787", "The year is 1787; the model has learned 1900 to 2099"),
        ("7 March 1987 " * 20, "…” is in none"),
    ],
)
def test_what_is_no_date_is_told(typed, sentence):
    with pytest.raises(ValueError, match=sentence.replace("…", "…")):
        read_date(typed)


def test_held_out_dates_are_in_no_batch():
    rng = random.Random(1)
    assert all(is_held_out(date.fromisoformat(one.iso)) for one in new_dates(50))
    assert not any(is_held_out(date.fromisoformat(draw_date(rng).iso)) for _ in range(500))


def test_a_batch_is_text_and_translation():
    batch = DatePairs(batch_size=6, seed=3)[4]
    assert batch["target"].shape == (6, 11) and (batch["target"][:, 0] == BEGIN).all()
    for source, real, target in zip(*(batch[n] for n in ("source", "real", "target")), strict=True):
        text = "".join(CHARACTERS[id - 1] for id in source[real].tolist())
        iso = "".join(CHARACTERS[id - 1] for id in target[1:].tolist())
        assert read_date(text).iso == iso


def test_another_character_is_refused():
    with pytest.raises(ValueError, match="'😀' is in no date"):
        encode_sources(["😀"])


class Copier(nn.Module):
    """Writes what `right` says of each source, whatever was written before."""

    def __init__(self, right):
        super().__init__()
        self.right = encode_targets(right)

    def forward(self, source, real, target):
        logits = nn.functional.one_hot(self.right[:, 1:], 1 + len(CHARACTERS)).float()
        return logits[:, : target.shape[1]] * 9


def test_translate_and_the_share_that_is_right():
    dates = new_dates(4)
    right = [one.iso for one in dates]
    assert translate(Copier(right), [one.text for one in dates]) == right
    assert share_right(Copier([right[0], right[0], right[2], right[3]]), dates) == 0.75


def models():
    yield new_date_transformer(0)
    yield new_date_seq2seq(0, looks_back=False)
    yield new_date_seq2seq(0, looks_back=True)


def test_the_translators_have_one_budget():
    sizes = [sum(p.numel() for p in model.parameters()) for model in models()]
    assert max(sizes) / min(sizes) < 1.35


def test_padding_changes_no_translation():
    source, real = encode_sources(["7 March 1987"])
    target = encode_targets(["1987-03-07"])[:, :-1]
    wider, more = encode_sources(["7 March 1987", "September 30, 1987"])
    for model in models():
        alone = model(source, real, target)
        together = model(wider, more, target.expand(2, -1))
        torch.testing.assert_close(together[:1], alone, rtol=1e-4, atol=1e-5)


def test_the_loss_sums_over_all_characters():
    batch = DatePairs(batch_size=3)[0]
    model = new_date_seq2seq(0, looks_back=True)
    total, count = translation_loss(model, batch)
    logits = model(batch["source"], batch["real"], batch["target"][:, :-1])
    expected = nn.functional.cross_entropy(
        logits.flatten(0, 1), batch["target"][:, 1:].flatten(), reduction="sum"
    )
    assert count == 30
    torch.testing.assert_close(total, expected)


def test_additive_attention_by_hand():
    torch.manual_seed(0)
    attention = AdditiveAttention(3, 4)
    state, read = torch.randn(2, 3), torch.randn(2, 5, 4)
    real = torch.tensor([[True] * 5, [True, True, True, False, False]])
    found = attention(state, read, real)
    for row in range(2):
        scores = torch.stack(
            [
                attention.score.weight[0]
                @ torch.tanh(
                    attention.of_writer.weight @ state[row]
                    + attention.of_writer.bias
                    + attention.of_reader.weight @ place
                )
                for place in read[row, real[row]]
            ]
        )
        torch.testing.assert_close(found[row, real[row]], scores.softmax(dim=0))
    assert (found[1, 3:] == 0).all()


def test_through_one_vector_the_writer_sees_the_summary_alone():
    torch.manual_seed(0)
    model = Seq2Seq(13, looks_back=False, size=5)
    source, real = torch.randint(1, 13, (2, 6)), torch.ones(2, 6, dtype=torch.bool)
    real[1, 4:] = False
    target = torch.randint(13, (2, 3))
    _, summary = model.read(source, real)
    # both directions by torch's cells, one row at a time, without its padding
    for row, length in enumerate((6, 4)):
        _, last = model.reader(model.embed(source[row : row + 1, :length]))
        torch.testing.assert_close(summary[row], last.flatten(), rtol=1e-5, atol=1e-6)
    state = torch.tanh(model.bridge(summary))
    for place in range(3):
        state = model.writer(torch.cat([model.embed(target[:, place]), summary], dim=1), state)
        expected = model.unembed(torch.cat([state, summary], dim=1))
        torch.testing.assert_close(model(source, real, target)[:, place], expected)


def test_patterns_sum_to_one_over_the_text():
    dates = new_dates(5)
    texts, isos = [one.text for one in dates], [one.iso for one in dates]
    patterns = (
        cross_patterns(new_date_transformer(0), texts, isos),
        look_back_patterns(new_date_seq2seq(0, looks_back=True), texts, isos),
    )
    for pattern in patterns:
        for row, text in zip(pattern, texts, strict=True):
            torch.testing.assert_close(row[:, : len(text)].sum(dim=1), torch.ones(10))
    with pytest.raises(ValueError, match="looks at nothing"):
        look_back_patterns(new_date_seq2seq(0, looks_back=False), texts, isos)


def test_agreement_with_a_pattern_that_is_known():
    written = write_date(date(1987, 3, 7), "7 March 1987")
    pattern = torch.full((1, 10, 12), 0.02)
    for pos, places in enumerate(written.sources):
        if places:
            pattern[0, pos, max(places)] = 0.78
    pattern[0, 0] = 0.02
    pattern[0, 0, 0] = 0.78  # the first digit of the year looks at the day
    weights = weight_on_sources(pattern, [written])[0]
    assert weights[[4, 7]].isnan().all()
    assert weights[0] == pytest.approx(0.02, rel=1e-5)
    assert weights[1] == pytest.approx(0.78, rel=1e-5)
    assert weights[5] == pytest.approx(0.78 + 4 * 0.02, rel=1e-5)
    peaks = peaks_on_sources(pattern, [written])[0]
    assert peaks[0] == 0 and (peaks[[1, 2, 3, 5, 6, 8, 9]] == 1).all()


def test_the_control_exchanges_dates_of_one_format():
    dates = new_dates(60)
    others = exchanged_within_formats(dates)
    assert all(a.format == b.format for a, b in zip(dates, others, strict=True))
    assert all(a.iso != b.iso for a, b in zip(dates, others, strict=True))
    assert sorted(one.iso for one in others) == sorted(one.iso for one in dates)
