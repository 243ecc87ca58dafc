"""The intermediate representation: ids, shapes, operations and the graph that holds them."""
