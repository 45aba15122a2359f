#!/usr/bin/env python3
"""Write zipline's answers for the pipeline of loaders.pipe over the market of generate.py.

    pip install zipline-reloaded==3.2.1
    ZIPLINE_ROOT=$(mktemp -d) python generate_loaders.py

makes loader_events.csv, loader_estimates.csv, loader_own.csv, loader_adjustments.csv, loader_rates.csv and the answers, loaders.csv, in
this folder. The pipeline file is Python, so zipline runs the very text that we read.
"""
import csv
import os

import numpy as np
import pandas as pd

import generate
from generate import ASSETS, HERE, SESSIONS, market

FIRST_OUT, EVERY = 40, 3
# The day as of which the estimates of `Adjusted` are adjusted: after the first of two splits.
ASOF = 66
CURRENCIES = ["USD", "EUR", "GBP", "USD", "EUR", "EUR", "GBP", "USD"]
random = np.random.default_rng(11)


def moment(day, early=True):
    """Midnight, the afternoon, New York's 08:45 or the minute before it."""
    local = pd.Timestamp(day.date(), tz="America/New_York")
    which = random.integers(0, 5)
    if which < 2:
        return day
    minutes = [8 * 60 + 44, 8 * 60 + 45, 15 * 60][which - 2 if early else 2]
    return (local + pd.Timedelta(minutes=int(minutes))).tz_convert("UTC").tz_localize(None)


def events(sessions):
    rows = []
    for sid in range(ASSETS - 1):
        for row in range(3, SESSIONS + 8, int(random.integers(9, 22))):
            date = sessions[min(row, SESSIONS - 1)] + pd.Timedelta(days=int(random.integers(0, 4)))
            told = sessions[int(np.clip(row - random.integers(-3, 25), 0, SESSIONS - 2))]
            rows.append([sid, date, moment(told), round(float(random.normal(2, 1)), 2) if random.random() < 0.9 else np.nan,
                         int(random.integers(1, 9)), str(random.choice(["north", "south", ""])), date + pd.Timedelta(days=30)])
    # zipline takes the first (or last) of two events on one day in the order of a sort that keeps none.
    frame = pd.DataFrame(rows, columns=["sid", "event_date", "timestamp", "eps", "count", "firm", "when"])
    return frame.drop_duplicates(["sid", "event_date"]).reset_index(drop=True)


def estimates(sessions):
    rows = []
    for sid in range(ASSETS - 1):
        length = int(random.integers(14, 20))
        for n, row in enumerate(range(int(random.integers(5, 15)), SESSIONS + 30, length)):
            date = sessions[row] if row < SESSIONS else sessions[-1] + pd.Timedelta(days=7 * n)
            year, quarter = 2014 + (n + sid) // 4, (n + sid) % 4 + 1
            # What is told up to the day before the announcement, first of all long before it; and what is told after it.
            early = int(random.integers(15, 35)) if sid % 2 else int(random.integers(3, 14))
            told = sorted({int(np.clip(row - early + step, 0, min(row, SESSIONS) - 2)) for step in
                           [0, *random.integers(0, early, 3)]})
            told += [row + 2] if row + 3 < SESSIONS and n % 2 else []
            for step in told:
                if step < SESSIONS - 1:
                    eps = round(float(random.normal(5, 2)), 2) if random.random() < 0.9 else np.nan
                    # A row told in the morning is adjusted on that day for all splits before it: not where there are any.
                    rows.append([sid, date, moment(sessions[step], early=sid not in (0, 4)), year, quarter, eps, round(float(random.normal(3, 1)), 2)])
    frame = pd.DataFrame(rows, columns=["sid", "event_date", "timestamp", "fiscal_year", "fiscal_quarter", "eps", "guess"])
    return frame.sort_values("timestamp", kind="stable").reset_index(drop=True)


def adjustments(sessions):
    rows = []
    for sid in range(ASSETS):
        for kind, value in ((0, 0.5), (1, 2.25), (2, -7.5), (0, 3.0)):
            apply = int(random.integers(30, SESSIONS - 5))
            end = apply - int(random.integers(0, 4))
            start = end - int(random.integers(0, 12))
            rows.append([sid, value, kind, pd.NaT if random.random() < 0.3 else sessions[start], sessions[end], sessions[apply]])
    return pd.DataFrame(rows, columns=["sid", "value", "kind", "start_date", "end_date", "apply_date"])


