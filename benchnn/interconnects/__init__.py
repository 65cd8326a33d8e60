"""Costs of messages between ranks: interconnects with their sources, and the time of an exchange of spikes."""
