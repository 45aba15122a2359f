//! [`Redis`]: decoded columns that processes and machines share.
//!
//! One thread speaks with the server. Whoever asks waits 50 ms for its answer and no longer,
//! whatever the server does; after three silences or errors in a row nobody asks any more, and the thread
//! looks every five seconds whether the server is back. What comes back is believed only if it says
//! that it is what was asked for and its hash is right.

mod packed;
mod worker;

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use self::packed::unpack;
use self::worker::{Order, Worker};
use super::columns::{Key, weight};
use super::{Event, Level, RedisOptions, Usage};
use crate::Error;
use crate::format::{Column, Kind};

/// How long anybody waits for the server.
const PATIENCE: Duration = Duration::from_millis(50);
/// How long it is left alone after it failed too often.
const PAUSE: Duration = Duration::from_secs(5);
/// How often in a row it may fail.
const STRIKES: u32 = 3;
/// Questions and gifts that may wait for the thread.
const WAITING: usize = 256;
/// Bytes that may wait to be sent.
const WAITING_BYTES: usize = 64 << 20;
/// How long the end of the process may wait for what is still to be sent.
const FAREWELL: Duration = Duration::from_millis(200);

/// A server that keeps columns for everybody.
pub(crate) struct Redis {
    orders: Option<SyncSender<Order>>,
    shared: Arc<Shared>,
    usage: Arc<Usage>,
    /// Says that the thread has ended.
    ended: Mutex<Receiver<()>>,
}

/// What the thread and those who ask both know.
#[derive(Debug)]
struct Shared {
    /// Whether the server is worth asking.
    up: AtomicBool,
    /// Failures in a row.
    strikes: AtomicU32,
    /// Bytes that wait to be sent.
    waiting: AtomicUsize,
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("shared", &self.shared).finish_non_exhaustive()
    }
}

impl Redis {
    /// The cache at an address. No server is looked for before something is asked.
    pub(super) fn new(options: &RedisOptions, usage: &Arc<Usage>) -> Result<Self, Error> {
        let refused = |error: &dyn fmt::Display| Error::BadRedis {
            url: options.url.clone(),
            reason: error.to_string(),
        };
        let client = redis::Client::open(options.url.address()).map_err(|error| {
            // Its own words may quote the password.
            refused(&error.detail().unwrap_or("it is no address of a Redis server"))
        })?;
        let shared = Arc::new(Shared {
            up: AtomicBool::new(true),
            strikes: AtomicU32::new(0),
            waiting: AtomicUsize::new(0),
        });
        let (orders, receiver) = sync_channel(WAITING);
        let (ending, ended) = sync_channel(0);
        let worker = Worker::new(client, options.ttl, Arc::clone(&shared));
        let work = move || {
            worker.work(&receiver);
            drop(ending);
        };
        let thread = thread::Builder::new().name("rustybt-redis".into()).spawn(work);
        thread.map_err(|error| refused(&error))?;
        let (orders, usage) = (Some(orders), Arc::clone(usage));
        Ok(Self { orders, shared, usage, ended: Mutex::new(ended) })
    }

    /// A column, where the server has it and says so in time.
    pub(super) fn get(&self, key: Key, kind: Kind, rows: usize) -> Option<Column> {
        if !self.shared.up.load(Ordering::Relaxed) {
            return None;
        }
        let (answer, answered) = sync_channel(1);
        let sent = self.orders.as_ref()?.try_send(Order::Get { key, answer });
        let answer = sent.ok().and_then(|()| answered.recv_timeout(PATIENCE).ok());
        let Some(Ok(found)) = answer else {
            self.strike();
            return None;
        };
        self.shared.strikes.store(0, Ordering::Relaxed);
        let Some(bytes) = found else {
            self.usage.count(Level::Redis, Event::Miss);
            return None;
        };
        let column = unpack(&bytes, key, kind, rows);
        if column.is_some() {
            self.usage.count(Level::Redis, Event::Hit);
        } else {
            self.usage.count(Level::Redis, Event::Failure);
            self.send(Order::Delete { key });
        }
        column
    }

    /// Gives the server a column, some time soon.
    pub(super) fn put(&self, key: Key, column: &Arc<Column>) {
        let bytes = weight(column);
        let waiting = self.shared.waiting.load(Ordering::Relaxed);
        if self.shared.up.load(Ordering::Relaxed) && waiting + bytes <= WAITING_BYTES {
            self.shared.waiting.fetch_add(bytes, Ordering::Relaxed);
            self.send(Order::Put { key, column: Arc::clone(column), bytes });
        }
    }

    fn send(&self, order: Order) {
        let refused = self.orders.as_ref().and_then(|orders| orders.try_send(order).err());
        if let Some(error) = refused {
            use std::sync::mpsc::TrySendError::{Disconnected, Full};
            let (Full(order) | Disconnected(order)) = error;
            self.shared.waiting.fetch_sub(order.bytes(), Ordering::Relaxed);
        }
    }

    fn strike(&self) {
        self.usage.count(Level::Redis, Event::Failure);
        if self.shared.strikes.fetch_add(1, Ordering::Relaxed) + 1 >= STRIKES {
            self.shared.up.store(false, Ordering::Relaxed);
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.orders = None;
        if self.shared.up.load(Ordering::Relaxed) {
            let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
            let _ = ended.recv_timeout(FAREWELL);
        }
    }
}
