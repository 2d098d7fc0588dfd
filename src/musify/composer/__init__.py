"""Writing music for a video: theory, form, motifs, parts, style, performance, score, sound."""
