#!/usr/bin/env python3
"""Makes the tables of answers beside it: what each calendar does, 1990 to 2026, by exchange_calendars.

  pip install exchange_calendars==4.13.2 'pandas<3.1'
  make.py [NAME ...]      all calendars when none is named

One file a calendar, `<name>.csv.gz`, a row a year:
  sessions  how many there are
  days      days from Monday to Friday without a session; `+` marks a Saturday or Sunday with one
  hours     from which date which hours, in UTC: `<` is the day before the session, `>` the day after,
            `+` joins the parts around a break
Rows of `errata.csv` replace what the program says, where it is known to be wrong.
"""
import csv, datetime, gzip, importlib.metadata, pathlib, sys

import exchange_calendars as xc
import pandas as pd

HERE = pathlib.Path(__file__).parent
FIRST, LAST = pd.Timestamp("1990-01-01"), pd.Timestamp("2026-12-31")
NAMES = sorted(set(xc.calendar_utils._default_calendar_factories))


def sessions(name):
    """Each session with its open, close, break start and break end, in UTC."""
    kind = xc.calendar_utils._default_calendar_factories[name]
    first = max(filter(None, (FIRST, kind.bound_min())))
    last = min(filter(None, (LAST, kind.bound_max())))
    rows = {}
    for row in xc.get_calendar(name, start=first, end=last).schedule.itertuples():
        times = (row.open, row.close, row.break_start, row.break_end)
        rows[row.Index.date()] = [None if pd.isna(t) else t.to_pydatetime() for t in times]
    return rows


def correct(name, rows):
    with open(HERE / "errata.csv", newline="") as file:
        lines = [line for line in file if not line.startswith("#")]
    for row in csv.DictReader(lines):
        if row["calendar"] != name:
            continue
        date = datetime.date.fromisoformat(row["session"])
        if row["open"] == "":
            rows.pop(date)
        else:
            times = (row[key] for key in ("open", "close", "break_start", "break_end"))
            rows[date] = [datetime.datetime.strptime(t, "%Y-%m-%dT%H:%MZ") if t else None for t in times]


def clock(at, session):
    mark = {-1: "<", 0: "", 1: ">"}[(at.date() - session).days]
    return f"{at:%H:%M}{mark}"


def table(name, rows):
    versions = "".join(
        f"{package} {importlib.metadata.version(package)}{end}"
        for package, end in (("exchange_calendars", " (Apache-2.0), "), ("pandas", ", "), ("tzdata", ""))
    )
    yield f"# {name}, {FIRST.year} to {LAST.year}, made by make.py with {versions}"
    yield "year,sessions,days,hours"
    for year in range(FIRST.year, LAST.year + 1):
        day, days, runs, count, before = datetime.date(year, 1, 1), [], [], 0, None
        while day.year == year:
            if (day in rows) != (day.weekday() < 5):
                days.append(f"{'+' * (day in rows)}{day:%m-%d}")
            if day in rows:
                count += 1
                start, end, pause, resume = rows[day]
                hours = clock(start, day) + "-"
                if pause:
                    hours += f"{clock(pause, day)}+{clock(resume, day)}-"
                hours += clock(end, day)
                if hours != before:
                    runs.append(f"{day:%m-%d} {hours}")
                    before = hours
            day += datetime.timedelta(1)
        yield f"{year},{count},{' '.join(days)},{'; '.join(runs)}"


for name in sys.argv[1:] or NAMES:
    rows = sessions(name)
    correct(name, rows)
    text = "".join(line + "\n" for line in table(name, rows))
    path = HERE / f"{name.lower().replace('/', '-')}.csv.gz"
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(name, len(rows))
