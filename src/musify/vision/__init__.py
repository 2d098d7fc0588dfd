"""Looking at pictures: getting small frames out of a video, cheaply and at true times."""
