"""Networks learn: data, recipes, the loop, checkpoints, saved networks, evaluation.

Nothing is imported here, so that a recipe is checked without loading torch.
"""
