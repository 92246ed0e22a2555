#![no_main]

kyckit_fuzz::target!(claim_set);
