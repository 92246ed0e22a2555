//! Users in memory.

use std::time::Duration;

use serde_json::Value;

use super::{
    super::{
        holder::Holder,
        store::{Login, NewUser, Users},
    },
    store::Memory,
};
use crate::{error::Error, privacy::Secret};

/// How long a user token serves.
const TOKEN_TTL: Duration = Duration::from_secs(300);
/// User tokens of one holder that work at once; a new one takes the place of the oldest.
const MAX_TOKENS_PER_HOLDER: usize = 16;

impl Users for Memory {
    async fn create(&self, holder: &Holder, user: NewUser) -> Result<(), Error> {
        let mut state = self.state();
        if !state.users.contains_key(&holder.key()) {
            self.check_capacity(state.users.len())?;
        }
        state.users.insert(holder.key(), user);
        Ok(())
    }

    async fn token(&self, holder: &Holder, _: &Value) -> Result<Option<Secret>, Error> {
        let random = self.clock.random::<32>().map_err(Error::store)?;
        let token = format!("{}{}", hex::encode(random), self.id());
        let now = self.clock.now();
        let mut state = self.state();
        if !state.users.contains_key(&holder.key()) {
            return Ok(None);
        }
        state.tokens.retain(|_, (_, end)| now < *end);
        let own = state.tokens.iter().filter(|(_, (key, _))| *key == holder.key());
        if own.clone().count() >= MAX_TOKENS_PER_HOLDER
            && let Some(oldest) = own
                .min_by_key(|(token, (_, end))| (*end, drawn_as(token).to_owned()))
                .map(|(token, _)| token.clone())
        {
            state.tokens.remove(&oldest);
        }
        self.check_capacity(state.tokens.len())?;
        state.tokens.insert(token.clone(), (holder.key(), now + TOKEN_TTL));
        Ok(Some(Secret::new(token)))
    }

    async fn login(&self, token: &Secret) -> Result<Login, Error> {
        let taken = self.state().tokens.remove(token.expose());
        Ok(match taken {
            Some((_, end)) if self.clock.now() < end => Login::Accepted { redirect_to: self.landing.clone() },
            _ => Login::Refused { redirect_to: None },
        })
    }
}

/// The part of a token by which the order shows in which tokens were drawn: see [`Memory::id`].
fn drawn_as(token: &str) -> &str {
    token.get(token.len().saturating_sub(8)..).unwrap_or_default()
}
