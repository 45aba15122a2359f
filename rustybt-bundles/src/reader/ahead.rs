//! Reading ahead: what will be asked for next is prepared while something else is asked for.

use std::sync::OnceLock;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

/// Something to prepare.
pub(super) type Errand = Box<dyn FnOnce() + Send>;

/// Tiles that may wait to be prepared: a year of five fields of a few thousand assets.
const WAITING: usize = 20_000;

/// Has something prepared by the one thread that does nothing else. With too much to do already it is
/// left undone: whoever needs it does it then.
pub(super) fn send(errand: Errand) {
    static ERRANDS: OnceLock<Option<SyncSender<Errand>>> = OnceLock::new();
    let errands = ERRANDS.get_or_init(|| {
        let (sender, receiver) = sync_channel::<Errand>(WAITING);
        let work = move || receiver.into_iter().for_each(|errand| errand());
        thread::Builder::new().name("rustybt-ahead".into()).spawn(work).ok().map(|_| sender)
    });
    if let Some(errands) = errands {
        let _ = errands.try_send(errand);
    }
}
