import pytest

from snnc.analysis.users import users_of
from snnc.driver import load


@pytest.mark.parametrize("name", ["resnet3_convnn", "vgg8x2"])
def test_users_are_those_of_the_graph(name):
    graph = load(name).snn_twin.unrolled.graph
    found = users_of(graph)
    assert {node.id: graph.users(node) for node in graph} == dict(found)
