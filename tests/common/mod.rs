//! What several tests share: reference files, comparison, and nets put together at run time.
#![allow(dead_code, missing_docs, unreachable_pub)] // each test uses a part

pub mod runtime_net;

use elbo::bayes::Given;
use elbo::{Scalar, Tensor};
use serde_json::Value;

/// A reference file of `tests/truth`.
pub fn truth(name: &str) -> Value {
    let path = format!("{}/tests/truth/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// A number, which may be written as `"inf"`.
pub fn number(v: &Value) -> f64 {
    match v {
        Value::String(s) => s.parse().unwrap(),
        v => v.as_f64().unwrap_or_else(|| panic!("{v} is no number")),
    }
}

/// An array `{"shape": .., "data": ..}`.
pub fn array<S: Scalar>(v: &Value) -> Tensor<S> {
    let list = |key: &str| {
        v[key]
            .as_array()
            .unwrap_or_else(|| panic!("no {key} in {v}"))
    };
    let shape: Vec<usize> = list("shape")
        .iter()
        .map(|d| d.as_u64().unwrap() as usize)
        .collect();
    let data = list("data").iter().map(|x| S::of(number(x))).collect();
    Tensor::new(&shape[..], data)
}

/// The noise of a net of `elbo.json`, by the sites that a net has.
pub fn given(json: &Value) -> Given {
    let mut given = Given::default();
    for (draw, sites) in json.as_array().unwrap().iter().enumerate() {
        for (site, noise) in sites.as_object().unwrap() {
            // Noise of a layer, by the names of the file and those of the sites; or of a weight.
            let parts = [
                ("eps_out", "output"),
                ("sign_in", "sign_in"),
                ("sign_out", "sign_out"),
                ("eps_weight", "weight"),
                ("eps_bias", "bias"),
            ];
            for (key, part) in parts {
                if let Some(noise) = noise.get(key) {
                    given.insert(draw as u64, &format!("{site}.{part}"), array(noise));
                }
            }
            if noise.get("shape").is_some() {
                given.insert(draw as u64, site, array(noise));
            }
        }
    }
    given
}

/// Holds `got` to `wanted` as the reference files ask: relative to each number, and to the
/// largest of the array where sums cancel.
#[track_caller]
pub fn assert_close(what: &str, got: &[f64], wanted: &[f64], rtol: f64, atol: f64) {
    assert_eq!(got.len(), wanted.len(), "{what}: lengths differ");
    let largest = wanted.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    for (i, (&a, &b)) in got.iter().zip(wanted).enumerate() {
        let bound = rtol * a.abs().max(b.abs()) + atol * largest;
        assert!(
            a == b || (a - b).abs() <= bound,
            "{what}[{i}]: got {a:e}, wanted {b:e}, off by {:e} where {bound:e} is allowed",
            (a - b).abs()
        );
    }
}
