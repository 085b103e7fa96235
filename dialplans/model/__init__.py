"""The language of dialplans as frozen values. `dialplans.language.load` makes them from files."""

from dialplans.model.actions import (
    Action,
    PlaceKind,
    Reject,
    Say,
    Share,
    Split,
    ToMenu,
    ToPersona,
    ToQueue,
    ToTarget,
    ToVoicemail,
    action,
)
from dialplans.model.entrances import Auth, Number, Outbound, Transfers, Trunk
from dialplans.model.hours import Holidays, Hours, Override, holiday
from dialplans.model.limits import Limits
from dialplans.model.menus import Menu
from dialplans.model.personas import Persona, Recording
from dialplans.model.plan import Defaults, Dialplan
from dialplans.model.queues import (
    Announce,
    Callback,
    Needs,
    Offer,
    OverflowStep,
    Queue,
    ServiceLevel,
)
from dialplans.model.registering import Register
from dialplans.model.routes import Rule, When
from dialplans.model.targets import Target, Voicemail
from dialplans.model.telephones import TELEPHONES, Telephone
from dialplans.model.trials import PlanTest
from dialplans.model.values.base import Model
from dialplans.model.values.patterns import ANY_NUMBER, is_internal
from dialplans.model.values.scalars import Phrase, Rate, Secret
from dialplans.model.values.times import DAYS, DateSpan, DaySpan, TimeRange, moment

__all__ = [
    "ANY_NUMBER",
    "DAYS",
    "TELEPHONES",
    "Action",
    "Announce",
    "Auth",
    "Callback",
    "DateSpan",
    "DaySpan",
    "Defaults",
    "Dialplan",
    "Holidays",
    "Hours",
    "Limits",
    "Menu",
    "Model",
    "Needs",
    "Number",
    "Offer",
    "Outbound",
    "OverflowStep",
    "Override",
    "Persona",
    "Phrase",
    "PlaceKind",
    "PlanTest",
    "Queue",
    "Rate",
    "Recording",
    "Register",
    "Reject",
    "Rule",
    "Say",
    "Secret",
    "ServiceLevel",
    "Share",
    "Split",
    "Target",
    "Telephone",
    "TimeRange",
    "ToMenu",
    "ToPersona",
    "ToQueue",
    "ToTarget",
    "ToVoicemail",
    "Transfers",
    "Trunk",
    "Voicemail",
    "When",
    "action",
    "holiday",
    "is_internal",
    "moment",
]
