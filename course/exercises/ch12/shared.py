"""What several exercises of chapter 12 share."""

# pos, d_model, d_mlp
SIZES = ((1, 3, 5), (4, 2, 3), (3, 4, 4), (2, 5, 2), (5, 1, 6), (4, 4, 1), (6, 3, 9), (3, 16, 40))
