"""Walks along offered links: what a step is and how it is written down, which steps there are from where one stands,
what the evidence says that should come, and what was walked. Who chooses the steps is not here: Hypothesis does, or a
person who writes a walk down.
"""
