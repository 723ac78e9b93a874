"""For assistants: what is needed to read an article and file it, over the Model Context Protocol.

What an assistant hands in is a draft with its name, and a person decides on it. It reads no file
and no address, resolves nothing, and changes no number.
"""
