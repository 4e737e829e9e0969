"""The network around a target: who links to it, who links to those, how they hang together, and what is wrong there."""
