//! A server of PostgreSQL that the tests share. It ends with them.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::serving::Serving;

/// A server and the means to stop it.
pub(crate) struct Server {
    pub(super) url: String,
    serving: Serving,
}

impl Server {
    /// A server of one's own; says `skipped: …` where there is none to be had.
    pub(super) fn start() -> Option<Self> {
        let started = Serving::start("postgres_server.py", &[]);
        if started.is_none() {
            println!("skipped: the PostgreSQL server does not start here");
        }
        started.map(|(serving, url)| Self { url, serving })
    }

    /// Ends the server as a crash would, or starts it again.
    pub(super) fn order(&mut self, order: &str) {
        self.serving.order(order);
    }

    /// A catalog that nobody else has.
    pub(crate) fn catalog(&self) -> String {
        format!("{}&schema=s{}", self.url, uuid::Uuid::new_v4().simple())
    }
}

/// The server that every test uses that does not stop it.
pub(crate) fn shared() -> Option<MutexGuard<'static, Server>> {
    static SERVER: OnceLock<Option<Mutex<Server>>> = OnceLock::new();
    let server = SERVER.get_or_init(|| Server::start().map(Mutex::new));
    if server.is_none() {
        println!("skipped: there is no PostgreSQL server");
    }
    server.as_ref().map(|server| server.lock().unwrap_or_else(PoisonError::into_inner))
}
