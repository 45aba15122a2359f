"""Writes a small market and zipline's answers about it: market.csv, events.csv, current.csv, history.csv.

    python generate.py        # zipline-reloaded 3.2.1, Python 3.11

The market is random from a seed and rounded to cents. `market.csv` has a session a line and an asset
a column; a cell is `open high low close volume`, `-` without a trade, empty outside the asset's life.
"""
import logging
import os
import random
import tempfile
import warnings
from importlib.metadata import version
from pathlib import Path

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)
os.environ["ZIPLINE_ROOT"] = tempfile.mkdtemp()

import numpy as np
import pandas as pd
from zipline._protocol import BarData
from zipline.data.bundles import ingest, load, register
from zipline.data.data_portal import DataPortal
from zipline.finance.asset_restrictions import NoRestrictions
from zipline.utils.calendar_utils import get_calendar

HERE = Path(__file__).parent
HEADER = f"# Answers of zipline-reloaded {version('zipline-reloaded')}, by generate.py."
CALENDAR = get_calendar("XNYS")
SESSIONS = CALENDAR.sessions_in_range("2019-03-04", "2019-05-17")
# Symbol: first and last session, first close, mean volume, sessions without a trade.
ASSETS = {
    "AAA": ("2019-03-04", "2019-05-17", 84.0, 200_000, []),
    "BBB": ("2019-03-04", "2019-05-17", 9.5, 50_000, ["2019-03-26", "2019-03-27", "2019-04-10", "2019-05-15"]),
    "CCC": ("2019-03-04", "2019-04-26", 41.0, 8_000, ["2019-04-18", "2019-04-25"]),
    "DDD": ("2019-03-15", "2019-05-17", 310.0, 100_000, ["2019-05-10"]),
}
# A split is `new` for `old`; a dividend has an amount and a pay date.
SPLITS = [
    ("AAA", "2019-03-20", 3, 2),
    ("BBB", "2019-04-11", 1, 5),
    ("DDD", "2019-04-29", 2, 1),
    ("DDD", "2019-05-13", 4, 1),
]
DIVIDENDS = [
    ("AAA", "2019-04-03", "0.37", "2019-04-10"),
    ("AAA", "2019-05-02", "0.41", "2019-05-06"),
    ("BBB", "2019-03-28", "0.10", "2019-03-29"),  # no close before: no factor, but cash
    ("BBB", "2019-04-24", "0.55", "2019-04-24"),
    ("CCC", "2019-04-15", "1.25", "2019-05-01"),  # paid after the asset's end
]


def market():
    """The bars of each asset: a frame by session, NaN without a trade."""
    random.seed(20190304)
    frames = {}
    for symbol, (start, end, close, volume, gaps) in ASSETS.items():
        factors = {day: old / new for s, day, new, old in SPLITS if s == symbol}
        rows = {}
        for session in SESSIONS[(SESSIONS >= start) & (SESSIONS <= end)]:
            day = str(session.date())
            factor = factors.get(day, 1.0)
            before, volume = close * factor, volume / factor
            close = before * random.gauss(1.0, 0.02)
            low, high = sorted((before, close))
            row = [before, high * 1.004, low * 0.995, close]
            traded = int(volume * random.uniform(0.5, 1.5))
            rows[session] = [np.nan] * 4 + [0] if day in gaps else [round(x, 2) for x in row] + [traded]
        frames[symbol] = pd.DataFrame.from_dict(rows, orient="index", columns=["open", "high", "low", "close", "volume"])
    return frames


