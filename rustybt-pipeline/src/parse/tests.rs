//! Messages as text, and whatever text may come.

use std::fmt::Write;

use proptest::prelude::*;

use super::parse;

const MOMENTUM: &str = include_str!("../../../examples/momentum.pipe");

fn message(text: &str) -> String {
    parse(text, "a.pipe").map(|_| String::new()).unwrap_err().to_string()
}

/// The first line of a message, without the file.
fn first(text: &str) -> String {
    let message = message(text);
    message.lines().next().unwrap().strip_prefix("a.pipe:").unwrap().to_owned()
}

#[test]
fn the_example_is_read_as_it_stands() {
    let pipeline = parse(MOMENTUM, "momentum.pipe").unwrap();
    let names: Vec<&str> = pipeline.columns().map(|(name, _)| name).collect();
    assert_eq!(names, ["sma_20", "rsi", "rank"]);
    assert!(pipeline.screen_filter().is_some());
}

#[test]
fn files_and_expressions_build_the_same_pipeline() {
    use crate::{
        AverageDollarVolume, CustomFactor, EquityPricing, Pipeline, Rank, Returns, Rsi,
        SimpleMovingAverage,
    };
    let liquid = AverageDollarVolume::new(20).unwrap().factor().unwrap().top(500, None);
    let momentum = Returns::new(252).unwrap().factor().unwrap().zscore(Some(&liquid));
    let built = Pipeline::new()
        .with("sma_20", SimpleMovingAverage::new(20).unwrap().on([EquityPricing::CLOSE]).unwrap())
        .with("rsi", Rsi::new(14).unwrap().factor().unwrap())
        .with("rank", momentum.rank(Rank::descending(), Some(&liquid)))
        .screen(&liquid & EquityPricing::CLOSE.latest().gt(5.0));
    assert_eq!(parse(MOMENTUM, "momentum.pipe").unwrap(), built);
}

#[test]
fn a_message_shows_the_place() {
    assert_eq!(
        message("close = EquityPricing.close\nmom = Returns(window_length=252).ranks()\n"),
        "a.pipe:2:34: unknown method `ranks` of a factor; did you mean `rank`?\n\
         \x20 |\n\
         2 | mom = Returns(window_length=252).ranks()\n\
         \x20 |                                  ^^^^^"
    );
    assert_eq!(
        message("x = (1 +\n\t\u{e9}t\u{e9})\n"),
        "a.pipe:2:2: unknown name `\u{e9}t\u{e9}`\n\
         \x20 |\n\
         2 | \t\u{e9}t\u{e9})\n\
         \x20 | \t^^^"
    );
}

