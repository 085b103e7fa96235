"""A call that goes on with somebody else: referred by us, by its phone, or taken over."""
