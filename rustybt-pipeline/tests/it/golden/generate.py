#!/usr/bin/env python3
"""Write the answers of zipline's pipeline engine for a small made-up market.

    pip install zipline-reloaded==3.2.1
    ZIPLINE_ROOT=$(mktemp -d) python generate.py

makes bars.csv, events.csv and zipline.csv in this folder. The market is seeded: prices with two
decimals, a late listing, a delisting, sessions without a bar, splits and dividends.
"""
import csv
import os
import warnings

import numpy as np
import pandas as pd

warnings.simplefilter("ignore")
HERE = os.path.dirname(os.path.abspath(__file__))
SESSIONS, ASSETS, FIRST_OUT = 110, 8, 45
random = np.random.default_rng(20150102)


def market(sessions):
    bars, splits, dividends, assets = {}, [], [], []
    for sid in range(ASSETS):
        start = 20 if sid == 1 else 50 if sid == 6 else 0
        end = 80 if sid in (2, 6) else SESSIONS - 1
        days = sessions[start:end + 1]
        close = np.round(30.0 * (sid + 1) * np.exp(np.cumsum(random.normal(0, 0.02, len(days)))), 2)
        frame = pd.DataFrame({
            "open": np.round(close * 0.995, 2), "high": np.round(close * 1.01, 2),
            "low": np.round(close * 0.99, 2), "close": close,
            "volume": random.integers(1, 900, len(days)) * 100.0,
        }, index=days)
        if sid in (3, 5):
            for gap in (12, 47, 48, 70):
                frame.iloc[gap, :4] = np.nan
                frame.iloc[gap, 4] = 0
        bars[sid] = frame
        assets.append((sid, f"A{sid}", days[0], days[-1]))
        if sid in (0, 4):
            splits.append((sid, sessions[60], 1, 4))
        if sid == 4:
            splits.append((sid, sessions[75], 5, 2))
        if sid in (2, 3, 4):
            for row in (30, 55, 75):
                dividends.append((sid, sessions[row], 0.5 + sid))
    return assets, bars, splits, dividends


def ingestion(assets, bars, splits, dividends):
    """What zipline calls to write the market down."""
    def ingestion(environ, asset_db_writer, minute_writer, daily_writer, adjustment_writer, cal, start, end,
                  cache, progress, output_dir):
        frame = pd.DataFrame(
            [(s, s, a, b, b + pd.Timedelta(days=1), "NYSE") for _, s, a, b in assets],
            columns=["symbol", "asset_name", "start_date", "end_date", "auto_close_date", "exchange"])
        exchanges = pd.DataFrame([["NYSE", "NYSE", "US"]], columns=["exchange", "canonical_name", "country_code"])
        asset_db_writer.write(equities=frame, exchanges=exchanges)
        daily_writer.write(((sid, f) for sid, f in bars.items()), show_progress=False)
        adjustment_writer.write(
            splits=pd.DataFrame([(s, d, old / new) for s, d, old, new in splits],
                                columns=["sid", "effective_date", "ratio"]),
            dividends=pd.DataFrame([(s, d, d, d, d, a) for s, d, a in dividends],
                                   columns=["sid", "ex_date", "record_date", "declared_date", "pay_date", "amount"]))

    return ingestion


def main():
    from zipline.assets import AssetDBWriter  # noqa: F401
    from zipline.data.bundles import ingest, load, register
    from zipline.pipeline import Pipeline
    from zipline.pipeline.data import USEquityPricing
    from zipline.pipeline.domain import US_EQUITIES
    from zipline.pipeline.engine import SimplePipelineEngine
    from zipline.pipeline.factors import AverageDollarVolume, Returns, RSI, SimpleMovingAverage
    from zipline.pipeline.loaders import USEquityPricingLoader
    from zipline.utils.calendar_utils import get_calendar

    calendar = get_calendar("XNYS")
    first = pd.Timestamp("2015-01-02")
    sessions = calendar.sessions[calendar.sessions >= first][:SESSIONS]
    assets, bars, splits, dividends = market(sessions)

    with open(os.path.join(HERE, "bars.csv"), "w", newline="") as f:
        f.write("# made by generate.py: a made-up market, seed 20150102; an empty price is a session without a bar\n")
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["sid", "date", "open", "high", "low", "close", "volume"])
        for sid, frame in bars.items():
            for day, row in frame.iterrows():
                prices = ["" if np.isnan(x) else f"{x:.2f}" for x in row.values[:4]]
                out.writerow([sid, day.date(), *prices, int(row.volume)])
    with open(os.path.join(HERE, "events.csv"), "w", newline="") as f:
        f.write("# made by generate.py: splits are new,old; dividends an amount\n")
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["kind", "sid", "effective", "a", "b"])
        for sid, day, old, new in splits:
            out.writerow(["split", sid, day.date(), new, old])
        for sid, day, amount in dividends:
            out.writerow(["dividend", sid, day.date(), f"{amount:.2f}", ""])

    register("golden", ingestion(assets, bars, splits, dividends), calendar_name="XNYS", start_session=sessions[0], end_session=sessions[-1])
    ingest("golden", show_progress=False)
    bundle = load("golden")
    loader = USEquityPricingLoader.without_fx(bundle.equity_daily_bar_reader, bundle.adjustment_reader)
    engine = SimplePipelineEngine(lambda column: loader, bundle.asset_finder, US_EQUITIES)

    close, volume = USEquityPricing.close, USEquityPricing.volume
    returns = Returns(window_length=21)
    liquid = AverageDollarVolume(window_length=10).top(5)
    columns = {
        "close": close.latest,
        "volume": volume.latest,
        "high": USEquityPricing.high.latest,
        "sma": SimpleMovingAverage(inputs=[close], window_length=13),
        "sma_returns": SimpleMovingAverage(inputs=[returns], window_length=5),
        "rsi": RSI(),
        "returns": returns,
        "adv": AverageDollarVolume(window_length=10),
        "zscore": returns.zscore(),
        "zscore_liquid": returns.zscore(mask=liquid),
        "demean": returns.demean(),
        "rank": returns.rank(),
        "rank_down": returns.rank(ascending=False, mask=liquid),
        "arithmetic": (close.latest % 7 - 3) ** 2 / -close.latest,
        "root": abs_log(close.latest),
        "liquid": liquid,
        "bottom": returns.bottom(3),
        "between": returns.percentile_between(20, 70),
        "compare": (close.latest > SimpleMovingAverage(inputs=[close], window_length=5)) | ~liquid,
        "masked": SimpleMovingAverage(inputs=[volume], window_length=3, mask=liquid),
    }
    rows = engine.run_pipeline(Pipeline(columns), sessions[FIRST_OUT], sessions[-1])
    import zipline
    with open(os.path.join(HERE, "zipline.csv"), "w", newline="") as f:
        f.write(f"# zipline-reloaded {zipline.__version__}, pandas {pd.__version__}, numpy {np.__version__}; made by generate.py\n")
        out = csv.writer(f, lineterminator="\n")
        names = list(columns)
        out.writerow(["date", "sid", *names])
        for (day, asset), row in rows.iterrows():
            cell = lambda x: str(int(x)) if isinstance(x, (bool, np.bool_)) else "" if np.isnan(x) else repr(float(x))
            out.writerow([day.date(), int(asset), *(cell(row[n]) for n in names)])


def abs_log(factor):
    return factor.log().abs().sqrt()


if __name__ == "__main__":
    main()
