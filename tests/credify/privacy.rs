//! Nothing personal and no secret shows itself, whatever is printed.

use kyckit::{
    credify::{
        authority::Introspection,
        claims::{Claims, Profile},
        encryption,
        token::{
            RequestToken,
            claim::{ClaimSigner, Commitment, Commitments, ScopeHashMode, VerifiedClaimToken},
            disbursement::{Disbursement, VerifiedDocuments, document},
            login_token,
        },
        userinfo::UserInfoReader,
        validate::{ClaimsRequest, RequestValidator},
    },
    privacy::{Secret, leak::Canaries},
};
use serde_json::json;

use crate::support::{Known, MARKET, OTHER_RSA, RSA, clock, signing_key};

const CANARIES: [&str; 8] = [
    "+84381234567",
    "Nguyễn-canary",
    "canary@credify.one",
    "canary-commitment-of-a-scope",
    "canary-user-id",
    "canary-access-token",
    "Y2FuYXJ5LWRvY3VtZW50",
    "canary-claim-value",
];

#[tokio::test]
async fn a_whole_flow_leaks_nothing() {
    let key = signing_key("market");
    let secrets = [
        key.to_seed().expect("a seed").expose().to_owned(),
        RSA.to_base64url().expect("base64url").expose().to_owned(),
    ];
    let mut capture = Canaries::new(CANARIES.iter().map(ToString::to_string).chain(secrets)).capture();

    capture.debug("a signing key", &key);
    capture.debug("a decryption key", &*RSA);
    capture.debug("an encryption key", &RSA.encryption_key().expect("a key"));
    capture.debug("a login token", &login_token(&key, &clock()).expect("a token"));

    let profile = Profile { family_name: Some("Nguyễn-canary"), ..Profile::default() };
    capture.debug("a profile", &profile);
    let claims = Claims::new()
        .phone("+84381234567")
        .profile(profile)
        .email("canary@credify.one")
        .custom(format!("{MARKET}:s"), [("c", "canary-claim-value")]);
    capture.debug("claims", &claims);
    capture.debug("a scope", &claims.get("phone"));
    let commitment = Commitment::new("canary-commitment-of-a-scope");
    let commitments =
        Commitments::from_pairs(claims.scopes().map(|scope| (scope.to_owned(), commitment.clone())));
    capture.debug("a commitment", &commitment);
    capture.debug("commitments", &commitments);
    let signer = ClaimSigner::new(key.clone(), MARKET);
    capture.debug("a signer", &signer);
    let tokens = signer.sign("canary-user-id", &claims, &commitments, &clock()).expect("tokens");
    capture.debug("tokens", &tokens);
    let token = VerifiedClaimToken::read(tokens[0].expose(), &key.verifying_key()).expect("a token");
    capture.debug("a verified token", &token);
    assert_eq!(token.matches_with(&claims, &commitment, &ScopeHashMode::ALL), Some(ScopeHashMode::PerScope));

    let public = RSA.encryption_key().expect("a key");
    let shared = claims.clone().with_commitments(&commitments).expect("commitments");
    let fields = encryption::encrypt_fields(&shared, &public).expect("encrypted");
    capture.debug("encrypted claims", &fields);
    let info = UserInfoReader::new(&RSA).read(fields.clone()).await.expect("read");
    capture.debug("userinfo", &info);
    capture.debug("a scope", &info.scope("phone"));
    capture.error("userinfo", &UserInfoReader::new(&OTHER_RSA).read(fields).await.expect_err("refused"));
    let aggregated = encryption::encrypt_aggregated(&shared, &public, &key).expect("encrypted");
    let info = UserInfoReader::new(&RSA).read(aggregated).await.expect("read");
    capture.debug("userinfo", &info);
    capture.debug("a scope", &info.scopes().collect::<Vec<_>>());

    let documents = document(Claims::new(), "1", "invoice", "pdf", "Y2FuYXJ5LWRvY3VtZW50").expect("claims");
    let disbursement =
        Disbursement { provider_id: MARKET, entity_id: MARKET, claims: &documents, encryption_key: None };
    capture.debug("documents", &disbursement);
    let answer = disbursement.answer(&key, &clock()).expect("an answer");
    let read = VerifiedDocuments::read(&answer, &key.verifying_key(), None).expect("documents");
    capture.debug("documents", &read);
    capture.debug("a document", &read.documents()[0]);

    let access = Secret::from("canary-access-token");
    let request = RequestToken { client_id: MARKET, encryption_key: None, scopes: &["openid"] };
    let request = request.sign(&key, &clock()).expect("a token");
    capture.debug("a request", &request);
    let call = ClaimsRequest {
        access_token: &access,
        request_token: request.expose(),
        approval_token: "canary-claim-value",
        user_id: "canary-user-id",
    };
    capture.debug("a call", &call);
    let refused = RequestValidator::new(clock()).validate(&Known, call).await.expect_err("refused");
    capture.error("a call", &refused);
    let introspection: Introspection =
        serde_json::from_value(json!({"active": true, "sub": "canary-user-id"})).expect("read");
    capture.debug("an introspection", &introspection);
    capture.error("claims", &Claims::from_value(json!({"canary-claim-value": 1})).expect_err("refused"));

    assert!(capture.len() > 25);
    capture.assert_clean();
}
