"""The network-on-chip: routers, links, and the ways of messages."""
