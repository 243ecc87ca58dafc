"""PyTorch: a program becomes the source of a plain `nn.Module`, and that source becomes a live network."""
