"""Writes the answers beside it: every method of exchange_calendars 4.13.2 around a few days, on every side.

    python -m venv venv && venv/bin/pip install "pandas==3.0.6" exchange_calendars==4.13.2
    venv/bin/python make.py

The form is that of the larger answers that tests/it/spot.rs reads too: tables of columns and rows, of which the
first columns are arguments. A result that begins with `!` is the class of the error raised.
"""

import hashlib
import json
from pathlib import Path

import exchange_calendars as xcals
import pandas as pd

# A half day and a holiday; breaks and a half day that has none; sessions that touch, over a change of the clock.
RANGES = {
    "XNYS": ("2019-11-18", "2019-12-31"),
    "XHKG": ("2020-01-15", "2020-02-07"),
    "CMES": ("2020-02-24", "2020-03-20"),
}
DAYS = {"XNYS": ["2019-11-29", "2019-12-02"], "XHKG": ["2020-01-23", "2020-01-24"], "CMES": ["2020-03-09"]}
MINUTE = pd.Timedelta("1min")


def text(value):
    if isinstance(value, pd.Timestamp):
        if value is pd.NaT:
            return None
        return value.strftime("%Y-%m-%dT%H:%MZ" if value.tz else "%Y-%m-%d")
    if isinstance(value, pd.Interval):
        return f"{text(value.left)}|{text(value.right)}"
    if isinstance(value, (pd.DatetimeIndex, pd.IntervalIndex)):
        items = [text(item) for item in value]
        if len(items) <= 40:
            return {"n": len(items), "items": items}
        digest = hashlib.sha256("\n".join(items).encode()).hexdigest()
        return {"n": len(items), "first": items[0], "last": items[-1], "sha256": digest}
    if isinstance(value, tuple):
        return [text(item) for item in value]
    if value is pd.NaT:
        return None
    return value.item() if hasattr(value, "item") else value


def ask(question):
    try:
        return text(question())
    except Exception as error:
        return "!" + type(error).__name__


def table(arguments, rows, methods):
    """One row for each of `rows`, one column for each method."""
    answers = [[*map(text, row), *(ask(lambda: method(*row)) for method in methods.values())] for row in rows]
    return {"columns": [*arguments, *methods], "rows": answers}


def part(index, which):
    if which == "n":
        return len(index)
    return (index[0] if which == "first" else index[-1]) if len(index) else None


def side_of(c, days):
    minutes = [c.first_minute, c.first_minute - MINUTE, c.last_minute, c.last_minute + MINUTE]
    for day in days:
        marks = [c.session_open(day), c.session_close(day)]
        if c.session_has_break(day):
            marks += [c.session_break_start(day), c.session_break_end(day)]
        minutes += [mark + n * MINUTE for mark in marks for n in (-1, 0, 1)]
    directed = lambda name, way: lambda at: getattr(c, name)(at, way)
    counted = lambda name, n: lambda at: getattr(c, name)(at, n)
    of_minute = {
        name: getattr(c, name)
        for name in ["is_trading_minute", "is_break_minute", "is_open_on_minute", "next_open", "next_close"]
        + ["previous_open", "previous_close", "next_minute", "previous_minute"]
    }
    of_minute["is_open_on_minute.ignore_breaks"] = lambda at: c.is_open_on_minute(at, ignore_breaks=True)
    for name in ["minute_to_session", "minute_to_trading_minute"]:
        of_minute |= {f"{name}.{way}": directed(name, way) for way in ["next", "previous", "none"]}
    for name, n in [("minute_to_past_session", 1), ("minute_to_future_session", 1), ("minute_to_future_session", 3)]:
        of_minute[f"{name}.{n}"] = counted(name, n)
    for name, n in [("minute_offset", 1), ("minute_offset", -391)]:
        of_minute[f"{name}.{n:+}"] = counted(name, n)
    for n in [1, -1]:
        of_minute[f"minute_offset_by_sessions.{n:+}"] = counted("minute_offset_by_sessions", n)

    of_session = {
        f"session_{name}": getattr(c, f"session_{name}")
        for name in ["open_close", "break_start_end", "has_break", "first_last_minute", "last_am_minute"]
        + ["first_pm_minute"]
    }
    of_session["session_minutes.n"] = lambda day: len(c.session_minutes(day))
    of_session |= {"next_session": c.next_session, "previous_session": c.previous_session}
    of_session |= {f"session_offset.{n:+}": counted("session_offset", n) for n in [5, -37]}
    of_session |= {f"sessions_window.{n:+}": counted("sessions_window", n) for n in [3, -4]}
    sessions = [c.first_session, c.last_session, *map(pd.Timestamp, days)]

    first = c.session_open(days[0])
    ranges = [(first - 5 * MINUTE, first + 90 * MINUTE), (first, c.session_close(days[-1]))]
    of_range = {
        f"minutes_in_range.{which}": lambda start, end, which=which: part(c.minutes_in_range(start, end), which)
        for which in ["n", "first", "last"]
    }
    of_range["minutes_distance"] = c.minutes_distance
    of_range["minutes_distance.swapped"] = lambda start, end: c.minutes_distance(end, start)
    seconds = [first + pd.Timedelta("31s"), c.session_close(days[0]) + pd.Timedelta("31s")]
    seconds = table(["instant"], [(at,) for at in seconds], {"is_open_on_minute": c.is_open_on_minute, "next_minute": c.next_minute})
    for row in seconds["rows"]:
        row[0] = row[0].replace("Z", ":31Z")
    windows = [(c.session_first_minute(days[0]), n) for n in (1, -1, 7, -7, 100)]
    return {
        "minutes": table(["minute"], [(at,) for at in minutes], of_minute),
        "sessions": table(["session"], [(day,) for day in sessions], of_session),
        "minute_ranges": table(["start", "end"], ranges, of_range),
        "session_minutes_ranges": table(
            ["start", "end"],
            [(c.first_session, pd.Timestamp(days[-1]))],
            {
                "sessions_minutes_count": c.sessions_minutes_count,
                "sessions_minutes.n": lambda start, end: len(c.sessions_minutes(start, end)),
            },
        ),
        "minutes_window": table(["minute", "count"], windows, {"result": c.minutes_window}),
        "seconds": seconds,
        "total_minutes": len(c.minutes),
        "first_minute": text(c.first_minute),
        "last_minute": text(c.last_minute),
    }


