"""What a dialog is made of: its way, its asking again, its reliable ringing."""
