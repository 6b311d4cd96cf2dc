//! What the compiler says of wrong nets, one folder per kind of mistake.
//!
//! `TRYBUILD=overwrite cargo test --test ui` rewrites the `.stderr` files; read
//! every difference as a user would.

/// Every mistake has an error on the token that the user wrote wrong, several
/// are told at once, and right code beside them has no error.
#[test]
fn wrong_nets_are_explained() {
    let cases = trybuild::TestCases::new();
    for kind in [
        "header", "syntax", "names", "calls", "settings", "targets", "supports", "shapes", "yours",
        "cascade",
    ] {
        cases.compile_fail(format!("tests/ui/{kind}/*.rs"));
    }
}
