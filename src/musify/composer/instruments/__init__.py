"""Sampler and synthesizer: what a note sounds like."""
