//! Shapes that are checked while the compiler runs.
//!
//! A `bayes_net!` emits one constant for each node, which calls a function of this kind:
//! `const fn shape(input: Shape, ..) -> Checked`. Mistakes are values, not panics, so that a node
//! that depends on a wrong one stays silent and each mistake is reported once, by [`report`].

use super::Shape;

/// The shape of a node, or what is wrong with it.
pub type Checked = Result<Shape, Message>;

/// The result of a node whose inputs already have a mistake: nothing more to say.
pub const SILENT: Checked = Err(Message::new());

/// Longest message in bytes; what goes beyond is cut.
const CAPACITY: usize = 320;

/// A sentence put together in `const` code, which has no allocator.
#[derive(Clone, Copy)]
pub struct Message {
    bytes: [u8; CAPACITY],
    len: usize,
}

impl Message {
    /// An empty sentence.
    #[allow(clippy::new_without_default)] // `Default` cannot be `const`
    pub const fn new() -> Self {
        Message {
            bytes: [0; CAPACITY],
            len: 0,
        }
    }
    /// The sentence and `text`; cut at a whole character if it grows too long.
    #[must_use]
    pub const fn text(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut end = text.len();
        if end > CAPACITY - self.len {
            end = CAPACITY - self.len;
            // A continuation byte is never the first one of a character.
            while end > 0 && text[end] & 0b1100_0000 == 0b1000_0000 {
                end -= 1;
            }
        }
        let mut i = 0;
        while i < end {
            self.bytes[self.len] = text[i];
            self.len += 1;
            i += 1;
        }
        self
    }
    /// The sentence and a number.
    #[must_use]
    pub const fn number(self, n: usize) -> Self {
        let mut digits = [0; 20];
        let mut at = digits.len();
        let mut rest = n;
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        let (_, digits) = digits.split_at(at);
        match core::str::from_utf8(digits) {
            Ok(digits) => self.text(digits),
            Err(_) => self,
        }
    }
    /// The sentence and a shape, such as `[2, 3]`.
    #[must_use]
    pub const fn shape(mut self, shape: Shape) -> Self {
        self = self.text("[");
        let mut axis = 0;
        while axis < shape.rank() {
            if axis > 0 {
                self = self.text(", ");
            }
            self = self.number(shape.dim(axis));
            axis += 1;
        }
        self.text("]")
    }
    /// The sentence as text.
    pub const fn as_str(&self) -> &str {
        let (text, _) = self.bytes.split_at(self.len);
        match core::str::from_utf8(text) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

impl core::fmt::Debug for Message {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Debug::fmt(self.as_str(), f)
    }
}

/// Ends the compilation with the message of a mistake, at the caller's place.
///
/// # Panics
/// If `checked` is a mistake that nobody has reported yet.
#[track_caller]
pub const fn report(checked: &Checked) {
    if let Err(message) = checked {
        assert!(message.len == 0, "{}", message.as_str());
    }
}

/// The shape of an operation that works element by element on two nodes, which must agree.
///
/// # Errors
/// If they do not.
pub const fn same(a: Shape, b: Shape, verb: &str, a_name: &str, b_name: &str) -> Checked {
    if a.same(b) {
        return Ok(a);
    }
    Err(Message::new()
        .text("cannot ")
        .text(verb)
        .text(" shapes that differ: `")
        .text(a_name)
        .text("` is ")
        .shape(a)
        .text(" but `")
        .text(b_name)
        .text("` is ")
        .shape(b))
}
