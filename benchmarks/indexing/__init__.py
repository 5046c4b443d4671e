"""The index beside the trees of the field: the same labelling and verification around each of them."""
