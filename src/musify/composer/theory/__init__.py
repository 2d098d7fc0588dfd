"""Scales, keys, chords and how they follow each other."""
