"""An environment that an outsider would write: own content, own style, own table of variations and defects.

It was written from the fact sheet and the design alone, without a look at the miniature or the judges, and it imports
nothing of samsvar (only `campaign`, which runs the command, does): what both misunderstand in the same way is the risk
that it is here to lower.
"""
