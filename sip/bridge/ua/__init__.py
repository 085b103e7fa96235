"""The SIP user agent: transport, transactions and dialogs of RFC 3261 on aiosipua's parser.

Nothing in here knows of rooms or dialplans.
"""
