"""The models: recognition, synthesis, understanding, and their weights. May import intents."""
