"""Run the command line with ``python -m benchnn``."""

import sys

from benchnn.cli import main

sys.exit(main())
