"""Handing a cue sheet over to other programs: editing timelines, stems, reports of rights."""
