"""python -m samsvar"""

import sys

from samsvar.cli import main

sys.exit(main())
