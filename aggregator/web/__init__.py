"""What answers over HTTP: the callback of hubs, and metrics."""
