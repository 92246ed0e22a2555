#![no_main]

kyckit_fuzz::target!(credo360_user);
