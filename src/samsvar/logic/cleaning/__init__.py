"""Cleaning: what is private is taken out of every exchange before anything else sees it.

In: exchanges as the target said them. Out: the same exchanges with pseudonyms in place of private values, so that
everything behind this room (explorer, evidence, journal, cassette, report) lives among pseudonyms and can leak nothing.
A pseudonym stands in the same place, with the same separators, escapes and mistakes around it: what was equal is equal,
what differed differs, and judging says the same.
"""
