#!/usr/bin/env python3
"""Write TA-Lib's answers for small seeded series.

    pip install TA-Lib==0.8.2 numpy
    python generate_talib.py

makes talib.csv in this folder: bars of several tempers, then one column for each output.
"""
import csv
import os

import numpy as np
import talib

HERE = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(11)
ROWS = 60


def bars(name):
    if name == "walk":
        close = 50 * np.exp(np.cumsum(random.normal(0, 0.02, ROWS)))
    elif name == "flat":
        close = np.full(ROWS, 10.0)
    elif name == "rising":
        close = 20.0 + np.arange(ROWS)
    else:
        close = 30 + np.round(random.normal(0, 0.02, ROWS), 2)
    spread = 0 if name == "flat" else 1e-2 * close
    high = close + spread * random.random(ROWS)
    low = close - spread * random.random(ROWS)
    volume = np.round(random.random(ROWS) * 1000) + 1
    return [np.asarray(x, dtype=float) for x in (high, low, close, volume)]


def answers(high, low, close, volume):
    t = talib
    out = {
        "SMA": t.SMA(close, 7), "EMA": t.EMA(close, 7), "RMA": t.RMA(close, 7), "WMA": t.WMA(close, 7), "DEMA": t.DEMA(close, 7), "TEMA": t.TEMA(close, 7),
        "HMA": t.HMA(close, 9), "KAMA": t.KAMA(close, 7), "TRIX": t.TRIX(close, 5), "RSI": t.RSI(close, 14), "CMO": t.CMO(close, 14),
        "PPO": t.PPO(close, 5, 12), "WILLR": t.WILLR(high, low, close, 14), "CCI": t.CCI(high, low, close, 14),
        "MFI": t.MFI(high, low, close, volume, 14), "ULTOSC": t.ULTOSC(high, low, close, 7, 14, 28), "ROC": t.ROC(close, 10), "MOM": t.MOM(close, 10),
        "ADX": t.ADX(high, low, close, 14), "PLUS_DI": t.PLUS_DI(high, low, close, 14), "MINUS_DI": t.MINUS_DI(high, low, close, 14),
        "TRANGE": t.TRANGE(high, low, close), "ATR": t.ATR(high, low, close, 14), "NATR": t.NATR(high, low, close, 14),
        "STDDEV": t.STDDEV(close, 8, 1), "VAR": t.VAR(close, 8, 1), "MAX": t.MAX(close, 9), "MIN": t.MIN(close, 9), "LINEARREG": t.LINEARREG(close, 9),
        "CORREL": t.CORREL(close, volume, 15), "OBV": t.OBV(close, volume), "AD": t.AD(high, low, close, volume), "ADOSC": t.ADOSC(high, low, close, volume, 3, 10),
    }
    out["MACD"], out["MACD_SIGNAL"], out["MACD_HIST"] = t.MACD(close, 5, 12, 4)
    out["STOCH_K"], out["STOCH_D"] = t.STOCH(high, low, close, 5, 3, 0, 3, 0)
    out["STOCHRSI_K"], out["STOCHRSI_D"] = t.STOCHRSI(close, 14, 5, 3, 0)
    out["AROON_DOWN"], out["AROON_UP"] = t.AROON(high, low, 14)
    out["BB_UPPER"], out["BB_MIDDLE"], out["BB_LOWER"] = t.BBANDS(close, 10, 2, 2, 0)
    out["VWMA"], out["CMF"] = t.VWMA(close, volume, 7), t.CMF(high, low, close, volume, 9)
    out["DC_UPPER"], out["DC_MIDDLE"], out["DC_LOWER"] = t.DONCHIAN(high, low, 9)
    out["ZLEMA"], out["LINEARREG_SLOPE"], out["BETA"] = t.ZLEMA(close, 8), t.LINEARREG_SLOPE(close, 9), t.BETA(close, volume, 15)
    out["ADXR"], out["PVT"], out["CumulativeVWAP"] = t.ADXR(high, low, close, 7), t.PVT(close, volume), t.VWAP(high, low, close, volume)
    out["VORTEX_PLUS"], out["VORTEX_MINUS"] = t.VORTEX(high, low, close, 9)
    out["SAR"] = t.SAR(high, low, 0.03, 0.15)
    out["SUPERTREND"], trend = t.SUPERTREND(high, low, close, 5, 1.5)
    out["TREND"] = np.where(np.isnan(out["SUPERTREND"]), np.nan, trend)
    out["KC_UPPER"], out["KC_MIDDLE"], out["KC_LOWER"] = t.KC(high, low, close, 9, 5, 1.5)
    out["KC2_UPPER"], out["KC2_MIDDLE"], out["KC2_LOWER"] = t.KC(high, low, close, 5, 9, 2.0)
    out["KDJ_K"], out["KDJ_D"], out["KDJ_J"] = t.KDJ(high, low, close, 9, 3, 13, 4, 13)
    # Middles of highs and lows, that begin together.
    tenkan, kijun, span = t.MIDPRICE(high, low, 5), t.MIDPRICE(high, low, 9), t.MIDPRICE(high, low, 20)
    late = span * 0
    out["TENKAN"], out["KIJUN"], out["SPAN_A"], out["SPAN_B"] = tenkan + late, kijun + late, (tenkan + kijun) / 2 + late, span
    return out


def main():
    with open(os.path.join(HERE, "talib.csv"), "w", newline="") as f:
        f.write(f"# TA-Lib {talib.__version__} (C {talib.__ta_version__.decode().split()[0]}), numpy {np.__version__}; made by generate_talib.py\n")
        out = csv.writer(f, lineterminator="\n")
        for n, name in enumerate(("walk", "flat", "rising", "ticks")):
            high, low, close, volume = (np.array([float(f"{v:.15g}") for v in x]) for x in bars(name))
            found = answers(high, low, close, volume)
            if n == 0:
                out.writerow(["series", "high", "low", "close", "volume", *found])
            for row in range(ROWS):
                cell = lambda x: "" if np.isnan(x) else f"{x:.12g}"
                given = [f"{x[row]:.15g}" for x in (high, low, close, volume)]
                out.writerow([name, *given, *(cell(x[row]) for x in found.values())])


if __name__ == "__main__":
    main()
