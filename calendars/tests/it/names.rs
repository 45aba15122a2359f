//! The names that `exchange_calendars` gives its calendars, and the aliases.

use rustybt_calendars::{aliases, calendar, names};

const NAMES: &str = "\
    24/5 24/7 AIXK ASEX BVMF CMES IEPA XAMS XASX XBDA XBEL XBKK XBOG XBOM XBRA XBRU XBSE XBUD XBUE XCBF \
    XCSE XCYS XDUB XDUS XEEE XETR XEUR XFRA XHAM XHEL XHKG XICE XIDX XIST XJSE XKAR XKLS XKRX XLIM XLIS \
    XLIT XLJU XLON XLUX XMAD XMEX XMIL XMOS XNYS XNZE XOSL XPAR XPHS XPRA XRIS XSAU XSES XSGO XSHG XSTO \
    XSTU XSWX XTAE XTAI XTAL XTKS XTSE XWAR XWBO XZAG us_futures";

const ALIASES: &str = "\
    ARCX=XNYS ASX=XASX BATS=XNYS BMF=BVMF BSE=XBOM BVB=XBSE CBOT=CMES CFE=XCBF CME=CMES COMEX=CMES \
    FWB=XFRA HKEX=XHKG ICE=IEPA ICEUS=IEPA JKT=XIDX JPX=XTKS LSE=XLON LUXSE=XLUX NASDAQ=XNYS NYFE=IEPA \
    NYMEX=CMES NYSE=XNYS OOTC=XNYS OSE=XOSL SIX=XSWX SSE=XSHG TASE=XTAE TSX=XTSE XASE=XNYS XNAS=XNYS \
    XTSX=XTSE";

#[test]
fn every_calendar_of_exchange_calendars_is_there_under_its_names() {
    let (known, other) = (names(), aliases());
    assert_eq!((NAMES.split(' ').count(), ALIASES.split(' ').count()), (71, 31));
    for name in NAMES.split(' ') {
        assert!(known.contains(&name), "{name}");
    }
    for pair in ALIASES.split(' ') {
        let (alias, name) = pair.split_once('=').unwrap();
        assert!(other.contains(&(alias, name)), "{alias}");
        assert_eq!(calendar(alias).unwrap().name(), name);
    }
}
