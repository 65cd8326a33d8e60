"""The sub-commands of ``benchnn``, one file each: `add` declares it, `call` runs it and returns the exit code."""
