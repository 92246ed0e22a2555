#![no_main]

kyckit_fuzz::target!(json);
