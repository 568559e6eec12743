"""Many sessions and long measurements: how exact, how fast and how robust the product is; nothing here is shown."""
