//! Assets and the symbols they had.

use rustybt_data::{Asset, SymbolSpan};

use super::{SmallTable, dates, numbers, texts};
use crate::decimals::Scales;
use crate::table::Dataset;

/// The tables `assets` and `symbols` of assets in ascending order of sid.
pub(crate) fn tables(assets: &[Asset]) -> [SmallTable; 2] {
    let sid = |asset: &Asset| Some(i64::from(asset.sid.0));
    let spans: Vec<(&Asset, &SymbolSpan)> = assets
        .iter()
        .flat_map(|asset| asset.symbols.iter().map(move |span| (asset, span)))
        .collect();
    [
        SmallTable {
            dataset: Dataset::Assets,
            scales: Scales::default(),
            columns: vec![
                numbers(assets.iter().map(sid)),
                texts(assets.iter().map(|asset| asset.symbol.as_str())),
                texts(assets.iter().map(|asset| asset.name.as_str())),
                texts(assets.iter().map(|asset| asset.exchange.as_str())),
                texts(assets.iter().map(|asset| asset.class.name())),
                texts(assets.iter().map(|asset| asset.currency.as_str())),
                dates(assets.iter().map(|asset| Some(asset.start))),
                dates(assets.iter().map(|asset| Some(asset.end))),
                dates(assets.iter().map(|asset| asset.auto_close)),
            ],
        },
        SmallTable {
            dataset: Dataset::Symbols,
            scales: Scales::default(),
            columns: vec![
                numbers(spans.iter().map(|(asset, _)| sid(asset))),
                texts(spans.iter().map(|(_, span)| span.symbol.as_str())),
                dates(spans.iter().map(|(_, span)| Some(span.from))),
                dates(spans.iter().map(|(_, span)| Some(span.to))),
            ],
        },
    ]
}
