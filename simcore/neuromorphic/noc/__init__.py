"""The network-on-chip: routers, links, and routes of messages."""