def main():
    from zipline.data.bundles import ingest, load, register
    from zipline.data.fx import InMemoryFXRateReader
    from zipline.pipeline import Pipeline
    from zipline.pipeline import factors as zipline_factors
    from zipline.pipeline.data import Column, DataSet, EquityPricing
    from zipline.pipeline.domain import US_EQUITIES
    from zipline.pipeline.engine import SimplePipelineEngine
    from zipline.pipeline.loaders import EquityPricingLoader
    from zipline.pipeline.loaders.earnings_estimates import (
        NextEarningsEstimatesLoader, NextSplitAdjustedEarningsEstimatesLoader, PreviousEarningsEstimatesLoader,
        PreviousSplitAdjustedEarningsEstimatesLoader)
    from zipline.pipeline.loaders.events import EventsLoader
    from zipline.pipeline.loaders.frame import DataFrameLoader
    from zipline.utils.calendar_utils import get_calendar

    calendar = get_calendar("XNYS")
    first = pd.Timestamp("2015-01-02")
    sessions = calendar.sessions[calendar.sessions >= first][:SESSIONS]
    assets, bars, splits, dividends = market(sessions)
    register("golden", generate.ingestion(assets, bars, splits, dividends),
             calendar_name="XNYS", start_session=sessions[0], end_session=sessions[-1])
    ingest("golden", show_progress=False)
    bundle = load("golden")

    # Events.
    told = events(sessions)

    class Earnings(DataSet):
        next_date = Column(dtype="datetime64[ns]")
        previous_date = Column(dtype="datetime64[ns]")
        next_eps = Column(dtype=float)
        previous_eps = Column(dtype=float)
        next_count = Column(dtype="int64", missing_value=-1)
        previous_count = Column(dtype="int64", missing_value=-1)
        next_firm = Column(dtype=object, missing_value="")
        previous_firm = Column(dtype=object, missing_value="")
        next_when = Column(dtype="datetime64[ns]")
        previous_when = Column(dtype="datetime64[ns]")
        domain = US_EQUITIES

    sides = {side: {getattr(Earnings, f"{side}_{name}"): raw for name, raw in
                    (("date", "event_date"), ("eps", "eps"), ("count", "count"), ("firm", "firm"), ("when", "when"))}
             for side in ("next", "previous")}
    loaders = {Earnings: EventsLoader(told, sides["next"], sides["previous"])}

    # Estimates, a data set for each announcement.
    table = estimates(sessions)
    names = ["eps", "guess", "event_date", "fiscal_year", "fiscal_quarter"]
    name_map = {name: name for name in names}

    def announcements(make):
        made = {}

        class Announcements:
            @staticmethod
            def next(n):
                return of("next", n)

            @staticmethod
            def previous(n):
                return of("previous", n)

        def of(side, n):
            if (side, n) not in made:
                columns = {name: Column(dtype="datetime64[ns]" if name == "event_date" else float) for name in names}
                made[side, n] = type(f"{side}{n}", (DataSet,), {**columns, "num_announcements": n, "domain": US_EQUITIES})
                loaders[made[side, n]] = make(side)
            return made[side, n]

        return Announcements

    plain = {"next": NextEarningsEstimatesLoader, "previous": PreviousEarningsEstimatesLoader}
    adjusted = {"next": NextSplitAdjustedEarningsEstimatesLoader, "previous": PreviousSplitAdjustedEarningsEstimatesLoader}

    # A loader of its own for each data set: one that loads several at once mixes them up.
    def made(side):
        return plain[side](table.copy(), name_map)

    def made_adjusted(side):
        return adjusted[side](table.copy(), name_map, bundle.adjustment_reader, ["guess"], sessions[ASOF])

    # A table with adjustments.
    class Own(DataSet):
        score = Column(dtype=float)
        domain = US_EQUITIES

    baseline = pd.DataFrame(np.round(random.normal(50, 9, (SESSIONS, ASSETS)), 3), index=sessions, columns=range(ASSETS))
    baseline = baseline.mask(random.random(baseline.shape) < 0.1)
    changes = adjustments(sessions)
    loaders[Own] = DataFrameLoader(Own.score, baseline, changes.copy())

    # Prices in several currencies.
    days = sessions[::2]
    quotes = {quote: pd.DataFrame({base: np.round(np.exp(random.normal(0, 0.2, len(days))), 5) if base != quote else 1.0
                                   for base in ("USD", "EUR", "GBP")}, index=days) for quote in ("USD", "EUR", "GBP")}
    rates = InMemoryFXRateReader({"mid": quotes}, "mid")
    raw = bundle.equity_daily_bar_reader
    raw.currency_codes = lambda sids: np.array([CURRENCIES[sid] for sid in sids], dtype=object)
    loaders[EquityPricing.specialize(US_EQUITIES)] = EquityPricingLoader(raw, bundle.adjustment_reader, rates)

    engine = SimplePipelineEngine(lambda column: loaders[column.dataset], bundle.asset_finder, US_EQUITIES, default_hooks=None)
    space = {"Earnings": Earnings, "Estimates": announcements(made), "Adjusted": announcements(made_adjusted), "Own": Own,
             "EquityPricing": EquityPricing, "Pipeline": Pipeline}
    space.update({name: value for name, value in vars(zipline_factors).items() if name[0].isupper()})
    exec(open(os.path.join(HERE, "loaders.pipe")).read(), space)
    pipeline = space["pipe"]
    answers = engine.run_pipeline(pipeline, sessions[FIRST_OUT], sessions[-1])

    def write(name, header, rows, note="made by generate_loaders.py"):
        with open(os.path.join(HERE, name), "w", newline="") as f:
            f.write(f"# {note}\n")
            out = csv.writer(f, lineterminator="\n")
            out.writerow(header)
            out.writerows([cell(value) for value in row] for row in rows)

    def cell(x):
        if isinstance(x, (bool, np.bool_)):
            return str(int(x))
        if isinstance(x, str):
            return x
        if isinstance(x, pd.Timestamp) or x is pd.NaT:
            return "" if pd.isna(x) else str(x.date()) if x == x.normalize() else x.strftime("%Y-%m-%dT%H:%MZ")
        if isinstance(x, (int, np.integer)):
            return str(int(x))
        return "" if np.isnan(x) else f"{float(x):.13g}"

    def instant(x):
        return x.strftime("%Y-%m-%dT%H:%MZ")

    write("loader_events.csv", ["sid", "date", "known_at", "eps", "count", "firm", "when"],
          [[r.sid, r.event_date, instant(r.timestamp), r.eps, r.count_, r.firm, r.when]
           for r in told.rename(columns={"count": "count_"}).itertuples()])
    write("loader_estimates.csv", ["sid", "date", "known_at", "fiscal_year", "fiscal_quarter", "eps", "guess"],
          [[r.sid, r.event_date, instant(r.timestamp), r.fiscal_year, r.fiscal_quarter, r.eps, r.guess] for r in table.itertuples()],
          f"made by generate_loaders.py: adjusted as of {sessions[ASOF].date()} in `Adjusted`")
    write("loader_own.csv", ["date", "sid", "score"], [[day, sid, baseline.loc[day, sid]] for day in sessions for sid in range(ASSETS)])
    write("loader_adjustments.csv", ["sid", "kind", "value", "start_date", "end_date", "apply_date"],
          [[r.sid, ["multiply", "add", "overwrite"][r.kind], r.value, r.start_date, r.end_date, r.apply_date] for r in changes.itertuples()])
    write("loader_rates.csv", ["date", "base", "quote", "value"],
          [[day, base, quote, quotes[quote].loc[day, base]] for quote in quotes for base in quotes if base != quote for day in days],
          f"made by generate_loaders.py: the assets are in {' '.join(CURRENCIES)}")
    import zipline
    kept = set(answers.index.levels[0][::EVERY])
    write("loaders.csv", ["date", "sid", *pipeline.columns],
          [[day, int(asset), *row] for (day, asset), row in zip(answers.index, answers.itertuples(index=False)) if day in kept],
          f"zipline-reloaded {zipline.__version__}, pandas {pd.__version__}, numpy {np.__version__}; made by generate_loaders.py")


if __name__ == "__main__":
    main()
