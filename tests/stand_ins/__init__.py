"""Servers on this machine that stand in for services on the web, and speak as they do."""
