"""Services on the web: pictures to learn moods from, and songs. It needs the extra ``online``."""
