//! [`prepare`]: reading ahead, what will be asked for next while something else is asked for.

use std::sync::OnceLock;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

type Errand = Box<dyn FnOnce() + Send>;

/// What may wait to be prepared: a year of five fields of a few thousand assets.
const WAITING: usize = 20_000;

/// Has something prepared by the one thread of the process that does nothing else, in the order it is told.
///
/// It is for readers that see that somebody walks forward. With too much to do already, or where no thread may be
/// started, it is left undone: whoever needs it does it then. An errand has its reader by a
/// [`Weak`](std::sync::Weak), so that it keeps nothing alive.
pub fn prepare(errand: impl FnOnce() + Send + 'static) {
    static ERRANDS: OnceLock<Option<SyncSender<Errand>>> = OnceLock::new();
    let errands = ERRANDS.get_or_init(|| {
        let (sender, receiver) = sync_channel::<Errand>(WAITING);
        let work = move || receiver.into_iter().for_each(|errand| errand());
        thread::Builder::new().name("rustybt-ahead".into()).spawn(work).ok().map(|_| sender)
    });
    if let Some(errands) = errands {
        let _ = errands.try_send(Box::new(errand));
    }
}
