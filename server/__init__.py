"""The stamp service: verifies presses and runs the loyalty programmes of cafés."""
