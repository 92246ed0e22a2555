#![no_main]

kyckit_fuzz::target!(pkcs8);
