//! [`Disk`]: what a power cut leaves of files that were written, synced or neither.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a disk writes at once, and what a file system does.
pub(crate) const SECTOR: usize = 512;
pub(crate) const PAGE: usize = 4096;

#[derive(Debug, Clone)]
pub(crate) enum Node {
    File(Content),
    Folder { live: Names, durable: Names },
}

pub(crate) type Names = BTreeMap<String, usize>;

#[derive(Debug, Clone, Default)]
pub(crate) struct Content {
    pub(crate) live: Arc<Vec<u8>>,
    pub(crate) durable: Arc<Vec<u8>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Disk {
    pub(crate) nodes: Vec<Node>,
}

impl Disk {
    pub(crate) fn new() -> Self {
        Self { nodes: vec![Node::Folder { live: Names::new(), durable: Names::new() }] }
    }

    pub(crate) fn find(&self, path: &[String]) -> Option<usize> {
        path.iter().try_fold(0, |at, name| match &self.nodes[at] {
            Node::Folder { live, .. } => live.get(name).copied(),
            Node::File(_) => None,
        })
    }

    pub(crate) fn names(&mut self, folder: usize) -> &mut Names {
        match &mut self.nodes[folder] {
            Node::Folder { live, .. } => live,
            Node::File(_) => panic!("a file, not a folder"),
        }
    }

    pub(crate) fn parent(&self, path: &[String]) -> io::Result<(usize, String)> {
        let (name, above) = path.split_last().unwrap();
        Ok((self.find(above).ok_or(ErrorKind::NotFound)?, name.clone()))
    }

    pub(crate) fn add(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// What is found after a power cut.
    pub(crate) fn after(mut self, mode: Mode, seed: u64) -> Self {
        let mut dice = Dice(seed);
        for node in &mut self.nodes {
            match (mode, node) {
                (Mode::Kill, Node::File(content)) => content.durable = Arc::clone(&content.live),
                (Mode::Kill, Node::Folder { live, durable }) => *durable = live.clone(),
                (Mode::Drop, Node::File(content)) => content.live = Arc::clone(&content.durable),
                (Mode::Drop, Node::Folder { live, durable }) => *live = durable.clone(),
                (Mode::Full, Node::File(content)) => {
                    content.live = Arc::new(torn(content, &mut dice));
                    content.durable = Arc::clone(&content.live);
                }
                (Mode::Full, Node::Folder { live, durable }) => {
                    let all: Vec<String> = live.keys().chain(durable.keys()).cloned().collect();
                    for name in all {
                        let from = if dice.coin() { &*live } else { &*durable };
                        match from.get(&name).copied() {
                            Some(node) => durable.insert(name.clone(), node),
                            None => durable.remove(&name),
                        };
                        match durable.get(&name).copied() {
                            Some(node) => live.insert(name, node),
                            None => live.remove(&name),
                        };
                    }
                }
            }
        }
        self
    }

    pub(crate) fn files(&self, at: usize, path: &Path, found: &mut Vec<(PathBuf, u64)>) {
        match &self.nodes[at] {
            Node::File(content) => found.push((path.to_owned(), content.live.len() as u64)),
            Node::Folder { live, .. } => {
                for (name, &node) in live {
                    self.files(node, &path.join(name), found);
                }
            }
        }
    }
}

/// Some pages of what was not synced are there, some are not, some are there in part; of those that
/// are not, the length may be.
pub(crate) fn torn(content: &Content, dice: &mut Dice) -> Vec<u8> {
    let (live, durable) = (&content.live, &content.durable);
    if live == durable {
        return live.to_vec();
    }
    let mut found = durable.to_vec();
    let length = if dice.coin() { live.len() } else { dice.below(live.len() + 1) };
    found.resize(length.max(durable.len()), 0);
    for from in (0..found.len().min(live.len())).step_by(PAGE) {
        let page = from..(from + PAGE).min(found.len()).min(live.len());
        match dice.below(3) {
            0 => {}
            1 => found[page.clone()].copy_from_slice(&live[page]),
            _ => {
                for from in page.clone().step_by(SECTOR).filter(|_| dice.coin()) {
                    let sector = from..(from + SECTOR).min(page.end);
                    found[sector.clone()].copy_from_slice(&live[sector]);
                }
            }
        }
    }
    found
}

/// How much of what was not synced a power cut leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// All of it: only the process died.
    Kill,
    /// Nothing.
    Drop,
    /// Anything.
    Full,
}

/// A generator that gives the same numbers everywhere.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    pub(crate) fn coin(&mut self) -> bool {
        self.next() & 1 == 1
    }
}
