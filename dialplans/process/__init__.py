"""What every program of ours does alike with logs and files. Imports no other room."""
