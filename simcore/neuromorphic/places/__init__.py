"""Where cores stand: placers, one file each; `placing.places` finds them by name."""
