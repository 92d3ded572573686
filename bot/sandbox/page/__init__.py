"""The browser page of the sandbox: a lobby around simcord's view of one channel."""
