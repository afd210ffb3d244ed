"""Blocks that more than one family of networks is made of."""
