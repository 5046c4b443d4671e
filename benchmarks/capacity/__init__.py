"""How many stamps can be told apart, measured by pressing them."""
