//! What a panic says, and where.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// The last panic of this thread: its text, file and line.
    static LAST: RefCell<Option<(String, String, u32)>> = const { RefCell::new(None) };
    /// Whether a panic of this thread is what a test waits for.
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// Text, file and line of the panic of `f`.
pub(crate) fn panic_of(f: impl FnOnce()) -> Option<(String, String, u32)> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let place = info.location().expect("a panic has a place");
            let text = info
                .payload()
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned());
            let text = text.or_else(|| info.payload().downcast_ref::<String>().cloned());
            let told = (
                text.unwrap_or_default(),
                place.file().to_owned(),
                place.line(),
            );
            LAST.with(|last| *last.borrow_mut() = Some(told));
            // Those of other tests go the usual way.
            if !EXPECTED.get() {
                usual(info);
            }
        }));
    });
    LAST.with(|last| *last.borrow_mut() = None);
    EXPECTED.set(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(f));
    EXPECTED.set(false);
    outcome.err()?;
    LAST.with(|last| last.borrow_mut().take())
}
