"""The owner's pages under ``/owner``. No rule is decided here: pages show what services say and call them."""
