"""Wandering along offered links, as real clients do: in any order, format and length.

Hypothesis chooses the steps (``samsvar.world.wandering``): to follow a link, to read in another format however Accept
spells it, to fill a template, to cut, search and sort a list, to go back, to ask again, in another language, for
another origin, unless it has changed, without the login. What is asked is asked once for the whole run and joins its
evidence; --samsvar-walks says how far, --samsvar-walk-seed which walks, and a failure tells the shortest walk and how
to repeat it.
"""

from samsvar.pytest_plugin import Judged, guarantee


@guarantee("REACH-6")
def test_no_walk_along_offered_links_ends_in_an_unknown_answer(judged: Judged) -> None:
    assert judged.holds, judged.explanation
