#![no_main]

kyckit_fuzz::target!(gzip_body);
