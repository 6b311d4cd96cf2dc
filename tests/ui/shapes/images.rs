use elbo::bayes_net;

const LARGE: usize = 9;
const NONE: usize = 0;
const REAL: f64 = 2.0;
const HUGE: usize = usize::MAX / 64;

// One error for each mistake: what follows from a wrong node is silent.
bayes_net! {
    pub net Image(x: [3, 8, 6], v: [784], grey: [28, 28], s: [2, 9]) -> y {
        a = relu(conv2d(v, 6, kernel: 5));
        b = conv2d(grey, 6, kernel: 5);
        c = conv1d(x, 6, kernel: 5);
        d = conv2d(x, 6, kernel: [3, LARGE], padding: 1);
        e = conv2d(x, 6, kernel: 4, padding: [[0, 1], 0], dilation: 3);
        f = conv2d(x, 6, kernel: 3, groups: 2);
        g = conv2d(x, 7, kernel: 3, groups: 3);
        h = conv2d(x, 6, kernel: 3, stride: NONE);
        i = conv2d(x, HUGE, kernel: 3);
        j = max_pool2d(x, [2, 7]);
        k = max_pool2d(avg_pool2d(x, 2, padding: 2), 2);
        l = max_pool1d(s, NONE);
        m = max_pool2d(s, 2);
        n = linear(x, 10);
        w = linear(a + b, 1);
        total = learned(1);
        o = flatten(total);
        y ~ Normal(w + flatten(c) + flatten(d) + flatten(e) + flatten(f) + flatten(g) + flatten(h)
            + flatten(i) + flatten(j) + flatten(k) + flatten(l) + flatten(m) + n + o, 0.1);
    }
}

bayes_net! {
    net Types(x: [3, 8, 8]) -> y {
        a = conv2d(x, REAL, kernel: REAL, stride: [1, REAL], padding: REAL, groups: missing);
        b = max_pool2d(a, REAL);
        y ~ Normal(flatten(b), 0.1);
    }
}

fn main() {
    let _ = (Image::new(1), Types::new(1));
}
