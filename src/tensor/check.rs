//! Shapes that are checked while the compiler runs.
//!
//! A `bayes_net!` emits one constant for each node, which calls a function of this kind:
//! `const fn shape(input: Shape, ..) -> Checked`. Mistakes are values, not panics, so that a node
//! that depends on a wrong one stays silent and each mistake is reported once, by [`report`].

use super::{MAX_RANK, Shape};

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

/// The shape of a node that [`report`] has let pass.
///
/// # Panics
/// If it is a mistake: then the net did not compile, and nobody can ask.
#[track_caller]
pub const fn shape(checked: &Checked) -> Shape {
    match checked {
        Ok(shape) => *shape,
        Err(message) => panic!("{}", message.as_str()),
    }
}

/// The shape of one row of an input, or of what a function returns, as it is declared.
///
/// # Errors
/// If a dimension is 0, or if there are too many, or if their product overflows.
pub const fn declared(name: &str, dims: &[usize]) -> Checked {
    let message = Message::new().text("`").text(name).text("`: ");
    if dims.len() >= MAX_RANK {
        let most = message.text("a row has at most ").number(MAX_RANK - 1);
        return Err(most.text(" dimensions, found ").number(dims.len()));
    }
    let mut size: usize = 1;
    let mut axis = 0;
    while axis < dims.len() {
        if dims[axis] == 0 {
            return Err(message.text("a dimension is at least 1, found 0"));
        }
        size = match size.checked_mul(dims[axis]) {
            Some(size) => size,
            None => return Err(message.text("a row has more numbers than usize can count")),
        };
        axis += 1;
    }
    Ok(Shape::new(dims))
}

/// The shape of an operation that works element by element on two nodes: they agree, or one of
/// them is a single number `[]`, which serves all elements.
///
/// # Errors
/// If they do not.
pub const fn same(a: Shape, b: Shape, verb: &str, a_name: &str, b_name: &str) -> Checked {
    if a.same(b) || b.rank() == 0 {
        return Ok(a);
    }
    if a.rank() == 0 {
        return Ok(b);
    }
    let message = Message::new()
        .text("cannot ")
        .text(verb)
        .text(" shapes that differ: `");
    let message = message.text(a_name).text("` is ").shape(a);
    let message = message.text(" but `").text(b_name).text("` is ").shape(b);
    Err(if a.rank() == 1 && b.rank() == 1 {
        let mend = message
            .text("; `linear(")
            .text(b_name)
            .text(", ")
            .number(a.dim(0));
        mend.text(")` on a line of its own would fit")
    } else {
        message
    })
}

/// The shape of a function along the numbers of a row, such as `log_softmax`: that of the row.
///
/// # Errors
/// If the row is no vector.
pub const fn vector(function: &str, row: Shape, name: &str) -> Checked {
    if row.rank() == 1 {
        return Ok(row);
    }
    let message = Message::new().text(function).text(" wants a vector, but `");
    Err(message.text(name).text("` is ").shape(row))
}

/// The shape of `flatten`: all numbers of a row in one vector.
///
/// # Errors
/// If it is a single number, which has no rows.
pub const fn flat(row: Shape, name: &str) -> Checked {
    if row.rank() > 0 {
        return Ok(Shape::new(&[row.size()]));
    }
    let message = Message::new().text("flatten wants a value for each row, but `");
    Err(message.text(name).text("` is one number for all, []"))
}

/// The shape of `concat`: vectors end to end.
///
/// # Errors
/// If one is no vector.
pub const fn concat(rows: &[Shape], names: &[&str]) -> Checked {
    let mut len: usize = 0;
    let mut i = 0;
    while i < rows.len() {
        if let Err(message) = vector("concat", rows[i], names[i]) {
            return Err(message);
        }
        len = match len.checked_add(rows[i].dim(0)) {
            Some(len) => len,
            None => return Err(Message::new().text("concat: more numbers than usize can count")),
        };
        i += 1;
    }
    Ok(Shape::new(&[len]))
}

/// The shape of a target whose likelihood has several parameters: that of the first one with a
/// value for each row. The others have the same shape, or are one number `[]` for all.
///
/// # Errors
/// If they do not fit, or none has a value for each row.
pub const fn parameters(likelihood: &str, shapes: &[Shape], names: &[&str]) -> Checked {
    let mut head = 0;
    while head + 1 < shapes.len() && shapes[head].rank() == 0 {
        head += 1;
    }
    let (shape, name) = (shapes[head], names[head]);
    if shape.rank() == 0 {
        let message = Message::new()
            .text(likelihood)
            .text(" wants a parameter with a value for each row, but `");
        let message = message.text(name).text("` is one number for all, []");
        return Err(message.text("; add it to a node, as in `linear(x, 1) + ..`"));
    }
    let mut i = head + 1;
    while i < shapes.len() {
        if !shapes[i].same(shape) && shapes[i].rank() != 0 {
            let message = Message::new()
                .text(likelihood)
                .text(" wants parameters of one shape: `");
            let message = message.text(name).text("` is ").shape(shape);
            let message = message
                .text(" but `")
                .text(names[i])
                .text("` is ")
                .shape(shapes[i]);
            return Err(message.text("; only a single number, [], may serve all"));
        }
        i += 1;
    }
    Ok(shape)
}

