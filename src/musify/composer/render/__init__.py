"""Buses, reverb and mastering: from a score to sound."""
