"""The narrated demonstration: a simulated country of shops, and a customer who presses their stamps."""
