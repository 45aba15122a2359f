use super::*;
use crate::{AssetClass, ValidateContext, validate};

fn market(assets: usize) -> Synthetic {
    let config =
        SyntheticConfig { assets, minute_assets: 2, minute_days: 3, ..SyntheticConfig::default() };
    Synthetic::new(config).unwrap()
}

#[test]
fn ten_years_are_the_default() {
    let market = market(1);
    let sessions = market.sessions();
    let ends = (sessions[0].to_string(), sessions[sessions.len() - 1].to_string());
    assert_eq!(ends, ("2013-01-02".to_owned(), "2022-12-30".to_owned()));
    assert_eq!(sessions.len(), 2518);
}

#[test]
fn an_asset_is_the_same_whatever_their_number() {
    let (few, many) = (market(3), market(100));
    assert_eq!(few.asset(2), many.asset(2));
    assert_ne!(few.asset(1).unwrap().daily, few.asset(2).unwrap().daily);
    assert_eq!(few.asset(3), None);
}

#[test]
fn every_bar_obeys_the_rules() {
    let market = market(40);
    let mut rows = 0;
    for number in 0..market.len() {
        let asset = market.asset(number).unwrap();
        for (mut bars, frequency) in
            [(Some(asset.daily), Frequency::DAILY), (asset.minute, Frequency::MINUTE)]
                .into_iter()
                .filter_map(|(bars, frequency)| Some((bars?, frequency)))
        {
            let given = bars.clone();
            let context = ValidateContext {
                origin: "synthetic",
                symbol: &asset.symbol,
                class: AssetClass::Equity,
                calendar: market.calendar(),
                frequency,
                today: "2023-01-01".parse().unwrap(),
            };
            let verdict = validate(&mut bars, &context);
            assert_eq!(
                (verdict.rejected.len(), verdict.outside_hours),
                (0, 0),
                "{:?}",
                verdict.rejected
            );
            assert!(verdict.missing_sessions.is_empty());
            assert_eq!(bars, given);
            rows += bars.len();
        }
    }
    assert!(rows > 60_000, "{rows}");
}

#[test]
fn there_is_something_of_everything() {
    let market = market(60);
    let assets: Vec<_> = (0..60).map(|number| market.asset(number).unwrap()).collect();
    let (first, last) = (market.sessions()[0], market.sessions()[2517]);
    let late = assets.iter().filter(|asset| asset.start > first).count();
    let dead = assets.iter().filter(|asset| asset.end < last).count();
    assert!((8..25).contains(&late) && (4..18).contains(&dead), "{late} late, {dead} dead");
    let events: Vec<_> = assets.iter().flat_map(|asset| &asset.events).collect();
    let splits = events.iter().filter(|(_, action)| action.kind() == "split").count();
    let dividends = events.iter().filter(|(_, action)| action.kind() == "dividend").count();
    assert!(
        (20..80).contains(&splits) && dividends > 600,
        "{splits} splits, {dividends} dividends"
    );
    let quiet = |asset: &SyntheticAsset| {
        (0..asset.daily.len()).filter(|&row| asset.daily.columns[3].1.get(row).is_none()).count()
    };
    assert!(quiet(&assets[5]) > 5 && quiet(&assets[6]) == 0);
    let minutes = assets[0].minute.as_ref().unwrap().len();
    assert!((1100..1170).contains(&minutes), "{minutes}");
}

#[test]
fn text_says_what_the_bars_say() {
    let market = market(8);
    let asset = market.asset(0).unwrap();
    let text = market.daily_csv(0).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "date,open,high,low,close,volume,dividend,split");
    assert_eq!(lines.len(), asset.daily.len() + 1);
    let mut events = 0;
    for (row, line) in lines[1..].iter().enumerate() {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells[0], asset.daily.stamps.text(row));
        for ((_, column), cell) in asset.daily.columns.iter().zip(&cells[1..]) {
            assert_eq!(column.get(row), cell.parse().ok());
        }
        events += usize::from(cells[6] != "0.00") + usize::from(cells[7] != "1.0");
    }
    assert_eq!(events, asset.events.len());
    assert!(market.minute_csv(1).unwrap().starts_with("datetime,open,high,low,close,volume\n20"));
    assert_eq!(market.minute_csv(2), None);
}

#[test]
fn a_selection_is_respected() {
    let market = market(10);
    let day = |text: &str| text.parse::<Session>().unwrap();
    let selection = Selection {
        symbols: Some(vec!["A00003".into(), "a00001".into()]),
        start: Some(day("2015-01-02")),
        end: Some(day("2015-12-31")),
        frequency: Some(Frequency::DAILY),
        calendar: market.calendar().clone(),
    };
    let survey = market.survey(&selection).unwrap();
    for part in &survey.parts {
        let delivery = market.fetch(part, &selection).unwrap();
        let Stamps::Sessions(days) = &delivery.bars.stamps else { panic!("daily") };
        assert!(days.iter().all(|d| *d >= day("2015-01-02") && *d <= day("2015-12-31")));
        assert_eq!(delivery.bars.columns[0].1.len(), days.len());
    }
    let unknown = Selection { symbols: Some(vec!["ZZZ".into()]), ..selection };
    let error = market.survey(&unknown).unwrap_err().to_string();
    assert!(error.contains("`ZZZ`") && error.contains("A00009"), "{error}");
}
