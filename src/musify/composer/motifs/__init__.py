"""Themes and what becomes of them."""
