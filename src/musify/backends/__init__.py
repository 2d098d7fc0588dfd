"""The built-in backends, one class a file. Reach them by name: :func:`musify.get_backend`."""
