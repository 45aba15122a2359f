//! The suite that every source must pass.

use rustybt_data::{Frequency, conformance};

use crate::fixture::{Folder, everything, only};

#[test]
fn csvdir_keeps_the_contract_of_a_source() {
    let folder = Folder::of(&["AAPL", "BAC", "FB"]);
    folder.write(
        "minute/AAPL.csv",
        "datetime,open,high,low,close,volume\n2014-06-09 09:30,1,1,1,1,1\n2014-06-09 09:31,x,1,1,1,1\n",
    );
    folder.write("daily/EMPTY.csv", "");
    folder.write(
        "daily/ZIPLINE.csv",
        "date,open,high,low,close,volume,dividend,split\n\
         2014-06-06,4,4,4,4,4,0.0,1.0\n2014-06-09,2,2,2,2,2,0.1,2.0\n2014-06-10,2,2,2\n",
    );
    folder.write("assets.csv", "sid,symbol\n7,FB\nx,AAPL\n");
    folder.write(
        "symbol_map.csv",
        "asset,through_date,symbol\nFB,2022-06-08,FB\nFB,2050-12-31,META\n",
    );
    folder.write(
        "splits.csv",
        "symbol,effective_date,ratio\nAAPL,2014-06-09,0.1428572\nIBM,1999-05-27,0.5\n",
    );
    let source = folder.source();
    conformance::source(&source, &everything());
    conformance::source(&source, &only(Frequency::DAILY));
    conformance::source(&source, &only(Frequency::MINUTE));
    let mut selection = everything();
    selection.start = Some("2014-06-09".parse().unwrap());
    selection.end = selection.start;
    conformance::source(&source, &selection);
}
