"""One file for each contestant: a network and its weights -> a module, input -> class scores.

A contestant is written as its library's own examples are, but what they leave to their reader is
done for it: the static part of a hybrid is run once, the classifier once on the mean over time.
"""
