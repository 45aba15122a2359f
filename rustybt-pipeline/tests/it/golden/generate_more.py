#!/usr/bin/env python3
"""Write zipline's answers for the pipeline of more.pipe, over the market of generate.py with mergers beside its splits and dividends.

    pip install zipline-reloaded==3.2.1
    ZIPLINE_ROOT=$(mktemp -d) python generate_more.py

makes more.csv in this folder: every fourth session of two runs. `X` is the table of generate_terms.py.
"""
import csv
import os

import numpy as np
import pandas as pd

import generate
import generate_terms
from generate import HERE, SESSIONS, market

RANGES, EVERY = ((64, 85), (88, 109)), 4
# Asset, session, ratio.
MERGERS = ((7, 58, 0.8125), (5, 92, 0.5), (3, 70, 0.9375))


def main():
    from zipline.data.bundles import ingest, load, register
    from zipline.pipeline import Pipeline
    from zipline.pipeline import classifiers as zipline_classifiers
    from zipline.pipeline import factors as zipline_factors, filters as zipline_filters
    from zipline.pipeline.classifiers import Quantiles
    from zipline.pipeline.data import Column, DataSet, EquityPricing
    from zipline.pipeline.domain import US_EQUITIES
    from zipline.pipeline.engine import SimplePipelineEngine
    from zipline.pipeline.factors import statistical
    from zipline.pipeline.factors.basic import Clip
    from zipline.pipeline.filters import SingleAsset, StaticAssets
    from zipline.pipeline.loaders import EquityPricingLoader
    from zipline.pipeline.loaders.frame import DataFrameLoader
    from zipline.utils.calendar_utils import get_calendar

    calendar = get_calendar("XNYS")
    first = pd.Timestamp("2015-01-02")
    sessions = calendar.sessions[calendar.sessions >= first][:SESSIONS]
    assets, bars, splits, dividends = market(sessions)

    def ingestion(environ, asset_db_writer, minute_writer, daily_writer, adjustment_writer, *others):
        class WithMergers:
            def write(self, **told):
                mergers = pd.DataFrame([(s, sessions[d], r) for s, d, r in MERGERS], columns=["sid", "effective_date", "ratio"])
                adjustment_writer.write(mergers=mergers, **told)

        generate.ingestion(assets, bars, splits, dividends)(environ, asset_db_writer, minute_writer, daily_writer, WithMergers(), *others)

    register("golden", ingestion, calendar_name="XNYS", start_session=sessions[0], end_session=sessions[-1])
    ingest("golden", show_progress=False)
    bundle = load("golden")
    frames = generate_terms.table(sessions)

    class X(DataSet):
        sector = Column(dtype=object, missing_value="")
        size = Column(dtype="int64", missing_value=-1)
        score = Column(dtype=float)
        flag = Column(dtype=bool)
        when = Column(dtype="datetime64[ns]")
        domain = US_EQUITIES

    prices = EquityPricingLoader.without_fx(bundle.equity_daily_bar_reader, bundle.adjustment_reader)
    own = {name: DataFrameLoader(getattr(X, name), frame) for name, frame in frames.items()}
    engine = SimplePipelineEngine(
        lambda column: own[column.name] if column.name in own else prices, bundle.asset_finder, US_EQUITIES)
    names = {"X": X, "EquityPricing": EquityPricing, "Pipeline": Pipeline, "sid": bundle.asset_finder.retrieve_asset, "Quantiles": Quantiles,
             "symbol": lambda text: bundle.asset_finder.retrieve_asset(int(text[1:])),
             "Clip": Clip, "SingleAsset": SingleAsset, "StaticAssets": StaticAssets}
    for module in (zipline_factors, zipline_filters, zipline_classifiers, statistical):
        names.update({name: value for name, value in vars(module).items() if name[0].isupper() and name not in names})
    exec(open(os.path.join(HERE, "more.pipe")).read(), names)
    pipeline = names["pipe"]
    from warnings import simplefilter

    simplefilter("ignore")
    runs = [engine.run_pipeline(pipeline, sessions[start], sessions[end]) for start, end in RANGES]

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
    with open(os.path.join(HERE, "more.csv"), "w", newline="") as f:
        f.write(f"# zipline-reloaded {zipline.__version__}, pandas {pd.__version__}, numpy {np.__version__}, "
                f"scipy {scipy.__version__}; made by generate_more.py; a run ends at {sessions[RANGES[0][1]].date()}\n")
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["date", "sid", *pipeline.columns])
        for rows in runs:
            kept = set(rows.index.levels[0][::EVERY])
            for (day, asset), row in zip(rows.index, rows.itertuples(index=False)):
                if day in kept:
                    out.writerow([day.date(), int(asset), *(cell(value) for value in row)])


if __name__ == "__main__":
    main()
