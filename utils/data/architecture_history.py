"""From Shannon's guesses to today's models: what came when, with the paper or report that says so.

The year is that of the first public text: of an arXiv number its first four digits are year and
month.
"""

from dataclasses import dataclass

KINDS = ("counting", "feed-forward", "recurrent", "convolution", "attention")


@dataclass(frozen=True)
class Milestone:
    """One step of the history. kind: the idea that carries a text's past, one of KINDS."""

    year: int
    name: str
    kind: str
    source: str


HISTORY = (
    Milestone(1951, "guessing the next letter", "counting", "Shannon, Bell Syst. Tech. J. 30"),
    Milestone(1958, "perceptron", "feed-forward", "Rosenblatt, Psychological Review 65"),
    Milestone(1986, "backpropagation", "feed-forward", "Rumelhart, Hinton & Williams, Nature 323"),
    Milestone(1990, "Elman's RNN", "recurrent", "Elman, Cognitive Science 14"),
    Milestone(1994, "its vanishing gradients", "recurrent", "Bengio et al., IEEE Trans. NN 5"),
    Milestone(1997, "LSTM", "recurrent", "Hochreiter & Schmidhuber, Neural Comp. 9"),
    Milestone(
        2003, "neural language model", "feed-forward", "Bengio et al., J. Machine Learning Res. 3"
    ),
    Milestone(2010, "RNN language model", "recurrent", "Mikolov et al., Interspeech 2010"),
    Milestone(2013, "word2vec", "feed-forward", "arXiv:1301.3781"),
    Milestone(2014, "encoder-decoder of GRUs", "recurrent", "arXiv:1406.1078"),
    Milestone(2014, "RNNsearch: a look back", "attention", "arXiv:1409.0473"),
    Milestone(2014, "encoder-decoder of LSTMs", "recurrent", "arXiv:1409.3215"),
    Milestone(2016, "attention without recurrence", "attention", "arXiv:1606.01933"),
    Milestone(2016, "ByteNet", "convolution", "arXiv:1610.10099"),
    Milestone(2017, "ConvS2S", "convolution", "arXiv:1705.03122"),
    Milestone(2017, "Transformer", "attention", "arXiv:1706.03762"),
    Milestone(2018, "ELMo", "recurrent", "arXiv:1802.05365"),
    Milestone(2018, "GPT", "attention", "Radford et al. 2018, OpenAI"),
    Milestone(2018, "BERT", "attention", "arXiv:1810.04805"),
    Milestone(2019, "GPT-2", "attention", "Radford et al. 2019, OpenAI"),
    Milestone(2019, "sparse attention", "attention", "arXiv:1904.10509"),
    Milestone(2019, "T5", "attention", "arXiv:1910.10683"),
    Milestone(2020, "Reformer", "attention", "arXiv:2001.04451"),
    Milestone(2020, "Longformer", "attention", "arXiv:2004.05150"),
    Milestone(2020, "GPT-3", "attention", "arXiv:2005.14165"),
    Milestone(2020, "Linformer", "attention", "arXiv:2006.04768"),
    Milestone(2020, "ViT (pictures)", "attention", "arXiv:2010.11929"),
    Milestone(2021, "DALL-E (pictures)", "attention", "arXiv:2102.12092"),
    Milestone(2022, "InstructGPT", "attention", "arXiv:2203.02155"),
    Milestone(2022, "FlashAttention", "attention", "arXiv:2205.14135"),
    Milestone(2022, "Whisper (speech)", "attention", "arXiv:2212.04356"),
    Milestone(2023, "Llama", "attention", "arXiv:2302.13971"),
    Milestone(2023, "RT-2 (robots)", "attention", "arXiv:2307.15818"),
    Milestone(2023, "ring attention", "attention", "arXiv:2310.01889"),
    Milestone(2023, "Mamba", "recurrent", "arXiv:2312.00752"),
    Milestone(2024, "Sora (video)", "attention", "Brooks et al. 2024, OpenAI"),
    Milestone(2025, "DeepSeek-R1", "attention", "arXiv:2501.12948"),
)


def year_of(name: str) -> int:
    """The year of a milestone. ValueError if there is none of that name."""
    years = {one.name: one.year for one in HISTORY}
    if name not in years:
        raise ValueError(f"{name!r} is not in the history; it has {', '.join(years)}.")
    return years[name]
