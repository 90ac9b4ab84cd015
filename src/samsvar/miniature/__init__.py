"""The environment in miniature, its faults and evolutions.

The rule of this room: it may import ``model`` and ``errors``, never ``logic``, so that judge and judged share no
misunderstanding.
"""

from samsvar.miniature.environment import Miniature
from samsvar.miniature.evolutions import EVOLUTIONS
from samsvar.miniature.faults import FAULTS
from samsvar.miniature.parts import Evolution, Fault
from samsvar.miniature.serving import serve
from samsvar.miniature.wire import Answer, Ask, Framing

__all__ = ["EVOLUTIONS", "FAULTS", "Answer", "Ask", "Evolution", "Fault", "Framing", "Miniature", "serve"]
