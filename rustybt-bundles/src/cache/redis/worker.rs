//! The thread that speaks with the server.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

use redis::{Client, Connection, RedisResult, ToRedisArgs, cmd};

use super::packed::pack;
use super::{PATIENCE, PAUSE, Shared};
use crate::cache::columns::Key;
use crate::format::Column;

/// What the thread is told to do.
pub(super) enum Order {
    /// Fetch an entry.
    Get { key: Key, answer: SyncSender<RedisResult<Option<Vec<u8>>>> },
    /// Send a column, of so many bytes.
    Put { key: Key, column: Arc<Column>, bytes: usize },
    /// Delete an entry that is not what it should be.
    Delete { key: Key },
}

impl Order {
    /// The bytes that wait with it.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Put { bytes, .. } => *bytes,
            Self::Get { .. } | Self::Delete { .. } => 0,
        }
    }
}

/// The one that carries orders out.
pub(super) struct Worker {
    client: Client,
    /// Seconds after which the server forgets an entry.
    ttl: u64,
    connection: Option<Connection>,
    shared: Arc<Shared>,
}

impl Worker {
    pub(super) fn new(client: Client, ttl: Duration, shared: Arc<Shared>) -> Self {
        Self { client, ttl: ttl.as_secs().max(1), connection: None, shared }
    }

    /// Does what it is told until nobody can tell it anything any more.
    pub(super) fn work(mut self, orders: &Receiver<Order>) {
        loop {
            let order = match orders.recv_timeout(PAUSE) {
                Ok(order) => order,
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {
                    self.look_whether_it_is_back();
                    continue;
                }
            };
            self.shared.waiting.fetch_sub(order.bytes(), Ordering::Relaxed);
            // What was ordered before the server failed is not worth another wait.
            if self.shared.up.load(Ordering::Relaxed) {
                self.carry_out(order);
            }
        }
    }

    fn look_whether_it_is_back(&mut self) {
        if self.shared.up.load(Ordering::Relaxed) {
            return;
        }
        if self.ask::<String>("PING", &[] as &[&str]).is_ok() {
            self.shared.strikes.store(0, Ordering::Relaxed);
            self.shared.up.store(true, Ordering::Relaxed);
        }
    }

    fn carry_out(&mut self, order: Order) {
        match order {
            Order::Get { key, answer } => {
                let found = self.ask::<Option<Vec<u8>>>("GET", name(key));
                // Nobody may be waiting any more.
                let _ = answer.try_send(found);
            }
            Order::Put { key, column, .. } => {
                if let Some(packed) = pack(&column, key) {
                    let _ = self.ask::<redis::Value>("SET", (name(key), packed, "EX", self.ttl));
                }
            }
            Order::Delete { key } => {
                let _ = self.ask::<redis::Value>("DEL", name(key));
            }
        }
    }

    fn ask<T: redis::FromRedisValue>(
        &mut self,
        command: &'static str,
        arguments: impl ToRedisArgs,
    ) -> RedisResult<T> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        let answer = cmd(command).arg(arguments).query(&mut connection);
        // After an error nobody knows which answer would come next.
        if answer.is_ok() {
            self.connection = Some(connection);
        }
        answer
    }

    fn connect(&self) -> RedisResult<Connection> {
        let connection = self.client.get_connection_with_timeout(PATIENCE)?;
        connection.set_read_timeout(Some(PATIENCE))?;
        connection.set_write_timeout(Some(PATIENCE))?;
        Ok(connection)
    }
}

/// What an entry is called on the server.
fn name(key: Key) -> String {
    format!("rustybt:column:{}", blake3::Hash::from_bytes(key.0).to_hex())
}
