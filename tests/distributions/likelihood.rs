//! The parameters of many rows, as predictions read them.

use elbo::dist::{
    Bernoulli, Categorical, Classes, Laplace, Likelihood, Moments, Normal, Poisson, Support,
};
use elbo::kernels::noise::Philox;
use elbo::{Shape, Tensor};

fn counted(shape: impl Into<Shape>) -> Tensor {
    Tensor::from_fn(shape, |i| i as f32)
}

#[test]
fn an_element_is_the_number_at_its_row_and_column() {
    let normal = Normal {
        mean: counted([4, 3]),
        std: Tensor::new([3], vec![1.0, 2.0, 3.0]),
    };
    let laplace = Laplace {
        location: counted([4, 3]),
        scale: Tensor::new([4, 1], vec![1.0, 2.0, 3.0, 4.0]),
    };
    let poisson = Poisson {
        log_rate: counted([4, 3]),
    };
    assert_eq!(normal.columns(), 3);
    assert_eq!(laplace.columns(), 3);
    assert_eq!(poisson.columns(), 3);
    for (row, column) in (0..4).flat_map(|row| (0..3).map(move |column| (row, column))) {
        let mean = (3 * row + column) as f64;
        let (std, scale) = ((column + 1) as f64, (row + 1) as f64);
        assert_eq!(normal.element(row, column), Normal { mean, std });
        let location = mean;
        assert_eq!(laplace.element(row, column), Laplace { location, scale });
        assert_eq!(poisson.element(row, column), Poisson { log_rate: mean });
    }
}

#[test]
fn a_row_of_categorical_is_its_logits() {
    let labels = Categorical {
        logits: counted([4, 3]),
    };
    assert_eq!(labels.columns(), 1);
    assert_eq!(labels.element(2, 0).logits, [6.0, 7.0, 8.0]);
    let sum: f64 = labels.element(0, 0).probabilities().iter().sum();
    assert!((sum - 1.0).abs() < 1e-15);
    let several = Categorical {
        logits: counted([2, 2, 3]),
    };
    assert_eq!(several.columns(), 2);
    assert_eq!(several.element(1, 1).logits, [9.0, 10.0, 11.0]);
}

#[test]
fn supports_follow_the_parameters() {
    let row = [Shape::new(&[5])];
    assert_eq!(Normal::<Tensor>::support(&row), Support::Real);
    assert_eq!(Laplace::<Tensor>::support(&row), Support::Real);
    assert_eq!(Bernoulli::<Tensor>::support(&row), Support::Binary);
    assert_eq!(Poisson::<Tensor>::support(&row), Support::Count);
    let classes = Support::Class { classes: 5 };
    assert_eq!(Categorical::<Tensor>::support(&row), classes);
}

/// A drawn row has a value for each column, from that column's distribution.
#[test]
fn a_drawn_row_follows_its_columns() {
    let bernoulli = Bernoulli {
        logits: Tensor::new([2, 3], vec![0.0, 0.0, 0.0, -1.0, 0.0, 2.0]),
    };
    let mut rng = Philox::new(5);
    let n = 20_000;
    let mut ones = [0.0; 3];
    for _ in 0..n {
        let y = bernoulli.sample(1, &mut rng);
        assert_eq!(y.len(), 3);
        for (ones, y) in ones.iter_mut().zip(y) {
            *ones += y;
        }
    }
    for (column, ones) in ones.iter().enumerate() {
        let d = bernoulli.element(1, column);
        let error = (d.variance() / f64::from(n)).sqrt();
        assert!((ones / f64::from(n) - d.mean()).abs() < 5.0 * error);
    }
}

#[test]
fn a_row_is_independent_columns() {
    let poisson = Poisson {
        log_rate: counted([2, 2]),
    };
    let by_hand: f64 = poisson.element(1, 0).log_prob(4.0) + poisson.element(1, 1).log_prob(7.0);
    assert_eq!(poisson.log_prob(1, &[4.0, 7.0]), by_hand);
}

#[test]
#[should_panic(expected = "Poisson: a row has 2 values, but 3 were given")]
fn a_row_of_another_length_is_refused() {
    let poisson = Poisson {
        log_rate: counted([2, 2]),
    };
    poisson.log_prob(1, &[4.0, 7.0, 1.0]);
}

#[test]
#[should_panic(expected = "row 2, column 0: there are parameters for [2, 2] only")]
fn a_row_beyond_the_last_is_refused() {
    let poisson = Poisson {
        log_rate: counted([2, 2]),
    };
    poisson.element(2, 0);
}
