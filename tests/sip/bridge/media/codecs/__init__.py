"""What a phone may send and hear, and in packets of which length."""
