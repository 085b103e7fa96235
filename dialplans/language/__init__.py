"""From files to a plan, with every problem at its place. May import engine and model."""
