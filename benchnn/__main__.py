"""``python -m benchnn`` is ``benchnn``."""

import sys

from benchnn.cli import main

sys.exit(main())
