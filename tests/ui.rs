//! What the compiler says of wrong nets, one folder per kind of mistake, and
//! right nets that must compile in hostile surroundings.
//!
//! `TRYBUILD=overwrite cargo test --test ui` rewrites the `.stderr` files; read
//! every difference as a user would.

#[test]
fn wrong_nets_are_explained_on_the_right_token() {
    trybuild::TestCases::new().compile_fail("tests/ui/*/*.rs");
}
