#![no_main]

kyckit_fuzz::target!(credify_disbursement);
