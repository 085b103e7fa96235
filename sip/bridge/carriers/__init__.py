"""Where a carrier is: its names, its addresses, and which of them answer."""
