"""The commands of ``stampsdk codebook``: arguments in, words out; what they do is done elsewhere."""
