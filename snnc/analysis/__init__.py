"""Pure questions about a graph: shapes, time, counts. Nothing here changes one."""
