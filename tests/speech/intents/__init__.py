"""What a sentence means: intents, yes and no."""
