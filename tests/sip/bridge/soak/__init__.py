"""Many calls of SIPp, and what they leave behind."""
