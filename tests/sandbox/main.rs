//! What the sandbox promises, seen from outside: by plain HTTP.

mod callbacks;
mod calls;
mod faults;
mod fixtures;
mod pages;
mod results;
mod support;
