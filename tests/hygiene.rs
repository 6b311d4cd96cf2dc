//! Nets in hostile surroundings: no prelude, the user's own `Result`, names of
//! the generated code as nodes, raw identifiers, functions, macros.
#![no_implicit_prelude]
#![deny(warnings, missing_docs, unsafe_code)]

extern crate elbo as renamed;

mod facade {
    pub(crate) use ::renamed::bayes_net as declare;
}

/// The user's own.
#[derive(Clone, Copy)]
pub struct Result;
/// The user's own.
pub struct Option;
/// The user's own.
pub struct Vec;
/// The user's own.
pub struct Tensor;
/// The user's own.
pub struct Var;
/// The user's own.
pub enum Mine {
    /// Like `Result`'s.
    Ok,
    /// Like `Result`'s.
    Err,
    /// Like `Option`'s.
    Some,
    /// Like `Option`'s.
    None,
}
pub use Mine::{Err, None, Ok, Some};

::renamed::bayes_net! {
    /// Nodes with the names of what the generated code calls its own things.
    pub net Names(inputs: [3], targets: [2]) -> (output, draws) {
        pass = linear(inputs, 3);
        noise = linear(pass, 2);
        options = linear(noise + targets, 2);
        seed = linear(options, 2);
        path = linear(seed, 2);
        leaf = linear(path, 2);
        f = linear(leaf, 2);
        input = linear(f, 2);
        value = linear(input, 2);
        first = linear(value, 2);
        second = linear(first + input, 2);
        std = learned(0.1);
        core = linear(second, 2);
        elbo = linear(core, 2);
        log_likelihood = linear(elbo, 2);
        output ~ Normal(log_likelihood, std);
        draws ~ Bernoulli(core);
    }
}

facade::declare! {
    /// Raw identifiers.
    pub net Raw(r#in: [3]) -> r#fn {
        r#type = linear(r#in, 3);
        r#match = linear(r#type + r#in, 1);
        r#fn ~ Normal(r#match, 0.1);
    }
}

/// Through a macro of the user's.
macro_rules! wide {
    ($name:ident, $node:ident, $width:expr, $input:expr, $prior:expr, $factor:literal) => {
        ::renamed::bayes_net! {
            /// Of a user's macro.
            pub net $name(x: [3]) -> y {
                weights ~ Normal(0, $prior);
                $node = relu(linear($input, $width));
                h = linear($node * $factor, $width * 2);
                y ~ Normal(h, $prior);
            }
        }
    };
}
wide!(Wide, node, 1 + 2, x, 0.5, 2);
wide!(Sum, node, 1 + 2, x + x, 0.5, 2);

mod inner {
    //! Another visibility.
    ::renamed::bayes_net! {
        pub(super) net Inner(x: [3]) -> y {
            h = linear(x, 1);
            y ~ Normal(h, 0.1);
        }
    }
}

/// Inside a generic function, with constants that only the function knows.
pub fn local<T>(_: T) -> usize {
    const WIDTH: usize = 5;
    const SCALE: f64 = 0.5;
    ::renamed::bayes_net! {
        net Local(x: [WIDTH]) -> y {
            h = linear(x, WIDTH * 2, weights ~ Normal(0, SCALE));
            y ~ Normal(h * SCALE, 0.1);
        }
    }
    Local::new(1).h.bias.mu.len()
}

/// A function of nodes in the user's crate.
pub fn double<'t, S: ::renamed::Scalar>(x: ::renamed::Var<'t, S>) -> ::renamed::Var<'t, S> {
    x + x
}

/// One that changes the shape.
pub fn halves<'t, S: ::renamed::Scalar>(
    x: ::renamed::Var<'t, S>,
    by: f64,
) -> ::renamed::Var<'t, S> {
    x.sum_axes(&[1])
        .reshape(::renamed::Shape::new(&[x.shape().dim(0), 1]))
        * by
}

::renamed::bayes_net! {
    /// Calls them.
    pub net Calls(x: [4]) -> y {
        h = crate::double(linear(x * 2, 4));
        g = self::halves(relu(h), 0.5) -> [1];
        y ~ Normal(g, 0.1);
    }
}

/// A method that everything has.
pub trait Everything: ::core::marker::Sized {
    /// Takes a value, and so comes before any method that takes a reference.
    fn forward(self) {}
    /// Likewise.
    fn log_prob(self) {}
}
impl<T> Everything for T {}

::renamed::bayes_net! {
    /// Called like a type parameter; needless parentheses and braces.
    #[deprecated]
    #[allow(dead_code)]
    pub net T(x: [3]) -> (y, z) {
        h = linear((x), (8));
        g = linear(h * { 2.0 }, { 2 }, weights ~ Normal(({ 0.0 }), { SCALE }));
        f = crate::halves(g * { 1.0 / 3.0 }, { 1.0 / 2.0 }) -> [1];
        spread = learned({ SCALE });
        y ~ Normal(f, { SCALE });
        z ~ Normal(f, spread);
    }
}

/// A scale.
const SCALE: f64 = 0.5;

mod letters {
    //! The other letters.
    ::renamed::bayes_net! {
        /// A number type.
        pub net S(x: [3]) -> y {
            h = linear(x, 1);
            y ~ Normal(h, 0.1);
        }
    }
    ::renamed::bayes_net! {
        /// A leaf after a map.
        pub net U(x: [3]) -> y {
            h = linear(x, 1);
            y ~ Normal(h, 0.1);
        }
    }
}

#[test]
fn right_nets_compile_anywhere() {
    let _ = (
        Names::new(1),
        Raw::new(1),
        Wide::new(1),
        Sum::new(1),
        inner::Inner::new(1),
        letters::S::new(1),
        letters::U::new(1),
    );
    let _ = (Option, Vec, Tensor, Var, Ok, Err, Some, None, Result);
    ::std::assert_eq!(local(Result), 10);
    ::std::assert_eq!(Calls::new(1).h.bias.mu.len(), 4);
}

/// The text is what the macro was called with, not `$node * $factor`.
#[test]
fn a_net_from_a_macro_tells_its_own_text() {
    let info = ::renamed::net::BayesNet::describe(&Sum::new(1));
    ::std::assert_eq!(info.nodes[0].expression, "relu(linear(x + x, 1 + 2))");
    ::std::assert_eq!(info.nodes[1].expression, "linear(node * 2, (1 + 2) * 2)");
    ::std::assert_eq!(info.targets[0].distribution, "Normal(h, 0.5)");
}
