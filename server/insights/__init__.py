"""Numbers for owners, out of the ledger and the presses. Nothing here changes what anybody has."""
