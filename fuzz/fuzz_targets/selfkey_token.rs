#![no_main]

kyckit_fuzz::target!(selfkey_token);
