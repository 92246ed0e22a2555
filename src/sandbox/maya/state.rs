//! State of the fake: tokens, customers, links.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::SystemTime,
};

use serde_json::Value;

use super::Spoil;
use crate::sandbox::Person;

#[derive(Default)]
pub(super) struct Store {
    /// Client tokens and when they end.
    pub(super) client_tokens: HashMap<String, SystemTime>,
    /// Customer access tokens, with owner and end.
    pub(super) access: HashMap<String, (u64, SystemTime)>,
    /// Customer refresh tokens that were not used yet.
    pub(super) refresh: HashMap<String, u64>,
    pub(super) spent: HashSet<String>,
    pub(super) replayed: u64,
    /// Every `Request-Reference-No` so far.
    pub(super) references: HashSet<String>,
    pub(super) people: HashMap<u64, Person>,
    pub(super) profiles: HashMap<u64, Value>,
    /// Links to documents: until when, and what is behind them.
    pub(super) links: HashMap<String, (SystemTime, File)>,
    pub(super) spoils: VecDeque<Spoil>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum File {
    Image,
    Video,
}

impl Store {
    pub(super) fn person(&mut self, customer: u64) -> Person {
        self.people.entry(customer).or_insert_with(|| Person::from_seed(customer)).clone()
    }

    pub(super) fn revoke(&mut self, customer: u64) {
        self.access.retain(|_, (owner, _)| *owner != customer);
        self.refresh.retain(|_, owner| *owner != customer);
    }

    /// Takes a refresh token once.
    pub(super) fn spend(&mut self, refresh_token: &str) -> Option<u64> {
        match self.refresh.remove(refresh_token) {
            Some(customer) => {
                self.spent.insert(refresh_token.to_owned());
                self.access.retain(|_, (owner, _)| *owner != customer);
                Some(customer)
            }
            None => {
                self.replayed += u64::from(self.spent.contains(refresh_token));
                None
            }
        }
    }
}
