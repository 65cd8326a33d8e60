"""Sources of workloads: published tables, NIR graphs, results of inferences, and activity of other simulators."""
