"""Where cores stand on the routers of chips, one file a method; `placing.places` finds them by name."""
