"""The mistakes that validation finds, one class each, by what they are about."""

from snnc.spec.errors.clauses import (
    BlockTwice,
    JoinedBlockInput,
    PrintedTwice,
    SkipBackwards,
    SkipLeavesGroup,
    SkipTwice,
    UnknownLayer,
)
from snnc.spec.errors.groups import ClassifierInGroup, GroupsTooDeep, GroupWithoutLayer, TooManyLayers
from snnc.spec.errors.layers import (
    DuplicateLayer,
    ModifierAfterGroup,
    ModifierMisplaced,
    ModifierTwice,
    NoLayers,
)
from snnc.spec.errors.neurons import (
    AnnNeuronSpikes,
    ConstantUnknown,
    NeuronAfterPool,
    NeuronOnClassifier,
)
from snnc.spec.errors.values import (
    GroupsIndivisible,
    InputMissing,
    NameUnusable,
    OutOfRange,
    WindowNotSquare,
)

__all__ = [
    "AnnNeuronSpikes",
    "BlockTwice",
    "ClassifierInGroup",
    "ConstantUnknown",
    "DuplicateLayer",
    "GroupWithoutLayer",
    "GroupsIndivisible",
    "GroupsTooDeep",
    "InputMissing",
    "JoinedBlockInput",
    "ModifierAfterGroup",
    "ModifierMisplaced",
    "ModifierTwice",
    "NameUnusable",
    "NeuronAfterPool",
    "NeuronOnClassifier",
    "NoLayers",
    "OutOfRange",
    "PrintedTwice",
    "SkipBackwards",
    "SkipLeavesGroup",
    "SkipTwice",
    "TooManyLayers",
    "UnknownLayer",
    "WindowNotSquare",
]
