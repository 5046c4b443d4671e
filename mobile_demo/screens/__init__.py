"""What is drawn and touched: Kivy only, no decisions."""
