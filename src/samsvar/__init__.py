"""samsvar: does an environment keep the promises of the Altinn REST API?

The public names are in ``__all__``; everything else may change without notice.
"""

import os

__all__ = ["__version__"]
__version__ = "1.0.0"

# In a checkout contracts/, suites/ and cassettes/ stand at the top level for people to read; in the wheel they lie
# inside the package. Both are reached as samsvar.suites and through samsvar.__path__.
_top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
if os.path.isfile(os.path.join(_top, "suites", "__init__.py")):
    __path__.append(_top)
del _top
