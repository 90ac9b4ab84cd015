"""Where asking, sending and judging meet: an order goes in, evidence and a report come out.

Heavy rooms are imported where they are used, so that ``samsvar --help`` does not pay for a client.
"""

from samsvar.running.interviews import check_origins, diagnose
from samsvar.running.orders import Order, order_from, secrets_of, wanted_clients
from samsvar.running.outputs import junit_text, origins_text, page_text, plain_gate, results_text, sarif_text, write
from samsvar.running.recording import record, run_of
from samsvar.running.serving import Listening, serve_miniature
from samsvar.running.sessions import Progress, Session, Watcher, explore, judge_all, make_report, selected
from samsvar.running.walks import failures_path, remember, remembering, walked_whole
from samsvar.running.ways import Way, way_to

__all__ = [
    "Listening",
    "Order",
    "Progress",
    "Session",
    "Watcher",
    "Way",
    "check_origins",
    "diagnose",
    "explore",
    "failures_path",
    "judge_all",
    "junit_text",
    "make_report",
    "order_from",
    "origins_text",
    "page_text",
    "plain_gate",
    "record",
    "remember",
    "remembering",
    "results_text",
    "run_of",
    "sarif_text",
    "secrets_of",
    "selected",
    "serve_miniature",
    "walked_whole",
    "wanted_clients",
    "way_to",
    "write",
]
