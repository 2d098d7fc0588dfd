"""Times as people write them."""

__all__ = ["clock"]


def clock(seconds: float) -> str:
    """Write a time as people do.

    Examples
    --------
    >>> clock(75.28), clock(29.999), clock(3723)
    ('1:15.3', '0:30.0', '1:02:03.0')
    """
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    tail = f"{rest // 10:02d}.{rest % 10}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"
