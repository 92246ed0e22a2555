//! A challenge of SelfKey: signed by a wallet, and its signature checked by a relying party, each against the bare
//! secp256k1 operation of the same library. Target: at most 1.10.

#![allow(clippy::expect_used)]

mod support;

use std::{hint::black_box, time::Duration};

use k256::ecdsa::{RecoveryId, Signature, SigningKey, VerifyingKey};
use kyckit::selfkey::{WalletKey, did::Resolver, relying_party::SignatureVerifier};
use serde_json::json;
use sha3::{Digest, Keccak256};
use support::{Candidate, compare};

/// From the contract's vectors: the key, and a nonce as the provider's library issues it.
const KEY: &str = "4b3f2c17e0afc63560dafb5d108da9f0b722dfc3354545af1caf0deda4d901b4";
const NONCE: &str =
    "CFJvruHcuw0u6ZtJdeo5Y9np0qyORdVqhce/81qhQT3ieCPDRbKQZi+wcmgpvqFeWCJkU3QJHOwJl32o5N/Fww==";

fn main() {
    let bare = SigningKey::from_slice(&hex::decode(KEY).expect("hex")).expect("a key");
    let mut hash = Keccak256::new();
    hash.update(format!("\x19Ethereum Signed Message:\n{}{NONCE}", NONCE.len()));
    let hash: [u8; 32] = hash.finalize().into();
    let wallet = WalletKey::from_hex(KEY).expect("a key");
    compare(
        "a challenge is signed",
        15,
        Duration::from_millis(300),
        vec![
            Candidate::new("bare: k256 signs a hash", || {
                black_box(bare.sign_prehash_recoverable(black_box(&hash)));
                1
            }),
            Candidate::new("kyckit: WalletKey signs the text of a nonce", || {
                black_box(wallet.sign_message(black_box(NONCE)).expect("signed"));
                1
            }),
        ],
    );

    let (signature, recovery): (Signature, RecoveryId) = bare.sign_prehash_recoverable(&hash);
    let sent = wallet.sign_message(NONCE).expect("signed").to_hex();
    let sent = json!({ "value": sent, "keyId": wallet.did().key_id() });
    let verifier = SignatureVerifier::new(Resolver::new());
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    compare(
        "its signature is checked",
        15,
        Duration::from_millis(300),
        vec![
            Candidate::new("bare: k256 recovers a key from a hash", || {
                let key = VerifyingKey::recover_from_prehash(black_box(&hash), &signature, recovery);
                black_box(key.expect("a key"));
                1
            }),
            Candidate::new("kyckit: resolved, recovered, compared", || {
                let checked = verifier.verify(black_box(NONCE), &sent, wallet.did().as_str());
                black_box(runtime.block_on(checked).expect("good"));
                1
            }),
        ],
    );
}
