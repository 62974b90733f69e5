"""Pictures that stand still: figures, heat maps, graphs, and panels of HTML."""
