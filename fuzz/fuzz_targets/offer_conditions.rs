#![no_main]

kyckit_fuzz::target!(offer_conditions);
