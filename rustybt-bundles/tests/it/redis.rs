//! A cache that machines share: the same answers whether its server is well, silent, dead or lying.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustybt_bundles::{CacheOptions, Error, RedisOptions, Store};

use crate::column_cache::{answers, level, open, shop};
use crate::fixture::Shop;

/// How a server behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Well,
    /// It takes every question and answers none.
    Silent,
    /// It hangs up at the first question.
    Dying,
    /// It hangs up in the middle of its answers.
    HalfAnswers,
    /// Every answer is an error.
    Refusing,
    /// One bit of every value is another.
    Damaging,
    /// Every value is that of another key.
    Lying,
    /// What it says is not its language.
    Babbling,
    /// It announces more than there is.
    Boasting,
    /// It says a byte now and then, and never ends.
    Dripping,
}

/// As much of a Redis server as a cache needs, in this process.
struct Server {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    manner: Mutex<Manner>,
    entries: Mutex<BTreeMap<Vec<u8>, Vec<u8>>>,
    questions: AtomicUsize,
}

impl Server {
    fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            manner: Mutex::new(manner),
            entries: Mutex::default(),
            questions: AtomicUsize::new(0),
        });
        let own = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&own);
                std::thread::spawn(move || shared.serve(&stream));
            }
        });
        Self { port, shared }
    }

    fn set(&self, manner: Manner) {
        *self.shared.manner.lock().unwrap() = manner;
    }

    fn entries(&self) -> usize {
        self.shared.entries.lock().unwrap().len()
    }

    fn questions(&self) -> usize {
        self.shared.questions.load(Ordering::Relaxed)
    }

    fn caches(&self) -> CacheOptions {
        let redis = Some(RedisOptions::new(format!("redis://127.0.0.1:{}", self.port).as_str()));
        // Nothing in memory, so that everything is asked of the server.
        CacheOptions { memory_bytes: 0, redis, ..CacheOptions::default() }
    }

    fn store(&self, shop: &Shop) -> Store {
        open(shop, &self.caches())
    }
}

impl Shared {
    /// Answers until the other side has enough, or until this manner would not go on.
    fn serve(&self, stream: &TcpStream) -> Option<()> {
        let (mut input, mut output) = (BufReader::new(stream), stream);
        loop {
            let words = command(&mut input)?;
            let verb = String::from_utf8_lossy(&words[0]).to_ascii_uppercase();
            let manner = *self.manner.lock().unwrap();
            if verb == "CLIENT" {
                output.write_all(b"+OK\r\n").ok()?;
                continue;
            }
            self.questions.fetch_add(1, Ordering::Relaxed);
            let answer = self.answer(&verb, &words);
            match manner {
                Manner::Silent => {}
                Manner::Dying => return None,
                Manner::HalfAnswers => {
                    output.write_all(&answer[..answer.len() / 2]).ok()?;
                    return None;
                }
                Manner::Refusing => output.write_all(b"-ERR not today\r\n").ok()?,
                Manner::Babbling => output.write_all(b"HTTP/1.1 200 OK\r\n\r\n").ok()?,
                Manner::Boasting => output.write_all(b"$9999999999\r\nabc").ok()?,
                Manner::Dripping => {
                    output.write_all(b"$1000000\r\n").ok()?;
                    loop {
                        std::thread::sleep(Duration::from_millis(10));
                        output.write_all(b"x").ok()?;
                    }
                }
                Manner::Well | Manner::Damaging | Manner::Lying => {
                    output.write_all(&answer).ok()?;
                }
            }
        }
    }

    fn answer(&self, verb: &str, words: &[Vec<u8>]) -> Vec<u8> {
        let mut entries = self.entries.lock().unwrap();
        let manner = *self.manner.lock().unwrap();
        match verb {
            "GET" => {
                let mut value = entries.get(&words[1]).cloned();
                match (manner, &mut value) {
                    (Manner::Damaging, Some(value)) => {
                        let middle = value.len() / 2;
                        value[middle] ^= 1;
                    }
                    (Manner::Lying, value) => {
                        let other = entries.iter().find(|(key, _)| **key != words[1]);
                        *value = other.map(|(_, value)| value.clone());
                    }
                    _ => {}
                }
                match value {
                    Some(value) => {
                        let head = format!("${}\r\n", value.len()).into_bytes();
                        [head.as_slice(), &value, b"\r\n"].concat()
                    }
                    None => b"$-1\r\n".to_vec(),
                }
            }
            "SET" => {
                assert_eq!((words[3].as_slice(), words[4].as_slice()), (&b"EX"[..], &b"86400"[..]));
                entries.insert(words[1].clone(), words[2].clone());
                b"+OK\r\n".to_vec()
            }
            "DEL" => {
                let gone = entries.remove(&words[1]).is_some();
                format!(":{}\r\n", u8::from(gone)).into_bytes()
            }
            _ => b"+PONG\r\n".to_vec(),
        }
    }
}

