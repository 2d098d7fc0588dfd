"""Backends that break one rule of their interface each, by the name of the rule."""