def bundle():
    """The market as a bundle of zipline's."""
    frames = market()
    sids = {symbol: sid for sid, symbol in enumerate(ASSETS)}

    def make(environ, asset_db_writer, minute, daily, adjustment_writer, *rest):
        start = [pd.Timestamp(asset[0]) for asset in ASSETS.values()]
        end = [pd.Timestamp(asset[1]) for asset in ASSETS.values()]
        equities = pd.DataFrame({"symbol": list(ASSETS), "asset_name": list(ASSETS), "start_date": start, "end_date": end})
        equities["auto_close_date"] = equities.end_date + pd.Timedelta(days=1)
        equities["exchange"] = "XNYS"
        exchanges = pd.DataFrame([["XNYS", "XNYS", "US"]], columns=["exchange", "canonical_name", "country_code"])
        asset_db_writer.write(equities=equities, exchanges=exchanges)
        daily.write((sids[symbol], frame.fillna(0)) for symbol, frame in frames.items())
        splits = [(sids[s], pd.Timestamp(day), old / new) for s, day, new, old in SPLITS]
        splits = pd.DataFrame(splits, columns=["sid", "effective_date", "ratio"])
        dividends = [(sids[s], pd.Timestamp(ex), float(amount), pd.Timestamp(pay)) for s, ex, amount, pay in DIVIDENDS]
        dividends = pd.DataFrame(dividends, columns=["sid", "ex_date", "amount", "pay_date"])
        for date in ("record_date", "declared_date"):
            dividends[date] = pd.NaT
        adjustment_writer.write(splits=splits, dividends=dividends)

    register("golden", make, calendar_name="XNYS", start_session=SESSIONS[0], end_session=SESSIONS[-1])
    ingest("golden")
    return frames, load("golden")


def text(value):
    """A number in its shortest form; nothing for a missing one."""
    if isinstance(value, (bool, np.bool_)):
        return str(int(value))
    if isinstance(value, (pd.Timestamp, type(pd.NaT))):
        return "" if value is pd.NaT else str(value.date())
    value = float(value)
    return "" if np.isnan(value) else repr(value).removesuffix(".0")


def write(folder, name, columns, rows, header=HEADER):
    lines = [header, ",".join(columns)] + [",".join(row) for row in rows]
    (folder / name).write_text("\n".join(lines) + "\n")


def write_market(frames):
    header = "# A random market; no one's data. By generate.py."

    def cell(frame, session):
        if session not in frame.index:
            return ""
        row = frame.loc[session]
        return " ".join(map(text, row)) if row.volume else "-"

    rows = [[str(s.date())] + [cell(frame, s) for frame in frames.values()] for s in SESSIONS]
    write(HERE, "market.csv", ["session", *ASSETS], rows, header)
    events = [["split", s, day, f"{new}:{old}", ""] for s, day, new, old in SPLITS]
    events += [["dividend", s, ex, amount, pay] for s, ex, amount, pay in DIVIDENDS]
    write(HERE, "events.csv", ["kind", "symbol", "date", "value", "pay"], events, header)


def main():
    frames, data = bundle()
    write_market(frames)
    assets = data.asset_finder.retrieve_all(data.asset_finder.sids)
    portal = DataPortal(
        data.asset_finder,
        trading_calendar=CALENDAR,
        first_trading_day=SESSIONS[0],
        equity_daily_reader=data.equity_daily_bar_reader,
        adjustment_reader=data.adjustment_reader,
    )
    now = {}
    bars = BarData(portal, lambda: now["at"], "daily", CALENDAR, NoRestrictions())
    # Days beside the events, the gaps and the ends of lives, and a few others.
    days = [0, 8, 9, 11, 12, 16, 17, 18, 22, 27, 28, 33, 36, 37, 38, 39, 42, 48, 49, 51, 52]
    fields = ["price", "open", "close", "volume", "last_traded"]
    current, history = [], []
    random.seed(7)
    for day in days:
        now["at"] = CALENDAR.session_close(SESSIONS[day])
        at = str(SESSIONS[day].date())
        for asset in assets:
            values = [bars.current(asset, field) for field in fields]
            values += [bars.can_trade(asset), bars.is_stale(asset)]
            current.append([at, asset.symbol, *map(text, values)])
        for field in ["price", random.choice(["open", "high", "low", "close", "volume"])]:
            count = random.randint(1, min(day + 1, 9))
            frame = bars.history(assets, field, count, "1d")
            history.append([at, field] + [" ".join(text(x) or "-" for x in frame[a]) for a in assets])
    now["at"] = CALENDAR.session_close(SESSIONS[-1])
    for field in ("price", "volume"):
        frame = bars.history(assets, field, len(SESSIONS), "1d")
        history.append([str(SESSIONS[-1].date()), field] + [" ".join(text(x) or "-" for x in frame[a]) for a in assets])
    write(HERE, "current.csv", ["at", "symbol", *fields, "can_trade", "is_stale"], current)
    write(HERE, "history.csv", ["at", "field", *ASSETS], history)


if __name__ == "__main__":
    main()
