"""What becomes of a call, as pure functions over a compiled plan. May import model, telephony."""
