//! New entities. The provider has deprecated this.

use serde::{Deserialize, Serialize};

use super::{
    Client,
    envelope::{self, Content},
    named,
};
use crate::{
    clock::Clock,
    credify::{
        keys::{DecryptionKey, SigningKey},
        model::{EntityKeys, EntityProfile},
    },
    error::Error,
    privacy::{Pii, Secret},
    wire::unread::Unread,
};

impl EntityKeys {
    /// Makes both pairs of keys, with the private ones protected by the entity's password.
    ///
    /// The RSA key has 3072 bits and takes up to seconds of a processor's time: do it on a pool for blocking work.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for an empty password;
    /// [`Configuration`](crate::ErrorKind::Configuration) when there is no randomness.
    pub fn generate(password: &Secret, clock: &Clock) -> Result<Self, Error> {
        if password.expose().is_empty() {
            return Err(no_password());
        }
        let (signing, encryption) = (SigningKey::generate(clock)?, DecryptionKey::generate()?);
        Ok(Self::new(
            signing.verifying_key().to_pem(),
            signing.to_encrypted_pem(password, clock)?,
            encryption.encryption_key()?.to_pem()?,
            encryption.to_encrypted_pem(password, clock)?,
        ))
    }
}

impl Client {
    /// Creates a person or an organisation, and gives its id: `POST v1/idpass/users`. Sent once. Deprecated by the
    /// provider.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kyckit::Error> {
    /// use kyckit::credify::{Client, model::{EntityKeys, EntityName, EntityProfile}};
    /// # use kyckit::transport::{MockResponse, MockTransport, Options};
    /// # let options = Options::new().transport(MockTransport::new([
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"access_token":"a.b.c"}}"#),
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"id":"ba3d1f1a"}}"#),
    /// # ]));
    /// # let keys = EntityKeys::new("SP", "SS", "EP", "ES");
    /// let client = Client::builder("api-key").options(options).build()?;
    /// let profile = EntityProfile::new()
    ///     .name(EntityName::new("Jane", "Roe"))
    ///     .email("jane.roe@example.com")
    ///     .phone("+84", "38123456789");
    /// // On a pool for blocking work: let keys = EntityKeys::generate(&password, &clock)?;
    /// let id = client.create_entity(&profile, &"a long password".into(), &keys).await?;
    /// # assert_eq!(id.expose(), "ba3d1f1a");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) without a name, a mail address, a telephone number or a password;
    /// nothing is sent then. As for every call.
    pub async fn create_entity(
        &self,
        profile: &EntityProfile,
        password: &Secret,
        keys: &EntityKeys,
    ) -> Result<Pii<String>, Error> {
        #[derive(Serialize)]
        struct Wire<'a> {
            profile: &'a EntityProfile,
            signing_public_key: &'a str,
            signing_secret: &'a str,
            encryption_public_key: &'a str,
            encryption_secret: &'a str,
            password: &'a str,
        }

        #[derive(Deserialize)]
        struct Created {
            id: Pii<String>,
        }

        impl Content for Created {
            fn strict() -> Vec<String> {
                vec!["id".to_owned()]
            }

            // Nothing else of it is read.
            fn keep(&mut self, _: Unread) {}
        }

        const OPERATION: &str = "create_entity";
        complete(profile, password).map_err(named(OPERATION))?;
        let body = Wire {
            profile,
            signing_public_key: &keys.signing_public_key,
            signing_secret: keys.signing_secret.expose(),
            encryption_public_key: &keys.encryption_public_key,
            encryption_secret: keys.encryption_secret.expose(),
            password: password.expose(),
        };
        let call = self.0.api.post(OPERATION, ["v1", "idpass", "users"]).json(&body);
        let created: Created = envelope::data(call).await?;
        Ok(created.id)
    }
}

/// The provider's own checks, in its order.
fn complete(profile: &EntityProfile, password: &Secret) -> Result<(), Error> {
    if profile.name.is_none() && profile.local_name.is_none() {
        return Err(Error::invalid("profile.name", "Name or Local name needs to be provided."));
    }
    if profile.emails.is_empty() {
        return Err(Error::invalid("profile.emails", "Email needs to be provided."));
    }
    if profile.phones.is_empty() {
        return Err(Error::invalid("profile.phones", "Phone needs to be provided."));
    }
    if password.expose().is_empty() {
        return Err(no_password());
    }
    Ok(())
}

fn no_password() -> Error {
    Error::invalid("password", "Password needs to be provided.")
}
