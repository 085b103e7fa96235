"""When the leg takes no more calls because the machine is full."""

from __future__ import annotations

import pytest

from sip.bridge.runtime.cpu_meter import PROCESS_LIMIT, START, CpuMeter


def after(seconds: float, *, machine: float, process: float = 0.1) -> CpuMeter:
    meter = CpuMeter(0.95)
    for _ in range(int(seconds)):
        meter.note(machine=machine, process=process)
    return meter


def test_a_start_that_takes_the_whole_machine_refuses_nobody() -> None:
    """Models are loaded beside the leg; the first call comes while they still are."""
    assert not after(START, machine=1.0, process=1.0).too_busy


def test_a_burst_is_no_reason_to_refuse() -> None:
    """A sentence that is recognised takes every core for a second or two."""
    meter = after(START + 60, machine=0.3)
    for _ in range(15):
        meter.note(machine=1.0, process=0.2)

    assert not meter.too_busy


@pytest.mark.parametrize(
    ("machine", "process"), [(1.0, 0.1), (0.5, PROCESS_LIMIT + 0.1)], ids=["machine", "leg"]
)
def test_a_machine_that_stays_full_takes_no_more_calls(machine: float, process: float) -> None:
    """Better no call than one that cannot be understood; it is over when the load is."""
    meter = after(START + 60, machine=machine, process=process)
    busy = meter.too_busy
    for _ in range(10):
        meter.note(machine=0.1, process=0.1)

    assert busy
    assert not meter.too_busy


def test_without_a_limit_nobody_is_refused() -> None:
    meter = CpuMeter(0)
    for _ in range(200):
        meter.note(machine=1.0, process=1.0)

    assert not meter.too_busy
