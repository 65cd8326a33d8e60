"""Brian2 as a peer; requires ``brian2``, and a compiler for its C++ standalone mode."""
