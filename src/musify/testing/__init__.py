"""What tests of musify, and of backends for it, are made with."""
