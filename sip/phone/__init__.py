"""A telephone for tests and for `switchboard call`: a SIP stack that is not ours (baresip).

`async with Phone() as phone: call = await phone.dial("+498920001000")`.
"""

from sip.phone.call import HungUpError, PhoneCall, RefusedError
from sip.phone.device import Phone
from sip.phone.ear import Segment

__all__ = ["HungUpError", "Phone", "PhoneCall", "RefusedError", "Segment"]
