"""Asks exchange_calendars what benches/calendar.rs asks, by its vectorised calls where it has them.

    python -m venv venv && venv/bin/pip install "pandas==3.0.6" exchange_calendars==4.13.2
    venv/bin/python calendars/benches/peer.py

Prints the name of the bench, the best of some runs in milliseconds, and how it was asked.
"""

import time

import exchange_calendars as xcals
import numpy as np
import pandas as pd
from exchange_calendars import calendar_utils

QUESTIONS = 1_000_000


def best(name, how, question, runs=5):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        question()
        times.append(time.perf_counter() - start)
    print(f"{name:<32} {1e3 * min(times):>12.3f} ms  {how}", flush=True)


def fresh(name, **range_):
    # get_calendar keeps what it made; its classes do not.
    return calendar_utils._default_calendar_factories[name](**range_)


FULL = {"start": "1990-01-01", "end": "2026-12-31"}
best("construct_xnys_1990_2026", "get_calendar", lambda: fresh("XNYS", **FULL))
best(
    "construct_all",
    "get_calendar, default ranges",
    lambda: [fresh(name) for name in xcals.get_calendar_names(include_aliases=False)],
    runs=1,
)

xnys, xhkg = fresh("XNYS", **FULL), fresh("XHKG", **FULL)
random = np.random.default_rng(1)
first, last = xnys.opens_nanos[0], xnys.closes_nanos[-1]
instants = random.integers(first // 60_000_000_000, last // 60_000_000_000, QUESTIONS) * 60_000_000_000
days = instants // 86_400_000_000_000
sessions = xnys.sessions.values.astype("datetime64[D]").astype(np.int64)
opens, closes = xnys.opens_nanos, xnys.closes_nanos

best("is_session", "numpy.isin", lambda: np.isin(days, sessions))
best("minute_to_session", "searchsorted over closes", lambda: sessions[closes.searchsorted(instants, side="right")])
best("next_open", "searchsorted over opens", lambda: opens.take(opens.searchsorted(instants, side="right"), mode="clip"))
best("previous_close", "searchsorted over closes", lambda: closes[closes.searchsorted(instants) - 1])
best("is_open_on_minute", "searchsorted over closes and opens", lambda: opens[closes.searchsorted(instants, side="right")] <= instants)

sample = [pd.Timestamp(at, tz="UTC") for at in instants[:2_000]]
scale = QUESTIONS / len(sample)
for name in ["minute_to_session", "next_open", "previous_close", "next_minute", "is_open_on_minute"]:
    ask = getattr(xnys, name)
    start = time.perf_counter()
    for at in sample:
        ask(at, _parse=False)
    print(f"{name:<32} {1e3 * scale * (time.perf_counter() - start):>12.3f} ms  one call each, scaled to 1e6", flush=True)

sorted_minutes = xnys.minutes[xnys.minutes >= pd.Timestamp("2010-01-04", tz="UTC")][:QUESTIONS]
best("minutes_to_sessions_sorted", "minutes_to_sessions", lambda: xnys.minutes_to_sessions(sorted_minutes))
week = pd.Timestamp("2020-03-02", tz="UTC"), pd.Timestamp("2020-03-08 23:59", tz="UTC")
best("minutes_in_range_one_week", "minutes_in_range", lambda: xnys.minutes_in_range(*week), runs=50)
for name, calendar, period, start, end in [
    ("0: XNYS 5 min 2010-2020", xnys, "5min", "2010-01-04", "2020-12-31"),
    ("1: XHKG 5 min 2010-2020", xhkg, "5min", "2010-01-04", "2020-12-31"),
    ("2: XNYS 1 h 1990-2026", xnys, "1h", "1990-01-02", "2026-12-31"),
    ("3: XNYS 1 min 2020", xnys, "1min", "2020-01-02", "2020-12-31"),
]:
    for intervals in [False, True]:
        kind = "intervals" if intervals else "points"
        best(
            f"trading_index_{kind}",
            name,
            lambda: calendar.trading_index(start, end, period, intervals=intervals, curtail_overlaps=True),
        )
