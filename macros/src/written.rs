//! Tokens as a person would have written them: `linear(h1 + h2, 1)`.
//!
//! The text of a node stands in the docs of its field, in summaries and in
//! messages. The source text itself is no help: it may span lines and
//! comments, and inside a `macro_rules!` it shows `$n`.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

/// The text of `tokens` on one line.
pub(crate) fn written(tokens: impl ToTokens) -> String {
    let mut text = Text::default();
    text.stream(tokens.into_token_stream());
    text.out
}

/// What stands left of the next token.
#[derive(Clone, Copy, Default, PartialEq)]
enum Left {
    /// The start of a line or of a group.
    #[default]
    Start,
    /// A word, a number or a closed group: something with a value.
    Value,
    /// `+`, `=`, `->` between two values.
    Operator,
    /// `,` or the `:` of an option.
    Comma,
    /// A sign, `.` or `::`: the next token belongs to it.
    Prefix,
}

#[derive(Default)]
struct Text {
    out: String,
    left: Left,
}

impl Text {
    fn stream(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                // The invisible group around `$n` of a `macro_rules!` holds together what is in
                // it: `$n * 2` with `a + b` for `$n` is no `a + b * 2`.
                TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                    let is_alone = matches!(self.left, Left::Start | Left::Comma)
                        && tokens.peek().is_none_or(is_comma);
                    if is_alone || !is_operation(group.stream()) {
                        self.stream(group.stream());
                    } else {
                        self.group("(", group.stream(), ")");
                    }
                }
                TokenTree::Group(group) => match group.delimiter() {
                    Delimiter::Parenthesis => self.group("(", group.stream(), ")"),
                    Delimiter::Bracket => self.group("[", group.stream(), "]"),
                    _ => self.group("{ ", group.stream(), " }"),
                },
                TokenTree::Ident(ident) => self.value(&ident.to_string()),
                TokenTree::Literal(literal) => self.value(&literal.to_string()),
                TokenTree::Punct(first) => {
                    let mut sign = first.as_char().to_string();
                    if let Some(TokenTree::Punct(second)) = tokens.peek()
                        && first.spacing() == Spacing::Joint
                        && matches!(
                            (first.as_char(), second.as_char()),
                            (':', ':') | ('-', '>') | ('.', '.')
                        )
                    {
                        sign.push(second.as_char());
                        tokens.next();
                    }
                    self.punct(&sign);
                }
            }
        }
    }

    fn value(&mut self, word: &str) {
        if matches!(self.left, Left::Value | Left::Operator | Left::Comma) {
            self.out.push(' ');
        }
        self.out.push_str(word);
        self.left = Left::Value;
    }

    fn punct(&mut self, sign: &str) {
        let starts = matches!(self.left, Left::Start | Left::Operator | Left::Comma);
        match sign {
            "," | ";" | ":" => {
                self.out.push_str(sign);
                self.left = Left::Comma;
            }
            "::" | "." | ".." | "!" | "?" | "#" => {
                if starts && self.left != Left::Start {
                    self.out.push(' ');
                }
                self.out.push_str(sign);
                self.left = Left::Prefix;
            }
            // A sign in front of a value: `-1`, `&x`.
            "-" | "&" | "*" if starts || self.left == Left::Prefix => {
                if starts && self.left != Left::Start {
                    self.out.push(' ');
                }
                self.out.push_str(sign);
                self.left = Left::Prefix;
            }
            _ => {
                if self.left != Left::Start {
                    self.out.push(' ');
                }
                self.out.push_str(sign);
                self.left = Left::Operator;
            }
        }
    }

    fn group(&mut self, open: &str, stream: TokenStream, close: &str) {
        let after_value = self.left == Left::Value && open.starts_with('{');
        if after_value || matches!(self.left, Left::Operator | Left::Comma) {
            self.out.push(' ');
        }
        self.out.push_str(open);
        self.left = Left::Start;
        self.stream(stream);
        self.out.push_str(close);
        self.left = Left::Value;
    }
}

/// Whether operators may stand between the tokens.
fn is_operation(stream: TokenStream) -> bool {
    let is_operator =
        |token| matches!(token, TokenTree::Punct(sign) if "+-*/%&|^<>=".contains(sign.as_char()));
    stream.into_iter().any(is_operator)
}

fn is_comma(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(sign) if sign.as_char() == ',')
}

#[cfg(test)]
mod tests {
    use super::written;
    use proc_macro2::{Delimiter, Group, TokenStream};
    use quote::quote;

    /// Text that is already well written is its own image.
    #[test]
    fn written_text_is_a_fixed_point() {
        for text in [
            "relu(linear(x, 64))",
            "linear(h1 + h2, 1, weights ~ Normal(0, 0.1), posterior = Point)",
            "-h1 * (2 - -h2) / 3.5",
            "crate::layers::Gated(x, { W * 2 }, kernel: 3)",
            "self::mix(h, x) -> [3, W]",
            "linear(x, units(&[1, 2])[0])",
        ] {
            let tokens: TokenStream = text.parse().expect("the texts above are tokens");
            assert_eq!(written(tokens), text);
        }
    }

    /// What the parser reads as one operand is one in the text.
    #[test]
    fn invisible_groups_hold_together() {
        let group = |tokens: TokenStream| Group::new(Delimiter::None, tokens);
        let (sum, name, call) = (quote!(a + b), quote!(a), quote!(f(a, 2)));
        let [sum, name, call] = [sum, name, call].map(group);
        assert_eq!(written(quote!(#sum * 2)), "(a + b) * 2");
        assert_eq!(written(quote!(2 * #sum - #name)), "2 * (a + b) - a");
        assert_eq!(
            written(quote!(relu(#call) - -#sum)),
            "relu(f(a, 2)) - -(a + b)"
        );
        // An argument is held together by its commas.
        assert_eq!(
            written(quote!(concat(#sum, a, #sum))),
            "concat(a + b, a, a + b)"
        );
    }
}
