#![no_main]

kyckit_fuzz::target!(shuftipro_callback);
