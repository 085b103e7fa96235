"""What both sides of a call say of its sound: session descriptions, offers and answers."""
