"""Unsupervised, layer-wise training: spiking convolutions by STDP, then the classifier behind them.

division   a network to the stages that learn one after the other, and the classifier
learner    one stage, a batch of images at a time: trains, timing, thresholds, competition
stages     all stages, until each has settled
counts     what the classifier reads of every image, computed once
report     kernels, maps and curves, to look at
run        all of it, in a folder
"""
