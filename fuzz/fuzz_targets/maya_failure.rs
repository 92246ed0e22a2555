#![no_main]

kyckit_fuzz::target!(maya_failure);
