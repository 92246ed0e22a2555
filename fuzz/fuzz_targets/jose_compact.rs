#![no_main]

kyckit_fuzz::target!(jose_compact);
