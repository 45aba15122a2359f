//! Written pipelines that somebody has been at: refused by name or run, but never a panic.

use std::sync::Arc;

use proptest::prelude::*;
use rustybt_pipeline::{Engine, EquityLoader, Pipeline, RunOptions};
use serde_json::Value;

use crate::laws::{FIRST, assert_same_bits, everything, everything_else};
use crate::market::Market;

fn engine(market: &Market) -> Engine {
    let (calendar, finder, adjustments, daily) = market.parts();
    Engine::new(Arc::new(EquityLoader::new(calendar, finder, adjustments, daily).unwrap()))
}

/// The pipelines of the laws, but for the closure among their terms.
fn written() -> Vec<Value> {
    let sent = [everything(), everything_else()].map(|pipeline| {
        let named: Vec<String> = pipeline.columns().map(|(name, _)| name.to_owned()).collect();
        named.into_iter().fold(Pipeline::new(), |sent, name| {
            let column = pipeline.columns().find(|(known, _)| *known == name).unwrap().1;
            let one = Pipeline::new().with(name.clone(), column.clone());
            if one.to_json().is_ok() { sent.with(name, column.clone()) } else { sent }
        })
    });
    sent.iter().map(|pipeline| serde_json::to_value(pipeline).unwrap()).collect()
}

#[test]
fn what_is_read_back_has_the_same_numbers() {
    let market = Market::small();
    let engine = engine(&market);
    let (start, end) = (market.session(FIRST), market.session(FIRST + 30));
    for value in written() {
        let read: Pipeline = serde_json::from_value(value.clone()).unwrap();
        assert!(read.columns().count() > 40);
        let again = Pipeline::from_json(&read.to_json().unwrap()).unwrap();
        assert_eq!(again, read);
        let options = RunOptions::default();
        let expected = engine.run(&read, start, end, &options).unwrap();
        assert_same_bits(
            &engine.run(&again, start, end, &options).unwrap(),
            &expected,
            "read back",
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_form_makes_a_run_panic(
        which in 0_usize..2,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0_u8..5), 1..4),
    ) {
        let mut value = written().swap_remove(which);
        let terms = value["terms"].as_array_mut().unwrap();
        let count = terms.len();
        for (place, other, how) in changes {
            let (place, other) = (place.index(count), other.index(count));
            let another = terms[other].clone();
            let term = terms[place].as_object_mut().unwrap();
            match how {
                // Another input, another mask, another name, the parameters of another term, one less.
                0 => {
                    if let Some(input) = term.get_mut("inputs").and_then(|inputs| inputs.get_mut(0)) {
                        *input = Value::from(other % (place + 1));
                    }
                }
                1 => {
                    term.insert("mask".to_owned(), Value::from(other % (place + 1)));
                }
                2 => {
                    term.insert("term".to_owned(), another["term"].clone());
                }
                3 => {
                    let inputs = term.get("inputs").cloned();
                    *term = another.as_object().unwrap().clone();
                    if let Some(inputs) = inputs {
                        term.insert("inputs".to_owned(), inputs);
                    }
                }
                _ => {
                    let first = term.keys().find(|name| *name != "term").cloned();
                    first.map(|name| term.remove(&name));
                }
            }
        }
        if let Ok(pipeline) = serde_json::from_value::<Pipeline>(value) {
            let market = Market::small();
            let day = market.session(FIRST + 20);
            // It may well be refused; it is not allowed to stop the program.
            let _ = engine(&market).run(&pipeline, day, day, &RunOptions::default());
        }
    }
}
