//! Data never turn into other numbers in silence: what is read is what was written,
//! what binds binds by name, and what does not fit is refused with its place.

#[cfg(feature = "csv")]
mod csv;
mod dataset;
mod inputs;
mod schema;
mod standardize;

use elbo::Error;
use elbo::dist::Support;
use elbo::net::{InputInfo, InputRole, NetInfo, TargetInfo};
use std::panic::Location;

/// The text of the error that must come.
fn text<T: std::fmt::Debug>(result: elbo::Result<T>) -> String {
    result.expect_err("this must be refused").to_string()
}

/// A net that was never declared: inputs by name and width, targets by name, number of
/// outputs and support.
fn net(inputs: &[(&'static str, usize)], targets: &[(&'static str, usize, Support)]) -> NetInfo {
    NetInfo {
        name: "Name",
        inputs: (inputs.iter())
            .map(|&(name, width)| InputInfo {
                role: InputRole::Feature,
                name,
                shape: [width].into(),
            })
            .collect(),
        targets: (targets.iter())
            .map(|&(name, outputs, support)| TargetInfo {
                name,
                distribution: "",
                likelihood: match support {
                    Support::Binary => "Bernoulli",
                    Support::Class { .. } => "Categorical",
                    Support::Count => "Poisson",
                    _ => "Normal",
                },
                shape: match support {
                    Support::Class { .. } => [].into(),
                    _ => [outputs].into(),
                },
                support,
            })
            .collect(),
        nodes: Vec::new(),
        layers: Vec::new(),
    }
}

/// The net of one input `x` and one target `y`.
fn simple(width: usize, outputs: usize, support: Support) -> NetInfo {
    net(&[("x", width)], &[("y", outputs, support)])
}

/// `error` says each of `parts`.
fn assert_says(error: &str, parts: &[&str]) {
    for part in parts {
        assert!(error.contains(part), "{part:?} is not in: {error}");
    }
}

#[test]
fn an_error_can_travel_between_threads_and_is_small() {
    fn travels<T: Send + Sync + std::error::Error + 'static>() {}
    travels::<Error>();
    // Every `Result` of the crate carries this many bytes.
    assert!(size_of::<Error>() <= 128, "{} bytes", size_of::<Error>());
}

#[test]
fn the_texts_of_settings_and_training_have_their_four_parts() {
    let setting = Error::setting("learning_rate", -0.1, "a positive number");
    assert_eq!(
        setting.to_string(),
        "learning_rate = -0.1: needed a positive number"
    );

    let line = Location::caller();
    let diverged = |op, layer: Option<&str>| {
        Error::Diverged {
            epoch: 3,
            batch: 12,
            step: 42,
            quantity: "the loss".into(),
            op,
            layer: layer.map(Into::into),
            line: layer.map(|_| line),
            advice: "try a smaller learning rate".into(),
        }
        .to_string()
    };
    assert_eq!(
        diverged(Some("exp"), Some("h1")),
        format!(
            "epoch 3, batch 12 (step 42): the loss is not finite, first in `exp`, in \
             or after layer `h1` ({line}); try a smaller learning rate"
        )
    );
    assert_eq!(
        diverged(None, None),
        "epoch 3, batch 12 (step 42): the loss is not finite; try a smaller learning rate"
    );

    let large = |bytes, limit| {
        Error::TooLarge {
            what: "keep_draws".into(),
            bytes,
            limit,
            mend: "stream them with chunks(..)".into(),
        }
        .to_string()
    };
    assert_eq!(
        large(8_000_000_000, 1_000_000_000),
        "keep_draws needs 7.5 GiB, the limit is 953.7 MiB; stream them with chunks(..)"
    );
    assert_says(
        &large(1025, 1024),
        &["needs 1025 bytes, the limit is 1024 bytes;"],
    );
    assert_says(
        &large(u64::MAX, 1000),
        &["needs 16777216 TiB, the limit is 1000 bytes;"],
    );
}

#[test]
fn a_file_that_the_system_refuses_comes_with_a_mend() {
    use std::io::ErrorKind;
    let says =
        |action, path, kind| Error::io(action, path, std::io::Error::new(kind, "no")).to_string();
    let here = std::env::current_dir().unwrap();
    let here = here.display();
    assert_eq!(
        says("read", "a/b.csv", ErrorKind::NotFound),
        format!("cannot read a/b.csv: no; check the path, which is relative to the folder {here}")
    );
    assert_eq!(
        says("write", "a/b.svg", ErrorKind::NotFound),
        format!(
            "cannot write a/b.svg: no; create the folder a first, which is relative to the folder \
             {here}"
        )
    );
    for (path, kind, text) in [
        (
            "/a/b.csv",
            ErrorKind::NotFound,
            "cannot read /a/b.csv: no; check the path",
        ),
        (
            "a",
            ErrorKind::IsADirectory,
            "cannot read a: no; name a file in this folder",
        ),
        (
            "",
            ErrorKind::NotFound,
            "cannot read : no; the path is empty: name a file",
        ),
        (
            "a",
            ErrorKind::PermissionDenied,
            "cannot read a: no; allow this user to read it",
        ),
        ("a", ErrorKind::TimedOut, "cannot read a: no"),
    ] {
        assert_eq!(says("read", path, kind), text);
    }
}
