"""What every program of ours does alike with tasks, logs and files. Imports no other room."""
