"""Timing, dynamics and articulation: from notation to playing."""
