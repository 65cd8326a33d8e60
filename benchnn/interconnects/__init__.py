"""What messages between ranks cost: interconnects with their sources, and the time of an exchange of spikes."""
