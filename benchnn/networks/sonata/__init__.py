"""Networks in SONATA files: nodes, edges and their types, configurations, inputs and reports."""
