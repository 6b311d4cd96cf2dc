use elbo::bayes_net;

// Rust that is not the language of nets: each says what is not there.
bayes_net! {
    net Rust(x: [3]) -> y {
        a = linear(x, 8).relu();
        b = x[0];
        c = x ** 2;
        d = !x;
        e = x > 2;
        f = relu(&x);
        g = x * (|x| x);
        h = linear::<8>(x);
        i = x * true;
        j = vec![1];
        k = linear[x, 1];
        l = linear{x, 1};
        m = relu[x];
        n = relu { x };
        o = if x { x } else { x };
        p = x.rows;
        q = x as f64;
        r = x * crate::f::<3>(x);
        if x { return y; }
        return x;
        y ~ Normal(x, "a");
    }
}

bayes_net! {
    net Signs(x: [3]) -> y {
        a == linear(x, 1);
        b := linear(x, 1);
        /// A doc comment.
        c = linear(x, 1);
        #[allow(unused)]
        d = linear(x, 1);
        r#e = linear(x, 1);
        e = linear(x, 1);
        posterior ~ MeanField;
        weights = Normal(0, 1);
        estimater = LocalReparam;
        y ~ crate::Foo(a);
    }
}

fn main() {
    let _ = (Rust::new(1).a, Signs::new(1).c);
}
