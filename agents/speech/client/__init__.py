"""LiveKit's STT, TTS and LLM on the speech process, as a job uses them. May import intents."""