#[test]
fn every_mistake_has_its_message() {
    for (text, expected) in [
        ("", "1:1: the file makes no pipeline; end it with `Pipeline(columns={…}, screen=…)`"),
        (
            "x = 1\n",
            "1:5: the file makes no pipeline; end it with `Pipeline(columns={…}, screen=…)`",
        ),
        ("x = Retruns(window_length=2)", "1:5: unknown name `Retruns`; did you mean `Returns`?"),
        (
            "EquityPricing.clsoe",
            "1:15: unknown column `clsoe` of EquityPricing; did you mean `close`?",
        ),
        (
            "EquityPricing.closed",
            "1:15: unknown column `closed` of EquityPricing; did you mean `close`?",
        ),
        (
            "SimpleMovingAverage(inputs=[EquityPricing.close])",
            "1:1: `SimpleMovingAverage` needs `window_length=`",
        ),
        ("SimpleMovingAverage(window_length=3)", "1:1: `SimpleMovingAverage` needs `inputs=[…]`"),
        (
            "RSI(window_lenght=3)",
            "1:5: `RSI` takes no argument `window_lenght`; did you mean `window_length`?",
        ),
        (
            "RSI(window_length=2.5)",
            "1:19: `window_length` of `RSI` is a whole number from 0 on, not 2.5",
        ),
        ("RSI(window_length=1)", "1:1: `RSI` needs a window of at least 2 rows, not 1"),
        (
            "RSI(window_length='x')",
            "1:19: `window_length` of `RSI` is a whole number, not a string",
        ),
        ("RSI(window_length=3, window_length=4)", "1:22: `window_length` is given twice"),
        (
            "RSI(inputs=EquityPricing.close)",
            "1:12: `inputs` of `RSI` is a list of columns or factors, as in `[close]`, not a column",
        ),
        ("RSI(mask=RSI())", "1:10: `mask` of `RSI` is a filter, not a factor"),
        ("RSI([], 1, 2, 3)", "1:15: `RSI` takes at most 3 argument(s)"),
        (
            "RSI(window_length=3, [])",
            "1:22: an argument without a name cannot follow one with a name",
        ),
        (
            "RSI().rank(method='averge')",
            "1:19: `averge` is no method of ranking; did you mean `average`?",
        ),
        ("RSI().rank(groupby=1)", "1:20: `groupby` of `rank` is a classifier, not a number"),
        (
            "Pipeline({'x': RSI().mean()})",
            "1:10: the column `x` has one value a session, not one an asset; use it in an expression with a factor instead",
        ),
        (
            "Pipeline({'x': BollingerBands(window_length=3, k=2)})",
            "1:10: the column `x` is a factor with several outputs; take one, as in `.lower`",
        ),
        (
            "Aroon(window_length=3).upp",
            "1:24: unknown output `upp` of a factor with several; did you mean `up`?",
        ),
        ("a, b, c = Aroon(window_length=3)", "1:11: 3 names are assigned to, and this is 2 parts"),
        ("RSI()['AAPL']", "1:7: an asset was expected, as in `[symbol('AAPL')]`, not a string"),
        (
            "RSI().quantiles(4).eq('x')",
            "1:20: `== \"x\"` cannot be asked of labels that are integers",
        ),
        ("RSI().clip(3, 1)", "1:7: `clip` needs two bounds, the lower one first, not 3 and 1"),
        (
            "RSI().downsample('month')",
            "1:18: `month` is no frequency of downsampling; known are `year_start`, `quarter_start`, `month_start`, `week_start`",
        ),
        (
            "EWMA(inputs=[RSI()], window_length=3, decay_rate=2)",
            "1:1: `ExponentialWeightedMovingAverage` needs a decay above 0 and up to 1, not 2",
        ),
        ("RSI().top()", "1:7: `top` needs `N=`"),
        (
            "RSI().percentile_between(90, 10)",
            "1:7: percentiles run from 0 to 100, the lower one first; found 90 and 10",
        ),
        (
            "RSI() > 5 & RSI() < 3",
            "1:19: comparisons cannot be chained, and `&` and `|` bind tighter than they do; put each in brackets, as in `(a < b) & (b < c)`",
        ),
        (
            "RSI() > 5 & RSI()",
            "1:11: `&` binds tighter than comparisons; put each in brackets, as in `(a > 1) & (b > 2)`",
        ),
        (
            "1 < RSI() < 3",
            "1:11: comparisons cannot be chained, and `&` and `|` bind tighter than they do; put each in brackets, as in `(a < b) & (b < c)`",
        ),
        (
            "EquityPricing.close > 5",
            "1:21: `>` cannot join a column and a number; write `EquityPricing.close.latest`",
        ),
        ("EquityPricing.close.rank()", "1:21: a column has no `rank`; write `.latest.rank`"),
        ("RSI() and RSI()", "1:7: `and` cannot be used: use `&` between filters, each in brackets"),
        (
            "def make():",
            "1:1: `def` cannot be used: there are no functions here; write assignments, then `Pipeline(...)`",
        ),
        (
            "x = if",
            "1:5: `if` cannot be used: there are no conditions here; use `&`, `|` and `~` on filters",
        ),
        (
            "Pipeline(columns={'x': EquityPricing.close})",
            "1:18: the column `x` is `EquityPricing.close`; write `EquityPricing.close.latest`",
        ),
        ("Pipeline(columns={'x': 1})", "1:18: the column `x` is a number, not a factor or filter"),
        ("Pipeline(columns={'x': RSI(), 'x': RSI()})", "1:31: the name \"x\" comes twice"),
        ("Pipeline(columns={1: RSI()})", "1:19: a name in quotes was expected, not a number"),
        (
            "Pipeline(columns=[RSI()])",
            "1:18: `columns` is a dictionary of names and terms, not a list",
        ),
        ("Pipeline(screen=RSI())", "1:17: `screen` of `Pipeline` is a filter, not a factor"),
        (
            "SimpleMovingAverage(inputs=[EquityPricing.close.latest], window_length=3)",
            "1:1: `SimpleMovingAverage` looks back over `latest`, whose past values are not restated after a split; use returns, a rank, a z-score or a column instead, or mark the factor window safe",
        ),
        ("x = (1", "1:5: this `(` is never closed"),
        ("x = 1)", "1:6: this `)` closes nothing"),
        ("x = (1]", "1:7: found `]` where `)` was expected"),
        ("x = 'abc\n", "1:5: this string is not closed on its line"),
        ("x = '''abc\n", "1:5: this string is never closed"),
        ("x = 1 2", "1:7: found `2` where an operator or the end of the line was expected"),
        ("x = ", "1:5: found the end of the line where a value was expected"),
        ("x = 1.2.3", "1:5: `1.2.3` is no number"),
        ("x = 1e999", "1:5: `1e999` is no number"),
        ("x = $", "1:5: `$` means nothing in a pipeline file"),
        ("x += 1", "1:3: found `+=` where an operator or the end of the line was expected"),
        ("x = y = 1", "1:7: one name can be assigned to at a time; `==` compares"),
        ("1 = 2", "1:1: only a plain name can be assigned to"),
        ("RSI()()", "1:1: a factor cannot be called"),
        ("~RSI()", "1:1: `~` cannot stand before a factor"),
        (
            "StaticAssets(['AAPL'])",
            "1:14: `assets` holds a string; write `symbol('AAPL')` or `sid(2)`",
        ),
        (
            "RSI().top(3).rank()",
            "1:14: a filter has no `rank`; filters are joined by `&`, `|` and `~`",
        ),
    ] {
        assert_eq!(first(text), expected, "of {text}");
    }
}

