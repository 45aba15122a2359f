"""Writes contracts, their volumes, and the rolls that zipline finds in them: futures.csv, rolls.csv.

    python generate_futures.py        # zipline-reloaded 3.2.1, Python 3.11

Four contracts, the volume of each of which comes, goes back and forth with the next one's, and goes.
`futures.csv` has a line a contract (`contract,sid,symbol,start,end,auto_close`), then a line a session
with the volume of each. `rolls.csv` has, for a style and the session of looking, the contract of each
of the sessions before, as `sid*sessions`.
"""
import random
from collections import deque
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from zipline.assets import ExchangeInfo, Future
from zipline.assets.continuous_futures import OrderedContracts
from zipline.assets.roll_finder import CalendarRollFinder, VolumeRollFinder
from zipline.utils.calendar_utils import get_calendar

HERE = Path(__file__).parent
HEADER = f"# Answers of zipline-reloaded {version('zipline-reloaded')}, by generate_futures.py."
CALENDAR = get_calendar("XNYS")
SESSIONS = CALENDAR.sessions_in_range("2019-01-02", "2019-06-28")
# Sid, symbol, first session, and the session in which positions are closed.
CONTRACTS = [
    (1, "XXG19", "2019-01-02", "2019-02-15"),
    (2, "XXJ19", "2019-01-02", "2019-04-12"),
    (3, "XXM19", "2019-01-15", "2019-06-14"),
    (4, "XXQ19", "2019-03-01", "2019-08-16"),
]


def volumes():
    """Volumes by session and sid: a contract is traded most in the two months before its end."""
    random.seed(20190102)
    rows = {}
    for session in SESSIONS:
        row = {}
        for sid, _, start, closed in CONTRACTS:
            left = (pd.Timestamp(closed) - session).days
            if session < pd.Timestamp(start) or left < 0:
                row[sid] = 0
            else:
                level = 60_000 if 12 < left < 70 else 50_000 if left <= 12 else 20_000
                row[sid] = int(level * random.uniform(0.2, 1.8))
        rows[session] = row
    return rows


class Volumes:
    def __init__(self, rows):
        self.rows = rows

    def get_value(self, sid, session, field):
        assert field == "volume"
        return self.rows[session][int(sid)]


class Finder:
    def __init__(self):
        exchange = ExchangeInfo("XX", "XX", "US")
        day = pd.Timestamp
        self.ordered = OrderedContracts("XX", deque(
            Future(sid, exchange, symbol=symbol, root_symbol="XX", start_date=day(start), end_date=day(closed),
                   auto_close_date=day(closed), notice_date=day(closed), expiration_date=day(closed))
            for sid, symbol, start, closed in CONTRACTS
        ))

    def get_ordered_contracts(self, root):
        return self.ordered


def main():
    rows = volumes()
    with open(HERE / "futures.csv", "w") as file:
        print("# Contracts and random volumes; no one's data. By generate_futures.py.", file=file)
        for sid, symbol, start, closed in CONTRACTS:
            print("contract", sid, symbol, start, closed, closed, sep=",", file=file)
        for session, row in rows.items():
            print(session.date(), *row.values(), sep=",", file=file)
    finder, reader = Finder(), Volumes(rows)
    styles = [("calendar", CalendarRollFinder(CALENDAR, finder)), ("volume", VolumeRollFinder(CALENDAR, finder, reader))]
    with open(HERE / "rolls.csv", "w") as file:
        print(HEADER, file=file)
        for style, rolls in styles:
            for last in SESSIONS[25::4]:
                first = SESSIONS[20]
                found = rolls.get_rolls("XX", first, last, 0)
                pieces, start = [], first
                for sid, until in found:
                    held = SESSIONS[(SESSIONS >= start) & (SESSIONS <= last)]
                    if until is not None:
                        held = held[held < until.tz_localize(None)]
                        start = until.tz_localize(None)
                    if len(held):
                        pieces.append(f"{int(sid)}*{len(held)}")
                print(style, last.date(), " ".join(pieces), sep=",", file=file)


main()
