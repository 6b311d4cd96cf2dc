use elbo::bayes_net;

bayes_net! {
    net Rusty(x: [3]) -> y {
        let a = linear(x, 3);
        b = a.relu();
        c == b;
        d = if c { a } else { b };
        e = "text";
        f = ;
        h = linear(f * , 3);
        y ~ Normal(h, 0.1);
    }
}

bayes_net! {
    net Unclosed(x: [3]) -> y {
        linear(x, 3);
        _ = linear(x, 3);
        h = x + 1 < 2;
        y ~ 3;
        y ~ crate::Normal(x, 0.1);
    }
}

fn main() {
    let _ = (Rusty::new(1).a, Unclosed::new(1));
}