#[test]
fn the_language_has_what_people_paste() {
    let text = r"
'''A docstring.'''
from zipline.pipeline import (
    Pipeline,
)
import numpy as np  # ignored
closes, = 1, 2
";
    assert_eq!(first(text), "7:9: found `=` where a value was expected");
    let text = r#"
"""A docstring."""
from zipline.pipeline import (
    Pipeline,
)
import numpy as np  # ignored

close = USEquityPricing.close; window = 2 * 10 \
    + 5
base = StaticAssets([symbol('AAPL'), sid(2)]) | StaticSids((3, 4,))
scaled = -(close.latest - 1_000.5e-1) ** 2 / 3 % 7
pipe = Pipeline({
    "scaled": scaled.abs().log1p(),
    'calm': Returns(inputs=(close,), window_length=window).bottom(10, mask=base),
    "ranked": RSI().rank('min', False).eq(1),
    "half": 5 > close.latest,
}, screen=~base & RSI().notnull())
"#;
    let pipeline = parse(text, "b.pipe").unwrap();
    assert_eq!(pipeline.columns().count(), 4);
    let half = parse("Pipeline({'half': EquityPricing.close.latest < 5})", "c.pipe").unwrap();
    assert_eq!(half.columns().next().unwrap().1, pipeline.columns().last().unwrap().1);
}

#[test]
fn everything_that_documents_of_zipline_say() {
    use crate::{BoundColumn, ColumnKind};
    let columns = [
        BoundColumn::of_kind("Company", "sector", ColumnKind::Text),
        BoundColumn::of_kind("Company", "size", ColumnKind::Integer),
        BoundColumn::of_kind("Company", "listed", ColumnKind::Flag),
        BoundColumn::of_kind("Company", "reported", ColumnKind::Time),
    ];
    let text = include_str!("../../tests/it/golden/language.pipe");
    let pipeline = super::parse_with(text, "language.pipe", &columns).unwrap();
    assert!(pipeline.columns().count() > 60);
}

#[test]
fn signs_bind_as_in_python() {
    let close = "EquityPricing.close.latest";
    for (one, other) in [
        ("-c ** 2", "-(c ** 2)"),
        ("2 ** -c", "2 ** (-c)"),
        ("c ** 2 ** 3", "c ** (2 ** 3)"),
        ("c - 1 - 2", "(c - 1) - 2"),
        ("c + 2 * 3", "c + (2 * 3)"),
        ("c / 2 % 3", "(c / 2) % 3"),
        ("(c > 1) | (c > 2) & (c > 3)", "(c > 1) | ((c > 2) & (c > 3))"),
        ("~(c > 1) & (c > 2)", "(~(c > 1)) & (c > 2)"),
        ("c + 1 > c * 2", "(c + 1) > (c * 2)"),
    ] {
        let built =
            |text: &str| parse(&format!("c = {close}\nPipeline({{'x': {text}}})"), "p").unwrap();
        assert_eq!(built(one), built(other), "{one}");
    }
}

#[test]
fn depth_is_bounded() {
    for text in [
        "(".repeat(50_000),
        "-".repeat(50_000) + "1",
        "~".repeat(50_000),
        "2".to_owned() + &"**2".repeat(50_000),
        "1".to_owned() + &"+1".repeat(50_000),
        "x".to_owned() + &".y".repeat(50_000),
        "x".to_owned() + &"()".repeat(50_000),
        "[".repeat(50_000) + &"]".repeat(50_000),
        "{'a':".repeat(50_000),
    ] {
        let message = message(&text);
        assert!(message.lines().count() == 4 && message.len() < 1000, "{message}");
    }
    // Names do not hide a chain.
    let mut text = "x = EquityPricing.close.latest\n".to_owned();
    (0..20_000).for_each(|_| text.push_str("x = x + 1\n"));
    assert_eq!(first(&text), "10001:5: this is built on too many steps");
    // Neither does sharing make it large.
    let mut text = "x = EquityPricing.close.latest\n".to_owned();
    (0..300).for_each(|_| writeln!(text, "x = x + x").unwrap());
    text.push_str("Pipeline({'x': x, 'y': x})");
    assert_eq!(parse(&text, "p").unwrap().columns().count(), 2);
}

