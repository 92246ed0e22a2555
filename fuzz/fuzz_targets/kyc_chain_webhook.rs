#![no_main]

kyckit_fuzz::target!(kyc_chain_webhook);