/// The shape of a target that is a class: one number, where there are logits for all classes.
///
/// # Errors
/// If the logits are no vector, or belong to a single class.
pub const fn class(likelihood: &str, logits: Shape, name: &str) -> Checked {
    if let Err(message) = vector(likelihood, logits, name) {
        return Err(message);
    }
    if logits.dim(0) < 2 {
        let message = Message::new()
            .text(likelihood)
            .text(" wants a logit for each class, but `");
        let message = message.text(name).text("` is ").shape(logits);
        return Err(message.text("; with one logit the target is Bernoulli"));
    }
    Ok(Shape::SCALAR)
}

/// The shape of a target that is a class with an order: one number, where there is one `eta` for
/// each row, and cutpoints that separate the classes.
///
/// # Errors
/// If `eta` is not one number for each row, or the cutpoints are no vector.
pub const fn ordinal(likelihood: &str, shapes: &[Shape], names: &[&str]) -> Checked {
    let (eta, cutpoints) = (shapes[0], shapes[1]);
    let message = Message::new().text(likelihood);
    if eta.rank() != 1 || eta.dim(0) != 1 {
        let message = message.text(" wants one number for each row, but `");
        let message = message.text(names[0]).text("` is ").shape(eta);
        let message = message.text("; `linear(").text(names[0]);
        return Err(message.text(", 1)` on a line of its own would fit"));
    }
    if cutpoints.rank() != 1 {
        let message = message.text(" wants cutpoints between its classes, but `");
        let message = message.text(names[1]).text("` is ").shape(cutpoints);
        return Err(message.text("; `cutpoints(2)` makes three classes"));
    }
    Ok(Shape::SCALAR)
}

/// The shape `[1]` of a target whose likelihood is a mixture: one number, where there is a vector of
/// components for each row.
///
/// # Errors
/// If a parameter is neither such a vector, of one length, nor a single number.
pub const fn mixture(likelihood: &str, shapes: &[Shape], names: &[&str]) -> Checked {
    if let Err(message) = vector(likelihood, shapes[0], names[0]) {
        return Err(message);
    }
    match parameters(likelihood, shapes, names) {
        Ok(_) => Ok(Shape::new(&[1])),
        Err(message) => Err(message),
    }
}

/// The shape `[]` of a constant that counts something, such as a rank.
///
/// # Errors
/// If it is 0.
pub const fn count(owner: &str, parameter: &str, value: usize) -> Checked {
    number(value > 0, owner, parameter, " must be at least 1")
}

/// The shape `[]` of a constant that must be a number above 0, such as a scale.
///
/// # Errors
/// If it is not finite and above 0.
pub const fn positive(owner: &str, parameter: &str, value: f64) -> Checked {
    let is_inside = value > 0.0 && value.is_finite();
    number(is_inside, owner, parameter, " must be finite and above 0")
}

/// The shape `[]` of a constant that may be any number, such as a mean.
///
/// # Errors
/// If it is not finite.
pub const fn finite(owner: &str, parameter: &str, value: f64) -> Checked {
    number(value.is_finite(), owner, parameter, " must be finite")
}

/// The shape `[]` of a constant that is a probability.
///
/// # Errors
/// If it does not lie between 0 and 1.
pub const fn probability(owner: &str, parameter: &str, value: f64) -> Checked {
    let is_inside = value >= 0.0 && value <= 1.0;
    number(is_inside, owner, parameter, " must lie between 0 and 1")
}

/// The value itself stands in the user's text, at the place of the error.
const fn number(is_inside: bool, owner: &str, parameter: &str, wanted: &str) -> Checked {
    if is_inside {
        return Ok(Shape::SCALAR);
    }
    let message = Message::new().text("`").text(parameter).text("` of `");
    Err(message.text(owner).text("`").text(wanted))
}

