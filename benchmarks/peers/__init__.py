"""The same model and evidence by other libraries' means, one file a peer.

A peer is given a `Statement`: plain arrays, read from a file, and nothing of eventcast.
"""
