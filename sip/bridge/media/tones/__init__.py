"""Keys as tones in the sound itself (ITU-T Q.23), heard and sent."""