/// Holds what a function of the user's returned to the shape that the net counts on: that of one
/// row, with as many `rows` in front as its arguments have, if they have any.
///
/// # Panics
/// If it has another one.
#[track_caller]
pub fn returned(found: Shape, rows: Option<usize>, row: Shape, function: &str, node: &str) {
    let (front, own) = found
        .dims()
        .split_at(found.rank().saturating_sub(row.rank()));
    let fits = own == row.dims() && front == rows.as_slice();
    assert!(
        fits || rows.is_none_or(|rows| found.dims().first() == Some(&rows)),
        "{node}: `{function}` returned {found}, which has not the rows of its argument in front; \
         what a net computes of a row depends on no other row"
    );
    assert!(
        fits,
        "{node}: `{function}` returned {found}, but each row must be {row}; \
         a function that changes the shape says so: `{function}(..) -> [..]`"
    );
}

#[cfg(test)]
mod tests {
    use super::{
        SILENT, class, concat, declared, finite, parameters, positive, probability, report, same,
        shape,
    };
    use crate::tensor::Shape;

    const VECTOR: Shape = Shape::new(&[3]);
    const IMAGE: Shape = Shape::new(&[1, 28, 28]);

    /// Evaluated while the compiler runs, or the test does not compile.
    const JOINED: Shape = shape(&concat(&[VECTOR, VECTOR], &["a", "b"]));

    #[test]
    fn shapes_are_known_to_the_compiler() {
        assert_eq!(JOINED, Shape::new(&[6]));
        report(&Ok(JOINED));
        report(&SILENT);
    }

    #[test]
    fn one_number_serves_every_element() {
        let number = Shape::SCALAR;
        assert_eq!(shape(&same(number, IMAGE, "add", "s", "x")), IMAGE);
        assert_eq!(shape(&same(IMAGE, number, "add", "x", "s")), IMAGE);
        assert_eq!(
            shape(&parameters("Normal", &[VECTOR, number], &["m", "s"])),
            VECTOR
        );
    }

    #[test]
    fn messages_name_both_sides_and_the_mend() {
        let differ = same(VECTOR, Shape::new(&[2]), "add", "h1", "h2");
        let text = "cannot add shapes that differ: `h1` is [3] but `h2` is [2]; \
                    `linear(h2, 3)` on a line of its own would fit";
        assert_eq!(differ.unwrap_err().as_str(), text);
        let one = class("Categorical", Shape::new(&[1]), "logit").unwrap_err();
        assert!(
            one.as_str()
                .ends_with("with one logit the target is Bernoulli")
        );
        let image = concat(&[VECTOR, IMAGE], &["h", "x"]).unwrap_err();
        assert_eq!(
            image.as_str(),
            "concat wants a vector, but `x` is [1, 28, 28]"
        );
    }

    /// For a batch of 4 rows.
    #[test]
    fn a_function_keeps_the_rows() {
        let returned = |found: &[usize], rows| {
            let found = Shape::new(found);
            std::panic::catch_unwind(|| super::returned(found, rows, VECTOR, "crate::f", "h"))
        };
        assert!(returned(&[4, 3], Some(4)).is_ok());
        assert!(returned(&[3], None).is_ok());
        for summed_over_rows in [&[3][..], &[1, 3], &[], &[4], &[4, 2]] {
            assert!(returned(summed_over_rows, Some(4)).is_err());
        }
        assert!(returned(&[4, 3], None).is_err());
    }

    /// NaN is in no range.
    #[test]
    fn constants_are_held_to_their_range() {
        let text =
            |checked: super::Checked| checked.err().map(|message| message.as_str().to_owned());
        for inside in [f64::MIN_POSITIVE, 1.0, f64::MAX] {
            assert!(positive("Normal", "std", inside).is_ok());
        }
        for outside in [0.0, -1.0, f64::INFINITY, f64::NAN] {
            let wanted = "`std` of `Normal` must be finite and above 0";
            assert_eq!(
                text(positive("Normal", "std", outside)).as_deref(),
                Some(wanted)
            );
        }
        assert!(finite("Normal", "mean", -3.0).is_ok());
        assert!(finite("Normal", "mean", f64::NAN).is_err());
        for (value, is_inside) in [
            (0.0, true),
            (1.0, true),
            (-0.1, false),
            (1.1, false),
            (f64::NAN, false),
        ] {
            assert_eq!(probability("ScaleMixture", "pi", value).is_ok(), is_inside);
        }
    }

    #[test]
    fn impossible_dimensions_are_refused() {
        for (dims, wanted) in [
            (&[0][..], "`x`: a dimension is at least 1, found 0"),
            (
                &[usize::MAX, 2][..],
                "`x`: a row has more numbers than usize can count",
            ),
            (&[1; 8][..], "`x`: a row has at most 7 dimensions, found 8"),
        ] {
            assert_eq!(declared("x", dims).unwrap_err().as_str(), wanted);
        }
    }
}
