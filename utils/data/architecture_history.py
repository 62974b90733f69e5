"""From Markov's counts to hybrids: what came when, what was new in it, and the paper, talk or report
that says so.

The year is that of the source: of an arXiv number the first four digits are year and month. Some
were told of before in a report that is not named.
"""

from dataclasses import dataclass

KINDS = ("counting", "feed-forward", "recurrent", "convolution", "attention")


@dataclass(frozen=True)
class Milestone:
    """One step of the history. kind: the idea that carries a text's past, one of KINDS. new: what
    was new in it.
    """

    year: int
    name: str
    kind: str
    new: str
    source: str


HISTORY = (
    Milestone(
        1913,
        "Markov's chain",
        "counting",
        "how often a vowel follows a vowel, counted in a poem",
        "Markov, Bull. Acad. Sci. St. Petersburg 7",
    ),
    Milestone(
        1948,
        "n-grams",
        "counting",
        "text drawn from counts of letters and words",
        "Shannon, Bell Syst. Tech. J. 27",
    ),
    Milestone(
        1958,
        "perceptron",
        "feed-forward",
        "a layer that learns from its errors",
        "Rosenblatt, Psych. Review 65",
    ),
    Milestone(
        1986,
        "backpropagation",
        "feed-forward",
        "several layers learn",
        "Rumelhart et al., Nature 323",
    ),
    Milestone(
        1989,
        "convolutional network",
        "convolution",
        "one window of weights, at every place of a picture",
        "LeCun et al., Neural Computation 1",
    ),
    Milestone(
        1990, "Elman's RNN", "recurrent", "a state that is handed on", "Elman, Cognitive Science 14"
    ),
    Milestone(
        1991,
        "vanishing gradients",
        "recurrent",
        "why such networks forget, worked out",
        "Hochreiter, thesis, TU Munich",
    ),
    Milestone(
        1995,
        "LSTM",
        "recurrent",
        "a cell to which something is added, and gates; printed in 1997",
        "Hochreiter & Schmidhuber, report FKI-207-95",
    ),
    Milestone(
        2000,
        "neural language model",
        "feed-forward",
        "vectors of words, learned by predicting the next; at length in 2003",
        "Bengio et al., NIPS 13",
    ),
    Milestone(
        2008,
        "words convolved",
        "convolution",
        "convolutions over sentences",
        "Collobert & Weston, ICML 2008",
    ),
    Milestone(
        2010,
        "RNN language model",
        "recurrent",
        "ahead of the best n-grams",
        "Mikolov et al., Interspeech 2010",
    ),
    Milestone(
        2013,
        "word2vec",
        "feed-forward",
        "vectors of words alone, from much text",
        "arXiv:1301.3781",
    ),
    Milestone(
        2014,
        "encoder-decoder of GRUs",
        "recurrent",
        "translation through one vector; a GRU is an LSTM without the second vector",
        "arXiv:1406.1078",
    ),
    Milestone(2014, "RNNsearch", "attention", "the look back at what was read", "arXiv:1409.0473"),
    Milestone(
        2014, "encoder-decoder of LSTMs", "recurrent", "the same, deep and large", "arXiv:1409.3215"
    ),
    Milestone(
        2016,
        "attention within a text",
        "attention",
        "an LSTM looks back at its own states",
        "arXiv:1601.06733",
    ),
    Milestone(
        2016,
        "attention without recurrence",
        "attention",
        "between two sentences, with feed-forward layers only",
        "arXiv:1606.01933",
    ),
    Milestone(
        2016, "ByteNet", "convolution", "translation at once, by convolutions", "arXiv:1610.10099"
    ),
    Milestone(
        2017,
        "ConvS2S",
        "convolution",
        "the same, with a look back in each layer",
        "arXiv:1705.03122",
    ),
    Milestone(
        2017,
        "Transformer",
        "attention",
        "attention within and between, no recurrence",
        "arXiv:1706.03762",
    ),
    Milestone(
        2018,
        "ELMo",
        "recurrent",
        "vectors of words in their sentence, from LSTMs",
        "arXiv:1802.05365",
    ),
    Milestone(
        2018,
        "GPT",
        "attention",
        "a decoder alone, pre-trained on the next token",
        "Radford et al., OpenAI 2018",
    ),
    Milestone(
        2018,
        "BERT",
        "attention",
        "an encoder alone, pre-trained on masked words",
        "arXiv:1810.04805",
    ),
    Milestone(
        2019,
        "GPT-2",
        "attention",
        "tasks done without being trained for them",
        "Radford et al., OpenAI 2019",
    ),
    Milestone(
        2019,
        "sparse attention",
        "attention",
        "each place looks at some places only",
        "arXiv:1904.10509",
    ),
    Milestone(
        2019,
        "T5",
        "attention",
        "every task as text to text; three masks compared",
        "arXiv:1910.10683",
    ),
    Milestone(
        2020,
        "Reformer",
        "attention",
        "looks at keys that fall into the same group as the query",
        "arXiv:2001.04451",
    ),
    Milestone(
        2020,
        "Longformer",
        "attention",
        "a window, and a few places that see all",
        "arXiv:2004.05150",
    ),
    Milestone(
        2020,
        "GPT-3",
        "attention",
        "175 billion weights; tasks from examples in the text",
        "arXiv:2005.14165",
    ),
    Milestone(
        2020,
        "Linformer",
        "attention",
        "keys and values squeezed into a fixed number",
        "arXiv:2006.04768",
    ),
    Milestone(2020, "ViT", "attention", "pictures, as patches", "arXiv:2010.11929"),
    Milestone(2021, "DALL-E", "attention", "writes pictures, token by token", "arXiv:2102.12092"),
    Milestone(
        2022,
        "FlashAttention",
        "attention",
        "the exact result, piece by piece in fast memory",
        "arXiv:2205.14135",
    ),
    Milestone(2022, "Whisper", "attention", "speech to text", "arXiv:2212.04356"),
    Milestone(
        2023, "Llama", "attention", "strong models whose weights can be had", "arXiv:2302.13971"
    ),
    Milestone(
        2023, "RWKV", "recurrent", "a recurrence that can be trained at once", "arXiv:2305.13048"
    ),
    Milestone(2023, "RT-2", "attention", "a robot's movements as tokens", "arXiv:2307.15818"),
    Milestone(
        2023,
        "ring attention",
        "attention",
        "one long text, spread over several machines",
        "arXiv:2310.01889",
    ),
    Milestone(
        2023,
        "Mamba",
        "recurrent",
        "a recurrence that chooses what to keep, and trains at once",
        "arXiv:2312.00752",
    ),
    Milestone(2024, "Sora", "attention", "films, as patches", "Brooks et al., OpenAI 2024"),
    Milestone(
        2024,
        "Jamba",
        "attention",
        "a hybrid: one layer of attention to seven of Mamba",
        "arXiv:2403.19887",
    ),
)
