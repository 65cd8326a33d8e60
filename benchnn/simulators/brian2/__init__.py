"""Brian2 as a peer; needs ``brian2``, and its C++ standalone mode a compiler."""
