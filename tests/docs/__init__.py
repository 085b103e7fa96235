"""The pages and the folders, held to what they promise."""
