"""SIP on UDP and TCP, and who is heard at all. Imports runtime."""
