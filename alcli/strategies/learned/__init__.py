"""Strategies that choose among strategies, from what has been asked and answered so far. Imports nothing heavy.

All are stateless: what a bandit knows is worked out anew from the ledgers each time, so a campaign can be
stopped, moved, corrected or continued under another seed, and nobody needs to know how long it will last.
"""
