"""The leg in its room: who hears whom, keys, lost connections."""
