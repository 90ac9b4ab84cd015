"""What we ask: one file per family, one test per guarantee, each reads as a sentence.

Run by ``samsvar check`` and by ``pytest --pyargs samsvar.suites``. A suite never sends: it judges the evidence.
"""
