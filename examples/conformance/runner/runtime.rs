//! Asynchronous calls of the client inside a synchronous runner.

/// Runs a future on a thread and a runtime of its own, so that this can be called from inside of another runtime.
pub(super) fn isolated<T: Send>(work: impl Future<Output = T> + Send) -> Result<T, &'static str> {
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map(|runtime| runtime.block_on(work)).map_err(|_| "no runtime could be started")
    };
    std::thread::scope(|scope| scope.spawn(run).join()).unwrap_or(Err("a case panicked"))
}
