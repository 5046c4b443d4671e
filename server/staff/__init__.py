"""Who may sign in to the owner's pages, and what each may do there."""
