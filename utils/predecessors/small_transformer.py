"""A small transformer of torch's own layers, with the causal mask or without it.

With the mask it is a decoder, as a GPT is; without it an encoder, in which every position sees the
whole text.
"""

from jaxtyping import Float, Int64
from torch import Tensor, nn


class SmallTransformer(nn.Module):
    """Transformer blocks over a small vocabulary; `causal` may be changed later, it has no weights.

    vocab_size: how many different symbols the text has.
    context: the longest text, in symbols.
    """

    def __init__(
        self,
        vocab_size: int,
        causal: bool,
        n_layer: int = 2,
        d_model: int = 48,
        context: int = 32,
    ):
        super().__init__()
        self.causal = causal
        self.embed = nn.Embedding(vocab_size, d_model)
        self.place = nn.Embedding(context, d_model)
        block = nn.TransformerEncoderLayer(
            d_model,
            nhead=4,
            dim_feedforward=2 * d_model,
            dropout=0.0,
            batch_first=True,
            norm_first=True,
        )
        self.blocks = nn.TransformerEncoder(block, n_layer, enable_nested_tensor=False)
        self.unembed = nn.Linear(d_model, vocab_size)

    def forward(self, ids: Int64[Tensor, "batch pos"]) -> Float[Tensor, "batch pos vocab"]:
        """The logits of the next symbol, at every position."""
        n = ids.shape[1]
        mask = nn.Transformer.generate_square_subsequent_mask(n) if self.causal else None
        x = self.embed(ids) + self.place.weight[:n]  # (batch, pos, d_model)
        logits: Tensor = self.unembed(self.blocks(x, mask))
        return logits
