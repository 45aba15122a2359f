//! [`Watched`]: a source that is told what to do when it is asked.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustybt_bundles::Stop;
use rustybt_data::{
    Delivery, Part, Selection, Source, SourceError, Survey, TableDelivery, TablePart,
};

use crate::fixture::Listed;

/// A source that counts what it is asked for, and does something at the n-th fetch.
#[derive(Debug)]
pub(crate) struct Watched<'a, S = Listed> {
    pub(crate) market: S,
    pub(crate) dear: bool,
    pub(crate) fetched: Mutex<Vec<String>>,
    pub(crate) at: usize,
    pub(crate) then: Then<'a>,
    pub(crate) asked: AtomicUsize,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Then<'a> {
    Nothing,
    Stop(&'a Stop),
    Panic,
    Fail,
}

impl<'a, S: Source> Watched<'a, S> {
    pub(crate) fn new(market: S) -> Self {
        let fetched = Mutex::default();
        Self { market, dear: true, fetched, at: 0, then: Then::Nothing, asked: AtomicUsize::new(0) }
    }

    pub(crate) fn then(self, at: usize, then: Then<'a>) -> Self {
        Self { at, then, ..self }
    }

    pub(crate) fn fetched(&self) -> Vec<String> {
        let mut fetched = self.fetched.lock().unwrap().clone();
        fetched.sort();
        fetched
    }
}

impl<S: Source> Watched<'_, S> {
    /// Something may happen when a part is asked for.
    pub(crate) fn asked(&self) -> Result<(), SourceError> {
        if self.asked.fetch_add(1, Ordering::SeqCst) != self.at {
            return Ok(());
        }
        match self.then {
            Then::Nothing => {}
            Then::Stop(stop) => stop.interrupt(),
            Then::Panic => panic!("canary-secret went wrong"),
            Then::Fail => {
                let error = std::io::Error::other("GET /?key=canary-secret: no route");
                return Err(SourceError::new(error).transient());
            }
        }
        Ok(())
    }
}

impl<S: Source> Source for Watched<'_, S> {
    fn name(&self) -> &'static str {
        "watched"
    }

    fn survey(&self, selection: &Selection) -> Result<Survey, SourceError> {
        self.market.survey(selection)
    }

    fn fetch(&self, part: &Part, selection: &Selection) -> Result<Delivery, SourceError> {
        self.asked()?;
        let delivery = self.market.fetch(part, selection)?;
        self.fetched.lock().unwrap().push(part.name.clone());
        Ok(delivery)
    }

    fn fetch_table(
        &self,
        part: &TablePart,
        selection: &Selection,
    ) -> Result<TableDelivery, SourceError> {
        self.asked()?;
        let delivery = self.market.fetch_table(part, selection)?;
        self.fetched.lock().unwrap().push(part.name.clone());
        Ok(delivery)
    }

    fn is_dear(&self) -> bool {
        self.dear
    }
}
