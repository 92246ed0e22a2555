//! Applications in memory.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{
    super::{
        holder::Holder,
        store::{Applications, Change, CreatedApplication, KycUser, Member, NewApplication, requirements},
    },
    application::{StoredApplication, UPLOADED, entry, fill_in, status_name},
    state::share_used_up,
    store::Memory,
    timestamp::timestamp,
};
use crate::{
    error::{Error, ErrorKind},
    privacy::Secret,
};

/// Messages, payments, changes of status and later requirements of one application, each.
const MAX_ENTRIES_PER_APPLICATION: usize = 1_000;
/// How long a token for the checking service's own pages serves.
const PAGES_TOKEN_TTL: Duration = Duration::from_secs(300);

impl Memory {
    fn new_application(
        &self,
        holder: &Holder,
        new: NewApplication,
        is_member: bool,
    ) -> Result<String, Error> {
        let (id, now) = (self.id(), timestamp(self.clock.now()));
        let mut state = self.state();
        self.check_capacity(state.applications.len())?;
        let key = holder.key();
        if state.applications.iter().filter(|kept| kept.holder == key).count() >= self.max_per_holder {
            return Err(share_used_up());
        }
        let template = state.template(&new.template_id);
        let mut attributes = Map::new();
        for asked in template.and_then(|template| requirements(&template).ok()).into_iter().flatten() {
            let name = asked.id.clone().unwrap_or_else(|| asked.schema_id.as_str().to_owned());
            attributes.insert(name, entry(&asked, None));
        }
        fill_in(&mut attributes, new.attributes);
        let mut body = json!({
            "id": id, "template": new.template_id, "currentStatus": UPLOADED,
            "statusName": status_name(UPLOADED), "attributes": attributes, "questions": {}, "payments": [],
            "statusLog": [], "owner": holder.key(), "createdAt": now, "updatedAt": now,
        });
        if !new.files.is_empty() {
            body["files"] = new.files.into();
        }
        let mut kept = StoredApplication { holder: holder.key(), body, messages: Vec::new(), is_member };
        kept.set_status(UPLOADED, None, &now);
        state.applications.push(kept);
        Ok(id)
    }
}

impl Applications for Memory {
    async fn create(
        &self,
        holder: &Holder,
        application: NewApplication,
    ) -> Result<CreatedApplication, Error> {
        self.new_application(holder, application, false).map(CreatedApplication::new)
    }

    async fn list(&self, holder: &Holder) -> Result<Vec<Value>, Error> {
        let (state, key) = (self.state(), holder.key());
        let own = state.applications.iter().rev().filter(|kept| kept.holder == key && !kept.is_member);
        Ok(own.map(|kept| kept.body.clone()).collect())
    }

    async fn get(&self, holder: &Holder, id: &str) -> Result<Option<Value>, Error> {
        Ok(self.state().find(holder, id).map(|kept| kept.body.clone()))
    }

    async fn change(&self, holder: &Holder, id: &str, change: Change) -> Result<Option<Value>, Error> {
        if let Change::Status { code, .. } = &change
            && *code != 8
        {
            return Err(Error::new(ErrorKind::Permission, "an applicant can cancel, and nothing else"));
        }
        let (new_id, now) = (self.id(), timestamp(self.clock.now()));
        let mut state = self.state();
        let Some(kept) = state.find(holder, id) else { return Ok(None) };
        if kept.entries(&change) >= MAX_ENTRIES_PER_APPLICATION {
            return Err(share_used_up());
        }
        kept.apply(change, new_id, &now);
        Ok(Some(kept.body.clone()))
    }

    async fn messages(&self, holder: &Holder, id: &str) -> Result<Option<Vec<Value>>, Error> {
        Ok(self.state().find(holder, id).map(|kept| kept.messages.clone()))
    }

    async fn add_member(&self, holder: &Holder, id: &str, member: Member) -> Result<Option<String>, Error> {
        if self.state().find(holder, id).is_none() {
            return Ok(None);
        }
        let new = self.new_application(holder, member.application, true)?;
        let mut state = self.state();
        if let Some(kept) = state.find(holder, &new) {
            kept.body["baseApplicationId"] = id.into();
            kept.body["memberRoles"] = member.roles.into();
            kept.body["shares"] = member.shares.into();
        }
        Ok(Some(new))
    }

    async fn kyc_user(&self, holder: &Holder) -> Result<Option<Value>, Error> {
        Ok(self.state().kyc_users.get(&holder.key()).cloned())
    }

    async fn access_token(&self, holder: &Holder) -> Result<Option<Secret>, Error> {
        let kind = json!({ "tokenType": "PAGES" });
        let token = self.issuer.as_ref().map(|tokens| tokens.issue(&holder.key(), PAGES_TOKEN_TTL, &kind));
        token.transpose()
    }

    async fn create_kyc_user(&self, holder: &Holder, user: KycUser) -> Result<Value, Error> {
        let id = self.id();
        let mut state = self.state();
        self.check_capacity(state.kyc_users.len())?;
        let known = json!({
            "_id": id, "id": id, "email": user.email.expose(), "name": user.name.expose(),
            "entityType": user.entity_type, "did": holder.as_str(),
        });
        Ok(state.kyc_users.entry(holder.key()).or_insert(known).clone())
    }
}
