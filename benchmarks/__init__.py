"""Time and memory of the printed networks beside those of other libraries; `make bench`.

The same network, with the same weights and the same input, is run by every contestant, each in a
process of its own and in turns. What is here measures; it is no part of the package.
"""
