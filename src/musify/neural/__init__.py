"""Music from neural models, where somebody has one: the extra ``neural``."""
