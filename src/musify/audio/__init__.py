"""Working on sound: decoding, joining, mixing and limiting PCM."""
