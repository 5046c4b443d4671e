"""Setting up a shop step by step: what is done, what comes next, and the steps themselves."""