proptest! {
    #[test]
    fn any_text_is_a_pipeline_or_a_mistake(text in "\\PC*") {
        if let Err(error) = parse(&text, "fuzz") {
            prop_assert!(error.to_string().starts_with("fuzz:"));
        }
    }

    #[test]
    fn any_words_are_a_pipeline_or_a_mistake(words in prop::collection::vec(0_usize..WORDS.len(), 0..40)) {
        let text: String = words.iter().map(|word| WORDS[*word]).collect();
        if let Err(error) = parse(&text, "fuzz") {
            prop_assert!(error.to_string().starts_with("fuzz:"));
        }
    }

    #[test]
    fn any_cut_of_a_file_is_a_pipeline_or_a_mistake(at in 0_usize..600, with in "\\PC{0,3}") {
        let at = MOMENTUM.char_indices().map(|(i, _)| i).filter(|i| *i <= at).max().unwrap_or(0);
        let text = format!("{}{with}{}", &MOMENTUM[..at], &MOMENTUM[at..]);
        if let Err(error) = parse(&text, "fuzz") {
            prop_assert!(error.to_string().starts_with("fuzz:"));
        }
    }
}

const WORDS: [&str; 40] = [
    "x",
    "y",
    " = ",
    "\n",
    "EquityPricing",
    ".close",
    ".latest",
    ".rank",
    ".top",
    ".zscore",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "'a'",
    "\"b",
    "1",
    "2.5",
    "True",
    "None",
    "RSI()",
    "Returns",
    "window_length=",
    "inputs=",
    "mask=",
    "Pipeline",
    "columns=",
    "screen=",
    " + ",
    " ** ",
    " & ",
    " > ",
    "~",
    "-",
    "#",
    "\\\n",
];

#[test]
fn a_pipeline_has_one_market() {
    let domain = |text: &str| {
        parse(text, "a.pipe").map(|pipeline| pipeline.domain().map(ToString::to_string))
    };
    let named = |name: &str| Some(name.to_owned());
    for (text, expected) in [
        ("Pipeline({'x': EquityPricing.close.latest})", None),
        ("Pipeline({'x': EquityPricing.close.latest}, domain=GENERIC)", None),
        ("Pipeline({'x': EquityPricing.close.latest}, domain=JP_EQUITIES)", named("JP_EQUITIES")),
        ("Pipeline({'x': USEquityPricing.close.latest})", named("US_EQUITIES")),
        (
            "Pipeline(domain=US_EQUITIES, columns={'x': USEquityPricing.close.latest})",
            named("US_EQUITIES"),
        ),
        (
            "Pipeline({'x': EquityPricing.specialize(GB_EQUITIES).close.latest})",
            named("GB_EQUITIES"),
        ),
        ("Pipeline({'x': EquityPricing.close.specialize(CRYPTO).latest})", named("CRYPTO")),
        (
            "Pipeline({'x': RSI()}, domain=EquityCalendarDomain('DE', 'XETR'))",
            named("equities of DE on XETR"),
        ),
    ] {
        assert_eq!(domain(text).unwrap(), expected, "{text}");
    }
    for (text, expected) in [
        (
            "Pipeline({'x': USEquityPricing.close.latest}, domain=GB_EQUITIES)",
            "1:16: this is of US_EQUITIES, and the pipeline of GB_EQUITIES",
        ),
        (
            "a = USEquityPricing.close\nb = EquityPricing.specialize(CA_EQUITIES).close\nPipeline({})",
            "2:5: this is of CA_EQUITIES, and the data of line 1 are of US_EQUITIES: a pipeline has one market",
        ),
        (
            "Pipeline({}, domain='US')",
            "1:21: `domain` is a domain, as in `US_EQUITIES`, not a string",
        ),
        ("Pipeline({}, domain=US_EQUITY)", "1:21: unknown name `US_EQUITY`"),
        ("EquityPricing.specialize('US')", "1:1: `specialize` takes a domain, as in `US_EQUITIES`"),
    ] {
        assert_eq!(first(text), expected, "{text}");
    }
}
