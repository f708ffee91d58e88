"""Whole campaigns on labelled tables: the rounds of production with the ledgers in memory."""
