#![no_main]

kyckit_fuzz::target!(accept_language);
