"""A telephone for tests and `switchboard call`, on baresip. Imports nothing else of sip."""

from sip.phone.call import HungUpError, PhoneCall, RefusedError
from sip.phone.device import Phone
from sip.phone.ear import Segment

__all__ = ["HungUpError", "Phone", "PhoneCall", "RefusedError", "Segment"]
