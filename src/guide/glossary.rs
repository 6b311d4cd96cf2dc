//! The words of the field, as this crate uses them: one word for one thing, one line each.
//!
//! # The engine
//!
//! | word | meaning |
//! | --- | --- |
//! | *scalar* | a number a tape can hold: `f32`, `f64`, or a dual number; [`Scalar`](crate::Scalar) |
//! | *tensor* | numbers with a shape, row major, shared until written to; [`Tensor`](crate::Tensor) |
//! | *tape* | the list of all operations in the order in which they ran; [`Tape`](crate::Tape) |
//! | *node* | one line of the tape: an operation with its inputs and value, or a leaf |
//! | *leaf* | a node that no operation made: a parameter, or data |
//! | *var* | a place on a tape, which stands for its value in formulas; [`Var`](crate::Var) |
//! | *tracked* | of a var: it is a parameter or depends on one, so a gradient flows to it |
//! | *op* | a differentiable operation, y = f(x₀, x₁, …); [`Op`](crate::tape::Op) |
//! | *keeps* | what an op's vjp reads again of the way forward: inputs, some of them, output, both, nothing; [`Keeps`](crate::tape::Keeps) |
//! | *slot* | the memory of node i, used again by the node i of the next pass |
//! | *cotangent* | x̄, how much the loss changes with x; it travels backward |
//! | *gradient* | the cotangents of a parameter, or of any var, once the way back is complete |
//! | *vjp* | vector-Jacobian product: from the cotangent of y to those of the inputs, x̄ = ȳ' ∂y/∂x |
//! | *tangent* | ẋ, how much x changes along a direction; it travels forward |
//! | *jvp* | Jacobian-vector product: from the tangents of the inputs to that of y, ẏ = ∂y/∂x ẋ |
//! | *dual* | v + d ε with ε² = 0, a value and its tangent; [`Dual`](crate::Dual) |
//! | *kink* | a point where a derivative does not exist; each op says what it takes there |
//! | *fan-out* | use of one var by several operations; its cotangents are added |
//! | *law* | a statement that every op must keep, tested by two routes that share no code |
//!
//! # Distributions
//!
//! | word | meaning |
//! | --- | --- |
//! | *log_prob* | ln of the density, or of the probability of a discrete value, in nats |
//! | *sample* | a random value of a distribution, or the act of drawing it |
//! | *support* | the values that a distribution gives: real, 0 or 1, a class, a count; [`Support`](crate::dist::Support) |
//! | *std* | a standard deviation, never a variance, wherever a scale is asked for |
//! | *logit* | ln(p / (1 - p)); of classes, the logarithm of the probability up to a constant |
//! | *kl_divergence* | KL(q ‖ p) = E_q[ln q - ln p], not symmetric, `q.kl_divergence(&p)` |
//! | *nat* | the unit of natural logarithms of probabilities; 1 nat is 1.44 bits |
//!
//! # Bayes
//!
//! | word | meaning |
//! | --- | --- |
//! | *theta* | all weights of a net, as one random quantity |
//! | *prior* | p(theta), what is believed of the weights before data; [`Prior`](crate::bayes::Prior) |
//! | *likelihood* | p(y \| x, theta), how a target spreads around what the net says; [`Likelihood`](crate::dist::Likelihood) |
//! | *posterior* | q(theta), the family that stands for what is believed after data; [`Posterior`](crate::bayes::Posterior) |
//! | *mean field* | the posterior in which every weight is a Gaussian of its own |
//! | *spread* | the numbers of a posterior beside its means, how far and in which directions q reaches; [`Spread`](crate::bayes::Spread) |
//! | *point* | the posterior that is a single value: an ordinary weight, without KL |
//! | *mu* | the means of a mean field |
//! | *rho* | the free parameters of its standard deviations: sigma = softplus(rho) |
//! | *softplus* | ln(1 + e^x), which makes any number positive |
//! | *draw* | one theta ~ q; a step or a prediction uses one or several |
//! | *noise* | eps ~ N(0, 1), a function of seed, step, draw, site and element; [`Noise`](crate::bayes::Noise) |
//! | *site* | the name under which noise is drawn, such as `h1.weight` |
//! | *horseshoe* | the prior of a Gaussian for each weight, whose scale is half-Cauchy; [`Prior::Horseshoe`](crate::bayes::Prior::Horseshoe) |
//! | *empirical Bayes* | a prior's scale that is learned with the rest; [`Prior::LearnedNormal`](crate::bayes::Prior::LearnedNormal) |
//! | *estimator* | how the randomness of the weights is sampled in training; [`Estimator`](crate::bayes::Estimator) |
//! | *elbo* | evidence lower bound: E_q[ln p(D \| theta)] - KL(q ‖ p); [`Elbo`](crate::bayes::Elbo) |
//! | *share* | the part of the KL that a batch bears; the shares of an epoch add up to 1 |
//! | *loss* | of a batch: share times KL, minus the log-likelihood of its rows |
//! | *ledger* | where the layers of a pass write down their KL; [`Ledger`](crate::bayes::Ledger) |
//! | *pass* | the context of one way forward: tape, noise, ledger; [`Pass`](crate::bayes::Pass) |
//! | *aleatoric* | uncertainty that stays if the weights were known: noise in the targets |
//! | *epistemic* | uncertainty because the weights are not known; more data lessen it |
//!
//! # Nets
//!
//! | word | meaning |
//! | --- | --- |
//! | *net* | mathematics on tensors, declared by `bayes_net!`; [`BayesNet`](crate::net::BayesNet) |
//! | *model* | a net and what it knows of its data: columns, scaling, class names; [`Model`](crate::net::Model) |
//! | *layer* | a part of a net that owns weights; [`Layer`](crate::layers::Layer) |
//! | *module* | a structure with leaves of any type; [`Module`](crate::tape::Module) |
//! | *schema* | which column feeds which input or target, and how it is scaled; [`Schema`](crate::net::Schema) |
//! | *standardize* | to scale a column to mean 0 and standard deviation 1 by the training data |
//! | *row*, *column* | one case of a data set; one measured quantity |