def answers_of(name):
    (start, end), days = RANGES[name], DAYS[name]
    c = xcals.get_calendar(name, start=start, end=end)
    dates = [(day,) for day in pd.date_range(c.first_session - pd.Timedelta("1D"), periods=12)]
    to_session = {f"date_to_session.{way}": lambda day, way=way: c.date_to_session(day, way) for way in ["next", "previous", "none"]}
    instants = []
    for day in days:
        for mark in c.session_open_close(day):
            instants += [(mark + n * pd.Timedelta("1s"), mark, n) for n in (-1, 0, 1)]
    open_at = {"columns": ["instant"], "rows": []}
    sides = [(side, ignored) for side in ["left", "right", "both", "neither"] for ignored in [False, True]]
    open_at["columns"] += [f"{side}.{'ignore_breaks' if ignored else 'breaks'}" for side, ignored in sides]
    for at, _, _ in instants:
        row = [ask(lambda: c.is_open_at_time(at, side, ignored)) for side, ignored in sides]
        open_at["rows"].append([at.strftime("%Y-%m-%dT%H:%M:%SZ"), *row])
    indices = []
    for period, options in [
        ("5min", {"intervals": False, "closed": "right"}),
        ("1h", {"intervals": True, "closed": "left", "force": True}),
        ("1h", {"intervals": True, "closed": "left"}),
        ("7min", {"intervals": True, "closed": "right", "curtail_overlaps": True, "align": "15min"}),
        ("4h", {"intervals": False, "closed": "both"}),
        ("23h", {"intervals": True, "closed": "left", "ignore_breaks": True}),
        ("1D", {"intervals": False, "closed": "left"}),
    ]:
        result = ask(lambda: c.trading_index(days[0], days[-1], period, **options))
        indices.append({"start": days[0], "end": days[-1], "period": period, **options, "result": result})
    return {
        "cal": name,
        "range": [start, end],
        "dates": table(["date"], dates, {"is_session": c.is_session} | to_session),
        "is_open_at_time": open_at,
        "session_ranges": table(
            ["start", "end"],
            [(c.first_session, c.last_session)],
            {
                "sessions_distance": c.sessions_distance,
                "sessions_distance.swapped": lambda start, end: c.sessions_distance(end, start),
                "sessions_has_break": c.sessions_has_break,
                "sessions_in_range.n": lambda start, end: len(c.sessions_in_range(start, end)),
            },
        ),
        "trading_index": indices,
        "late_opens.n": len(c.late_opens),
        "early_closes.n": len(c.early_closes),
        "sides": {
            side: side_of(xcals.get_calendar(name, start=start, end=end, side=side), days)
            for side in sorted(c.valid_sides())
        },
    }


for name in RANGES:
    found = json.dumps(answers_of(name), separators=(",", ":"), sort_keys=False)
    made = {"made": "exchange_calendars 4.13.2, tests/it/spot/make.py"}
    (Path(__file__).parent / f"{name.lower()}.json").write_text(json.dumps(made)[:-1] + "," + found[1:] + "\n")
