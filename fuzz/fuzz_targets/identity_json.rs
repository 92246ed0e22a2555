#![no_main]

kyckit_fuzz::target!(identity_json);
