"""Ensembles and patterns, as data files."""
