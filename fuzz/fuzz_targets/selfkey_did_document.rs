#![no_main]

kyckit_fuzz::target!(selfkey_did_document);
