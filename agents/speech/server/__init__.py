"""The speech process: its socket, its threads, its settings. May import models and intents."""