/// A command: an array of strings.
fn command(input: &mut impl BufRead) -> Option<Vec<Vec<u8>>> {
    let mut number = |mark: char| {
        let mut line = String::new();
        input.read_line(&mut line).ok()?;
        let count: usize = line.strip_prefix(mark)?.trim_end().parse().ok()?;
        if mark == '*' {
            return Some((count, Vec::new()));
        }
        let mut bytes = vec![0; count + 2];
        input.read_exact(&mut bytes).ok()?;
        bytes.truncate(count);
        Some((count, bytes))
    };
    let (count, _) = number('*')?;
    (0..count).map(|_| number('$').map(|(_, bytes)| bytes)).collect()
}

fn plain(shop: &Shop) -> Vec<Vec<String>> {
    answers(&open(shop, &CacheOptions::none()))
}

#[test]
fn what_one_program_decoded_another_one_finds() {
    let shop = shop();
    let expected = plain(&shop);
    let server = Server::start(Manner::Well);
    // A machine that is busy may be too slow for its own patience: then it is tried again.
    let mut found = None;
    for _ in 0..50 {
        let store = server.store(&shop);
        assert_eq!(answers(&store), expected);
        let redis = level(&store, "redis");
        if redis.hits > 0 {
            found = Some(redis);
            break;
        }
    }
    let found = found.expect("something that the server had");
    assert!(found.misses > 0 && server.entries() > 0, "{found:?}");
}

#[test]
fn nothing_that_a_server_does_changes_an_answer() {
    let shop = shop();
    let expected = plain(&shop);
    for manner in [
        Manner::Silent,
        Manner::Dying,
        Manner::HalfAnswers,
        Manner::Refusing,
        Manner::Damaging,
        Manner::Lying,
        Manner::Babbling,
        Manner::Boasting,
        Manner::Dripping,
    ] {
        let server = Server::start(Manner::Well);
        // Filled by one program, spoilt for another.
        for _ in 0..50 {
            assert_eq!(answers(&server.store(&shop)), expected);
            if server.entries() > 4 {
                break;
            }
        }
        server.set(manner);
        let before = level(&shop.store, "redis");
        let store = server.store(&shop);
        for turn in 0..3 {
            assert_eq!(answers(&store), expected, "{manner:?}, turn {turn}");
        }
        let after = level(&store, "redis");
        assert_eq!(after.hits, before.hits, "{manner:?}");
        assert!(after.failures > before.failures, "{manner:?}");
    }
}

#[test]
fn a_server_that_is_silent_is_soon_left_alone() {
    let shop = shop();
    let expected = plain(&shop);
    let server = Server::start(Manner::Silent);
    let store = server.store(&shop);
    for _ in 0..10 {
        assert_eq!(answers(&store), expected);
    }
    assert!(server.questions() <= 3, "{}", server.questions());
    assert_eq!(level(&store, "redis").failures, 3);
}

#[test]
fn a_server_that_is_not_there_is_no_trouble() {
    let shop = shop();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let redis = Some(RedisOptions::new(format!("redis://127.0.0.1:{port}").as_str()));
    for memory_bytes in [0, 1 << 20] {
        let caches = CacheOptions { memory_bytes, redis: redis.clone(), ..CacheOptions::default() };
        assert_eq!(answers(&open(&shop, &caches)), plain(&shop));
    }
}

#[test]
fn what_is_damaged_on_the_server_is_deleted_there() {
    let shop = shop();
    let server = Server::start(Manner::Well);
    for _ in 0..50 {
        answers(&server.store(&shop));
        if server.entries() > 0 {
            break;
        }
    }
    let before = server.entries();
    assert!(before > 0);
    for value in server.shared.entries.lock().unwrap().values_mut() {
        let last = value.len() - 1;
        value[last] ^= 1;
    }
    let spoilt: Vec<Vec<u8>> = server.shared.entries.lock().unwrap().values().cloned().collect();
    for _ in 0..50 {
        assert_eq!(answers(&server.store(&shop)), plain(&shop));
        let entries = server.shared.entries.lock().unwrap();
        if entries.values().all(|value| !spoilt.contains(value)) {
            return;
        }
    }
    panic!("damaged entries stay");
}

#[test]
fn an_address_that_is_none_is_refused_without_its_password() {
    let shop = shop();
    for url in ["http://:hunter2@host", "redis://:hunter2@host:none", "hunter2"] {
        let redis = Some(RedisOptions::new(url));
        let caches = CacheOptions { redis, ..CacheOptions::default() };
        let error = shop.options.clone().caches(caches).open(shop.folder.path()).unwrap_err();
        assert!(matches!(error, Error::BadRedis { .. }));
        if url != "hunter2" {
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
