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
    folder.write(
        "trades/AAPL.csv",
        "ts,price,size,side,venue\n2014-06-09T13:30:00.5Z,92.5,100,buy,Q\n\
         2014-06-09T13:30:01Z,x,1,sell,P\n2014-06-09T13:30:02Z,92.0625,0.5,,\n",
    );
    folder.write(
        "fundamentals.csv",
        "symbol,date,eps\nAAPL,2014-03-31,1.66\nNOBODY,2014-03-31,1\nFB,2014-03-31,0.25\n",
    );
    folder.write("fx_rates.csv", "date,base,quote,mid\n2014-06-09,EUR,USD,1.3593\n");
    let source = folder.source();
    conformance::source(&source, &everything());
    conformance::source(&source, &only(Frequency::DAILY));
    conformance::source(&source, &only(Frequency::MINUTE));
    let mut selection = everything();
    selection.start = Some("2014-06-09".parse().unwrap());
    selection.end = selection.start;
    conformance::source(&source, &selection);
}
