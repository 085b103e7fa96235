"""Telephones of SIPp, a SIP implementation that is not ours; what each says is an XML file."""
