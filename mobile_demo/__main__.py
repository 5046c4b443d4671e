"""``python -m mobile_demo``."""

import sys

from mobile_demo.main import main

if __name__ == "__main__":
    sys.exit(main())
