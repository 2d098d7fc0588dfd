"""What authors of plugins get wrong, each by the rule that tells them."""

from stand_ins.mistakes import aggregators, classifiers, libraries, muxers, samplers, selectors

__all__ = ["aggregators", "classifiers", "libraries", "muxers", "samplers", "selectors"]
