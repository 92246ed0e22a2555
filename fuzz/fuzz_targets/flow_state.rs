#![no_main]

kyckit_fuzz::target!(flow_state);
