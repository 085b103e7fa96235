"""SIP itself: messages good and bad, transactions, offers, logins."""
