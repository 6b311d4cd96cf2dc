use elbo::bayes_net;

bayes_net! {
    net Counts(x: [1, 28, 28], z: [2, 9]) -> y {
        a = conv2d(x, 6, kernal: 5);
        b = conv2d(x, 6, 5, 2);
        c = conv2d(x, 6);
        d = conv2d(x, 6, 5, stride = 2, padding: 1);
        e = conv2d(x, 6, kernel: 5, kernel: 3);
        f = max_pool2d(x, 2, padding: 1, dilation: 2);
        g = relu(x, stride: 2);
        h = max_pool(x, 2);
        i = conv2d(x, 6, kernel: 5, stride: x);
        j = max_pool2d(x, size: 2, posterior = Point);
        y ~ Normal(flatten(z), 1);
    }
}

bayes_net! {
    net Numbers(x: [1, 28, 28], z: [2, 9]) -> y {
        a = max_pool2d(x, 0);
        b = conv2d(x, 6, kernel: [5, 5, 5]);
        c = conv2d(x, 0, kernel: [0, 2.5]);
        d = conv2d(x, 6, kernel: 5, stride: 0, padding: -1, dilation: "two", groups: [1, 1]);
        e = conv2d(x, 6, kernel: 5, padding: [[1, 1, 1], 1.5]);
        f = conv1d(z, 6, kernel: [3, 3]);
        g = max_pool1d(z, 2, padding: [1, 1]);
        y ~ Normal(flatten(z), 1);
    }
}

fn main() {
    let counts = Counts::new(1);
    let _ = (counts.a, counts.b, counts.c, counts.d, counts.e, counts.i);
    let numbers = Numbers::new(1);
    let _ = (numbers.b, numbers.c, numbers.d, numbers.e, numbers.f);
}
