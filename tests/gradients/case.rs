//! Reading the file: a case, its numbers and its settings.

use elbo::{Scalar, Tensor, Var};
use serde_json::Value;

/// A case or an entry of the file.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a>(pub(crate) &'a Value);

impl<'a> Case<'a> {
    /// Its name, such as `softmax/0`.
    pub(crate) fn id(self) -> &'a str {
        text(self.0, "id")
    }
    /// The name of its operation.
    pub(crate) fn op(self) -> &'a str {
        text(self.0, "op")
    }
    /// The array `key`.
    pub(crate) fn array(self, key: &str) -> Tensor<f64> {
        array(&self.0[key])
    }
    /// The arrays of the list `key`.
    pub(crate) fn arrays(self, key: &str) -> Vec<Tensor<f64>> {
        list(self.0, key).iter().map(array).collect()
    }
    /// Whether `key` is there, or true.
    pub(crate) fn has(self, key: &str) -> bool {
        !self.0[key].is_null() && self.0[key] != false
    }

    /// The setting `key`.
    pub(crate) fn setting(self, key: &str) -> &'a Value {
        &self.0["attrs"][key]
    }
    /// The setting `key`, a number.
    pub(crate) fn number(self, key: &str) -> f64 {
        number(self.setting(key))
    }
    /// The setting `key`, a text; empty if it is not there.
    pub(crate) fn text(self, key: &str) -> &'a str {
        text(&self.0["attrs"], key)
    }
    /// The setting `key`, true or false; false if it is not there.
    pub(crate) fn flag(self, key: &str) -> bool {
        *self.setting(key) == true
    }
    /// The setting `key`, a count or a list of counts: `[2, 1]`.
    pub(crate) fn counts(self, key: &str) -> Vec<usize> {
        match self.setting(key) {
            one @ Value::Number(_) => vec![whole(one)],
            several => counts(several),
        }
    }
    /// The setting `key`, a list of integers.
    pub(crate) fn integers(self, key: &str) -> Vec<i64> {
        let values = self.setting(key).as_array().expect("integers").iter();
        values.map(|v| v.as_i64().expect("an integer")).collect()
    }
    /// The setting `key`, an array of data, as a constant beside `x`.
    pub(crate) fn data<'t, S: Scalar>(self, key: &str, x: Var<'t, S>) -> Var<'t, S> {
        let data = match self.setting(key) {
            Value::Array(values) => {
                Tensor::new([values.len()], values.iter().map(number).collect())
            }
            shaped => array(shaped),
        };
        x.tape().constant(&data.cast())
    }
    /// The axis `axis` of `x`, counted from the end if it is negative.
    pub(crate) fn axis<S: Scalar>(self, x: Var<'_, S>) -> usize {
        let axis = self.setting("axis").as_i64().expect("an axis");
        axis.rem_euclid(x.shape().rank() as i64) as usize
    }
    /// The axes `axes` of `x`, in order; all of them if the case names none.
    pub(crate) fn axes<S: Scalar>(self, x: Var<'_, S>) -> Vec<usize> {
        let rank = x.shape().rank();
        if self.setting("axes").is_null() {
            return (0..rank).collect();
        }
        let axes = self.integers("axes").into_iter();
        let mut axes: Vec<_> = axes.map(|a| a.rem_euclid(rank as i64) as usize).collect();
        axes.sort_unstable();
        axes
    }
}

pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}
fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}
/// A number; non-finite ones are texts.
fn number(value: &Value) -> f64 {
    let from_text = || value.as_str().and_then(|text| text.parse().ok());
    value.as_f64().or_else(from_text).expect("a number")
}
fn whole(value: &Value) -> usize {
    number(value) as usize
}
fn counts(value: &Value) -> Vec<usize> {
    let values = value.as_array().expect("counts").iter();
    values.map(whole).collect()
}
pub(crate) fn array(value: &Value) -> Tensor<f64> {
    let data = list(value, "data").iter().map(number).collect();
    Tensor::new(&counts(&value["shape"])[..], data)
}
