//! The suite of [`AssetFinder`].

use rustybt_calendars::Session;

use crate::{Asset, AssetFinder, Error, Sid};

/// Holds a finder to the contract of [`AssetFinder`].
///
/// # Panics
///
/// Where the contract does not hold, saying how.
pub fn finder(finder: &dyn AssetFinder) {
    let assets = finder.assets();
    assert!(assets.is_sorted_by(|a, b| a.sid < b.sid), "assets ascend by sid, each once");
    for asset in assets {
        assert_eq!(finder.asset(asset.sid), Some(asset), "an asset is found by its sid");
        assert!(asset.start <= asset.end, "{} starts before it ends", asset.symbol);
        let spans = &asset.symbols;
        assert!(spans.is_sorted_by_key(|span| span.from), "symbols of {} in order", asset.symbol);
        assert_eq!(
            spans.last().map(|span| span.symbol.as_str()),
            Some(asset.symbol.as_str()),
            "the last symbol of {} is its symbol",
            asset.sid
        );
        for span in spans {
            found(finder, asset, &span.symbol, span.from);
            found(finder, asset, &span.symbol, span.to);
            found(finder, asset, &span.symbol.to_lowercase(), span.to);
            found(finder, asset, &span.symbol.replace(['.', '-', '/'], "_"), span.to);
        }
        after_death(finder, asset);
    }
    let stranger = Sid(assets.last().map_or(0, |last| last.sid.0 + 1));
    assert_eq!(finder.asset(stranger), None, "a sid nobody has is not found");
    let nobody = finder.lookup("no such symbol", Session::from_days(0));
    assert!(matches!(nobody, Err(Error::UnknownSymbol { .. })), "a symbol nobody has is refused");
}

/// On a day on which an asset had a symbol, the symbol names it or is held by several.
fn found(finder: &dyn AssetFinder, asset: &Asset, symbol: &str, day: Session) {
    match finder.lookup(symbol, day) {
        Ok(sid) => assert_eq!(sid, asset.sid, "`{symbol}` on {day}"),
        Err(Error::AmbiguousSymbol { holders, .. }) => {
            assert!(holders.len() > 1, "`{symbol}` on {day} is held by several");
        }
        Err(error) => panic!("`{symbol}` on {day} is not found: {error}"),
    }
}

/// Long after, the symbol names the asset still, or one that took it over since.
fn after_death(finder: &dyn AssetFinder, asset: &Asset) {
    let late = asset.end.plus_days(40_000);
    let Ok(sid) = finder.lookup(&asset.symbol, late) else {
        panic!("`{}` names nobody long after", asset.symbol);
    };
    let holder = finder.asset(sid).expect("a look-up gives a known sid");
    let last = holder.symbols.iter().map(|span| span.to).max();
    assert!(last >= Some(asset.end) || sid == asset.sid, "the latest holder of `{}`", asset.symbol);
}
