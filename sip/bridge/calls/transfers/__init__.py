"""A call goes on with somebody else: by our REFER, or by an INVITE that takes its place."""
