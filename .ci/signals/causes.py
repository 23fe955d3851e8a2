"""Causes and the alarms that they should fire, if any, in contact centres of several sizes."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from alarms import Metric

HOURS_OPEN = 10
EVENTS_PER_CHAT = 7
HANDOFFS_PER_CHAT = 0.3


@dataclass(frozen=True)
class Size:
    """An hour of a contact centre with this many chats a day. The hour has at least one chat and one handoff, since
    nothing goes wrong in an hour without them."""

    chats_a_day: int

    @property
    def chats(self) -> int:
        return max(1, self.chats_a_day // HOURS_OPEN)

    @property
    def events(self) -> int:
        return self.chats * EVENTS_PER_CHAT

    @property
    def handoffs(self) -> int:
        return max(1, math.floor(self.chats * HANDOFFS_PER_CHAT))


Hour = dict[str, float]


@dataclass
class Cause:
    """The contents of an hour's logs and of AWS's own metrics, and the alarms that they fire."""

    name: str
    fires: set[str]
    # Log lines by their names in lines.json.
    lines: Callable[[Size], Hour]
    # The values of AWS's gauges, which hold in every period of any length.
    gauges: dict[Metric, float] = field(default_factory=dict)
    # Sums that AWS counts in an hour.
    sums: Callable[[Size], dict[Metric, float]] = lambda size: {}


def healthy(size: Size) -> Hour:
    return {
        "event done": size.events - 1,
        "event with nothing to do": 1,
        "handoff done": size.handoffs,
        "handoff repeated": size.handoffs // 10,
        "resolve done": size.chats,
        "reply done": size.chats * 10,
        "task closed": size.chats,
        "API answered 204": size.events,
    }


def but(*without: str) -> Callable[[Size, Hour], Hour]:
    """A healthy hour with these lines removed and the others added."""
    return lambda size, other: {n: c for n, c in healthy(size).items() if n not in without} | other


no_events = but("event done", "event with nothing to do")
no_handoffs = but("handoff done", "handoff repeated")
no_resolves = but("resolve done")
no_replies = but("reply done")

QUEUE_FUNCTIONS = [("deferred", "Deferred", "DeferredQueue"), ("auto-close", "AutoClose", "CloseQueue")]

CAUSES = [
    Cause("nothing is wrong", set(), healthy),
    # One handoff in a hundred fails and is tried again. Some events meet a 429 or a slow session API.
    Cause(
        "a normal day's faults",
        set(),
        lambda size: healthy(size)
        | {
            "event done after a 429": size.events // 20,
            "event deferred": size.events // 20,
            "deferred copy done": size.events // 20,
            "handoff Unavailable": size.handoffs // 100,
            "event of a gone task": size.events // 100,
            "event of an unknown session": size.events // 100,
        },
    ),
    Cause(
        "strangers forge requests",
        set(),
        lambda size: healthy(size)
        | {
            "wrong signature of a stranger": 60,
            "wrong signature of a stranger, within a minute": 5_000,
            "no signature": 5_000,
            "other method": 500,
        },
    ),
    Cause(
        "strangers forge requests at night",
        set(),
        lambda size: {"wrong signature of a stranger": 60, "no signature": 5_000},
    ),
    Cause(
        "customers hang up during every handoff",
        set(),
        lambda size: no_handoffs(size, {"handoff TaskClosed": size.handoffs, "handoff TaskNotFound": size.handoffs}),
    ),
    Cause(
        "the AI platform's requests are invalid",
        set(),
        lambda size: no_handoffs(
            size, {"handoff InvalidRequest": size.handoffs, "handoff reported an error of its own": size.handoffs}
        ),
    ),
    Cause(
        "the auth token or the URL is wrong",
        {"EventsRefused"},
        lambda size: no_events(
            size,
            {
                "wrong signature of ours": min(60, size.events),
                "wrong signature of ours, within a minute": max(0, size.events - 60),
            },
        ),
    ),
    Cause(
        "the session API and the queue are unavailable",
        {"EventsLost"},
        lambda size: no_events(size, {"event unavailable": size.events}),
    ),
    Cause(
        "the session API is unavailable",
        {"EventsDeferred"},
        lambda size: no_events(size, {"event deferred": size.events, "deferred copy unavailable": size.events * 4}),
    ),
    Cause(
        "the session API refuses the token",
        {"EventsDeferred"},
        lambda size: no_events(size, {"event deferred": size.events, "deferred copy refused": size.events * 4}),
    ),
    Cause(
        "the session API never takes one session's data",
        {"DeferredDeadLetters"},
        # At ten chats a day, this is one of three chats, in every third hour.
        lambda size: healthy(size)
        | {
            "event done": size.events - EVENTS_PER_CHAT / 3,
            "event deferred": EVENTS_PER_CHAT / 3,
            "deferred copy refused": 8,
        },
        gauges={Metric("ApproximateNumberOfMessagesVisible", "DeferredDeadLetterQueue"): 1},
    ),
    *(
        Cause(
            f"handoffs end with {error}",
            {"HandoffsRefused"},
            lambda size, error=error: no_handoffs(size, {f"handoff {error}": size.handoffs}),
        )
        for error in ("Refused", "AttributesTooLarge", "AttributesUnreadable", "ReservationNotRejectable")
    ),
    Cause(
        "TaskRouter is unavailable to handoff",
        {"HandoffsUnavailable"},
        lambda size: no_handoffs(size, {"handoff Unavailable": size.handoffs * 2}),
    ),
    *(
        Cause(
            f"resolves end with {error}",
            {"ResolvesFail"},
            lambda size, error=error: no_resolves(size, {f"resolve {error}": size.chats}),
        )
        for error in ("Refused", "Unavailable")
    ),
    *(
        Cause(
            f"replies end with {error}",
            {"RepliesFail"},
            lambda size, error=error: no_replies(size, {f"reply {error}": size.chats * 10}),
        )
        for error in ("Refused", "Unavailable")
    ),
    Cause(
        "human agents take over before the AI's last reply",
        set(),
        lambda size: healthy(size) | {"reply HumanActive": size.chats, "reply HandedOff": size.chats},
    ),
    Cause(
        "the workflow leads handed-off tasks back to the AI",
        {"Loops"},
        lambda size: healthy(size)
        | {"event of a loop": size.handoffs, "handoff done": 0, "handoff back at the AI": size.handoffs},
    ),
    *(
        Cause(f"once: {line}", {"Crashes"}, lambda size, line=line: healthy(size) | {line: 1})
        for line in (
            "event panicked", "task-events timed out", "task-events killed", "handoff panicked", "handoff timed out",
            "handoff killed", "resolve panicked", "resolve timed out", "reply panicked", "reply timed out",
            "deferred copy panicked", "deferred timed out", "auto-close panicked", "auto-close timed out",
        )  # fmt: skip
    ),
    Cause(
        "task-events does not start",
        {"Crashes"},
        lambda size: no_events(size, {"task-events not started": size.events, "API answered 503": size.events}),
    ),
    Cause(
        "handoff does not start",
        {"Crashes"},
        lambda size: no_handoffs(size, {"handoff not started": size.handoffs}),
    ),
    Cause(
        "handoff has no concurrency",
        {"HandoffsThrottled"},
        lambda size: no_handoffs(size, {}),
        sums=lambda size: {Metric("Throttles", "HandoffFunction"): size.handoffs},
    ),
    Cause(
        "the API's rate is too low",
        {"EventsThrottled"},
        lambda size: no_events(
            size,
            {"event done": math.ceil(size.events / 2), "API throttled": math.floor(size.events / 2)},
        ),
    ),
    Cause(
        "task-events has no concurrency",
        {"EventsThrottled"},
        lambda size: no_events(size, {"API answered 503": size.events}),
        sums=lambda size: {Metric("Throttles", "TaskEventsFunction"): size.events},
    ),
    Cause(
        "resolve has no concurrency",
        {"ResolveThrottled"},
        lambda size: no_resolves(size, {}),
        sums=lambda size: {Metric("Throttles", "ResolveFunction"): size.chats},
    ),
    Cause(
        "reply has no concurrency",
        {"ReplyThrottled"},
        lambda size: no_replies(size, {}),
        sums=lambda size: {Metric("Throttles", "ReplyFunction"): size.chats * 10},
    ),
    *(
        Cause(
            f"{name} has no concurrency",
            {f"{function}Throttled"},
            healthy,
            gauges={
                Metric("ApproximateNumberOfMessagesVisible", queue): 1,
                Metric("NumberOfMessagesReceived", queue): 1,
            },
            sums=lambda size, function=function: {Metric("Throttles", f"{function}Function"): 10},
        )
        for name, function, queue in QUEUE_FUNCTIONS
    ),
    *(
        Cause(
            f"{name}'s event source is disabled",
            {alarm},
            healthy,
            gauges={Metric("ApproximateNumberOfMessagesVisible", queue): 1},
        )
        for (name, _, queue), alarm in zip(QUEUE_FUNCTIONS, ["DeferredNotTaken", "ClosesNotTaken"], strict=True)
    ),
    Cause(
        "Twilio never lets one task be closed",
        {"CloseDeadLetters"},
        lambda size: healthy(size) | {"close refused": 8},
        gauges={Metric("ApproximateNumberOfMessagesVisible", "CloseDeadLetterQueue"): 1},
    ),
    Cause(
        "a failed handoff can't be left on its queue",
        {"FailedHandoffsLost"},
        healthy,
        sums=lambda size: {Metric("DestinationDeliveryFailures", "HandoffFunction"): 1},
    ),
    Cause("no event comes any more", {"Silence"}, lambda size: {}),
]
