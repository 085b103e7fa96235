"""The leg: phones, people in rooms and real servers are here at the top, each test in its room."""
