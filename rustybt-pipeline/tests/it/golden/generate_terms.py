#!/usr/bin/env python3
"""Write zipline's answers for the pipeline of terms.pipe over the market of generate.py.

    pip install zipline-reloaded==3.2.1
    ZIPLINE_ROOT=$(mktemp -d) python generate_terms.py

makes table.csv, the user's table, and terms.csv, the answers of every fourth session, in this folder. The pipeline file is Python, so
zipline runs the very text that we read.
"""
import csv
import os

import numpy as np
import pandas as pd

import generate
from generate import ASSETS, HERE, SESSIONS, market

# The second quarter: what is computed once a quarter looks back to its start.
FIRST_OUT = 64
random = np.random.default_rng(7)


def table(sessions):
    """Values of some days for some assets: sparse, as a frame has them."""
    index, columns = sessions, range(ASSETS)
    sector = pd.DataFrame("", index=index, columns=columns, dtype=object)
    size = pd.DataFrame(-1, index=index, columns=columns, dtype="int64")
    score = pd.DataFrame(np.nan, index=index, columns=columns)
    flag = pd.DataFrame(False, index=index, columns=columns)
    when = pd.DataFrame(pd.NaT, index=index, columns=columns)
    names = ["bank", "oil", "steel", "bank"]
    for day in index:
        for sid in columns:
            if random.random() < 0.9:
                sector.loc[day, sid] = names[(sid + int(random.random() < 0.2)) % 4]
            if random.random() < 0.9:
                size.loc[day, sid] = int(random.integers(1, 4))
            if random.random() < 0.7:
                score.loc[day, sid] = round(float(random.normal()), 3)
            flag.loc[day, sid] = bool(random.random() < 0.6)
            if random.random() < 0.8:
                when.loc[day, sid] = day + pd.Timedelta(days=int(random.integers(-20, 20)))
    return {"sector": sector, "size": size, "score": score, "flag": flag, "when": when.astype("datetime64[ns]")}


def main():
    from zipline.data.bundles import ingest, load, register
    from zipline.pipeline import Pipeline
    from zipline.pipeline import factors as zipline_factors, filters as zipline_filters
    from zipline.pipeline import classifiers as zipline_classifiers
    from zipline.pipeline.data import Column, DataSet, USEquityPricing
    from zipline.pipeline.domain import US_EQUITIES
    from zipline.pipeline.engine import SimplePipelineEngine
    from zipline.pipeline.factors import statistical
    from zipline.pipeline.filters import SingleAsset, StaticAssets
    from zipline.pipeline.loaders import USEquityPricingLoader
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
    frames = table(sessions)

    class X(DataSet):
        sector = Column(dtype=object, missing_value="")
        size = Column(dtype="int64", missing_value=-1)
        score = Column(dtype=float)
        flag = Column(dtype=bool)
        when = Column(dtype="datetime64[ns]")
        domain = US_EQUITIES

    prices = USEquityPricingLoader.without_fx(bundle.equity_daily_bar_reader, bundle.adjustment_reader)
    own = {name: DataFrameLoader(getattr(X, name), frame) for name, frame in frames.items()}
    engine = SimplePipelineEngine(
        lambda column: own[column.name] if column.name in own else prices, bundle.asset_finder, US_EQUITIES)

    names = {"X": X, "USEquityPricing": USEquityPricing, "Pipeline": Pipeline,
             "symbol": lambda text: bundle.asset_finder.retrieve_asset(int(text[1:])),
             "SingleAsset": SingleAsset, "StaticAssets": StaticAssets}
    for module in (zipline_factors, zipline_filters, zipline_classifiers, statistical):
        names.update({name: value for name, value in vars(module).items() if name[0].isupper()})
    exec(open(os.path.join(HERE, "terms.pipe")).read(), names)
    pipeline = names["pipe"]
    rows = engine.run_pipeline(pipeline, sessions[FIRST_OUT], sessions[-1])

    with open(os.path.join(HERE, "table.csv"), "w", newline="") as f:
        f.write("# made by generate_terms.py: a row of a day is known on that day\n")
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["date", "sid", "sector", "size", "score", "flag", "when"])
        for day in sessions:
            for sid in range(ASSETS):
                size, score, when = (frames[n].loc[day, sid] for n in ("size", "score", "when"))
                out.writerow([day.date(), sid, frames["sector"].loc[day, sid], "" if size == -1 else size,
                              "" if np.isnan(score) else score, int(frames["flag"].loc[day, sid]),
                              "" if pd.isna(when) else when.date()])

    def cell(x):
        if isinstance(x, (bool, np.bool_)):
            return str(int(x))
        if isinstance(x, str):
            return x
        if isinstance(x, pd.Timestamp) or x is pd.NaT:
            return "" if pd.isna(x) else str(x.date())
        if isinstance(x, (int, np.integer)):
            return str(int(x))
        return "" if np.isnan(x) else f"{float(x):.13g}"

    import scipy
    import zipline
    with open(os.path.join(HERE, "terms.csv"), "w", newline="") as f:
        f.write(f"# zipline-reloaded {zipline.__version__}, pandas {pd.__version__}, numpy {np.__version__}, "
                f"scipy {scipy.__version__}; made by generate_terms.py\n")
        out = csv.writer(f, lineterminator="\n")
        columns = list(pipeline.columns)
        out.writerow(["date", "sid", *columns])
        kept = set(rows.index.levels[0][::4])
        for (day, asset), row in zip(rows.index, rows.itertuples(index=False)):
            if day not in kept:
                continue
            out.writerow([day.date(), int(asset), *(cell(value) for value in row)])


if __name__ == "__main__":
    main()
