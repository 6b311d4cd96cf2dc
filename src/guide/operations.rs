//! The operations by the names that they have elsewhere.
//!
//! All are methods of [`Var`](crate::Var) unless a path stands there. What they do at kinks, and
//! where that differs, is one table in [`ops`](crate::ops). `jnp` is `jax.numpy`, `lax` is
//! `jax.lax`, `nn` is `jax.nn`, `sp` is `jax.scipy.special`, `F` is `torch.nn.functional`.
//!
//! # Element by element
//!
//! | here | JAX | PyTorch |
//! | --- | --- | --- |
//! | `+ - * /`, unary `-` | the same | the same |
//! | [`square`](crate::Var::square), [`sqrt`](crate::Var::sqrt), [`rsqrt`](crate::Var::rsqrt), [`recip`](crate::Var::recip) | `jnp.square`, `jnp.sqrt`, `lax.rsqrt`, `jnp.reciprocal` | `square`, `sqrt`, `rsqrt`, `reciprocal` |
//! | [`powf`](crate::Var::powf), [`pow`](crate::Var::pow) | `x ** 2.5`, `jnp.power` | `pow` |
//! | [`exp`](crate::Var::exp), [`expm1`](crate::Var::expm1), [`log`](crate::Var::log), [`log1p`](crate::Var::log1p), [`log2`](crate::Var::log2), [`log10`](crate::Var::log10) | the same in `jnp` | the same |
//! | [`sin`](crate::Var::sin), [`cos`](crate::Var::cos), [`tan`](crate::Var::tan), [`sinh`](crate::Var::sinh), [`cosh`](crate::Var::cosh), [`tanh`](crate::Var::tanh) | the same in `jnp` | the same |
//! | [`asin`](crate::Var::asin), [`acos`](crate::Var::acos), [`atan`](crate::Var::atan), [`atan2`](crate::Var::atan2), [`asinh`](crate::Var::asinh), [`acosh`](crate::Var::acosh), [`atanh`](crate::Var::atanh), [`hypot`](crate::Var::hypot) | `jnp.arcsin`, … | the same |
//! | [`abs`](crate::Var::abs), [`sign`](crate::Var::sign), [`floor`](crate::Var::floor), [`ceil`](crate::Var::ceil), [`round`](crate::Var::round) | the same in `jnp` | the same |
//! | [`erf`](crate::Var::erf), [`erfc`](crate::Var::erfc), [`erfinv`](crate::Var::erfinv), [`lgamma`](crate::Var::lgamma), [`digamma`](crate::Var::digamma) | `sp.erf`, `sp.erfc`, `sp.erfinv`, `sp.gammaln`, `sp.digamma` | `erf`, `erfc`, `erfinv`, `lgamma`, `digamma` |
//! | [`normal_cdf`](crate::Var::normal_cdf), [`normal_log_cdf`](crate::Var::normal_log_cdf) | `sp.ndtr`, `sp.log_ndtr` | `special.ndtr`, `special.log_ndtr` |
//! | [`logit`](crate::Var::logit), [`xlogy`](crate::Var::xlogy), [`logaddexp`](crate::Var::logaddexp) | `sp.logit`, `sp.xlogy`, `jnp.logaddexp` | `logit`, `xlogy`, `logaddexp` |
//! | [`maximum`](crate::Var::maximum), [`minimum`](crate::Var::minimum), [`clamp`](crate::Var::clamp) | `jnp.maximum`, `jnp.minimum`, `jnp.clip` | `maximum`, `minimum`, `clamp` |
//! | [`gt`](crate::Var::gt), [`ge`](crate::Var::ge), [`lt`](crate::Var::lt), [`le`](crate::Var::le), [`eq`](crate::Var::eq), [`ne`](crate::Var::ne), [`select`](crate::Var::select) | `>`, …, `jnp.where` | `gt`, …, `where` |
//! | [`relu`](crate::Var::relu), [`leaky_relu`](crate::Var::leaky_relu), [`elu`](crate::Var::elu), [`selu`](crate::Var::selu), [`silu`](crate::Var::silu), [`mish`](crate::Var::mish), [`softsign`](crate::Var::softsign) | `nn.relu`, … | `F.relu`, … |
//! | [`gelu`](crate::Var::gelu), [`gelu_tanh`](crate::Var::gelu_tanh) | `nn.gelu(x, approximate=False)`, `nn.gelu(x)` | `F.gelu(x)`, `F.gelu(x, approximate="tanh")` |
//! | [`sigmoid`](crate::Var::sigmoid), [`log_sigmoid`](crate::Var::log_sigmoid), [`softplus`](crate::Var::softplus), [`softplus_inverse`](crate::Var::softplus_inverse) | `nn.sigmoid`, `nn.log_sigmoid`, `nn.softplus`, - | `sigmoid`, `F.logsigmoid`, `F.softplus`, - |
//! | [`huber`](crate::Var::huber) | `optax.huber_loss` | `F.huber_loss` |
//!
//! # Reductions
//!
//! | here | JAX | PyTorch |
//! | --- | --- | --- |
//! | [`sum`](crate::Var::sum), [`mean`](crate::Var::mean), [`prod`](crate::Var::prod), [`max`](crate::Var::max), [`min`](crate::Var::min) and `.._axes` | the same in `jnp`, `axis=` | `sum`, `mean`, `prod`, `amax`, `amin`, `dim=` |
//! | [`var`](crate::Var::var), [`std`](crate::Var::std), with `ddof` | `jnp.var`, `jnp.std` | `var`, `std`, `correction=` |
//! | [`mse`](crate::Var::mse) | `optax.losses.squared_error(..).mean()` | `F.mse_loss` |
//! | [`norm`](crate::Var::norm), [`norm_axes`](crate::Var::norm_axes) | `jnp.linalg.norm` of a vector | `linalg.vector_norm` |
//! | [`logsumexp`](crate::Var::logsumexp), [`softmax`](crate::Var::softmax), [`log_softmax`](crate::Var::log_softmax) | `nn.logsumexp`, … | `logsumexp`, `softmax`, `log_softmax` |
//! | [`cumsum`](crate::Var::cumsum), [`cumprod`](crate::Var::cumprod), [`cumlogsumexp`](crate::Var::cumlogsumexp) | `jnp.cumsum`, `jnp.cumprod`, `lax.cumlogsumexp` | `cumsum`, `cumprod`, `logcumsumexp` |
//! | [`argmax`](crate::Var::argmax), [`argmin`](crate::Var::argmin), [`sort`](crate::Var::sort), [`argsort`](crate::Var::argsort), [`top_k`](crate::Var::top_k) | `jnp.argmax`, …, `lax.top_k` | `argmax`, …, `topk` |
//! | [`normalize`](crate::Var::normalize), [`rms_normalize`](crate::Var::rms_normalize), [`group_normalize`](crate::Var::group_normalize) | `nn.standardize`, -, - | the inside of `F.layer_norm`, `F.batch_norm`, `F.rms_norm`, `F.group_norm` |
//!
//! # Shapes and places
//!
//! | here | JAX | PyTorch |
//! | --- | --- | --- |
//! | [`reshape`](crate::Var::reshape), [`flatten`](crate::Var::flatten), [`expand_dims`](crate::Var::expand_dims), [`squeeze`](crate::Var::squeeze) | the same in `jnp` | `reshape`, `flatten`, `unsqueeze`, `squeeze` |
//! | [`permute`](crate::Var::permute), [`transpose`](crate::Var::transpose), [`t`](crate::Var::t) | `jnp.transpose`, `jnp.swapaxes`, `x.T` | `permute`, `transpose`, `t` |
//! | [`broadcast_to`](crate::Var::broadcast_to), [`tile`](crate::Var::tile), [`repeat`](crate::Var::repeat) | the same in `jnp` | `broadcast_to`, `tile`, `repeat_interleave` |
//! | [`slice`](crate::Var::slice), [`narrow`](crate::Var::narrow), [`split`](crate::Var::split) | `x[1:9:2]`, `lax.slice_in_dim`, `jnp.split` | `x[1:9:2]`, `narrow`, `split` |
//! | [`flip`](crate::Var::flip), [`roll`](crate::Var::roll), [`pad`](crate::Var::pad) | the same in `jnp` | `flip`, `roll`, `F.pad` |
//! | [`ops::concat`](crate::ops::concat), [`ops::stack`](crate::ops::stack) | `jnp.concatenate`, `jnp.stack` | `cat`, `stack` |
//! | [`rows`](crate::Var::rows), [`index_select`](crate::Var::index_select), [`gather`](crate::Var::gather) | `x[i]`, `jnp.take`, `jnp.take_along_axis` | `F.embedding`, `index_select`, `gather` |
//! | [`scatter`](crate::Var::scatter), [`scatter_add`](crate::Var::scatter_add), [`segment_sum`](crate::Var::segment_sum) | `x.at[i].set`, `x.at[i].add`, `jax.ops.segment_sum` | `scatter`, `scatter_add`, - |
//! | [`ops::one_hot`](crate::ops::one_hot) | `nn.one_hot` | `F.one_hot` |
//! | [`diag`](crate::Var::diag), [`diagonal`](crate::Var::diagonal), [`tril`](crate::Var::tril), [`triu`](crate::Var::triu) | `jnp.diag`, `jnp.diagonal`, `jnp.tril`, `jnp.triu` | `diag_embed`, `diagonal`, `tril`, `triu` |
//!
//! # Products, linear algebra, convolutions
//!
//! | here | JAX | PyTorch |
//! | --- | --- | --- |
//! | [`matmul`](crate::Var::matmul), [`matmul_with`](crate::Var::matmul_with), [`affine`](crate::Var::affine) | `jnp.matmul`, -, `x @ w + b` | `matmul`, -, `addmm` |
//! | [`outer`](crate::Var::outer), [`ops::einsum`](crate::ops::einsum), [`trace`](crate::Var::trace) | the same in `jnp` | the same |
//! | [`cholesky`](crate::Var::cholesky), [`triangular_solve`](crate::Var::triangular_solve), [`solve`](crate::Var::solve), [`inverse`](crate::Var::inverse) | `jnp.linalg.cholesky`, `jax.scipy.linalg.solve_triangular`, `jnp.linalg.solve`, `jnp.linalg.inv` | `linalg.cholesky`, `linalg.solve_triangular`, `linalg.solve`, `linalg.inv` |
//! | [`log_det_spd`](crate::Var::log_det_spd), [`log_abs_det`](crate::Var::log_abs_det), [`sign_det`](crate::Var::sign_det) | -, `jnp.linalg.slogdet` | `logdet`, `linalg.slogdet` |
//! | [`conv1d`](crate::Var::conv1d), [`conv2d`](crate::Var::conv2d), [`conv_transpose1d`](crate::Var::conv_transpose1d), [`conv_transpose2d`](crate::Var::conv_transpose2d) | `lax.conv_general_dilated`, `lax.conv_transpose` | `F.conv1d`, … |
//! | [`max_pool2d`](crate::Var::max_pool2d), [`avg_pool2d`](crate::Var::avg_pool2d), [`adaptive_avg_pool2d`](crate::Var::adaptive_avg_pool2d), [`adaptive_max_pool2d`](crate::Var::adaptive_max_pool2d), and in one axis | `lax.reduce_window` | `F.max_pool2d`, … |
//!
//! # Functions of functions
//!
//! | here | JAX | PyTorch |
//! | --- | --- | --- |
//! | [`transform::grad`](crate::transform::grad), [`value_and_grad`](crate::transform::value_and_grad) | `jax.grad`, `jax.value_and_grad` | `torch.func.grad`, `grad_and_value` |
//! | [`transform::vjp`](crate::transform::vjp), [`jvp`](crate::transform::jvp) | `jax.vjp`, `jax.jvp` | `torch.func.vjp`, `jvp` |
//! | [`transform::hvp`](crate::transform::hvp), [`hessian`](crate::transform::hessian) | `jvp` of `grad`, `jax.hessian` | `torch.func.hessian` |
//! | [`jacobian_by_rows`](crate::transform::jacobian_by_rows), [`jacobian_by_columns`](crate::transform::jacobian_by_columns) | `jax.jacrev`, `jax.jacfwd` | `torch.func.jacrev`, `jacfwd` |
//! | [`detach`](crate::Var::detach), [`Tape::no_grad`](crate::Tape::no_grad), [`Tape::checkpoint`](crate::Tape::checkpoint) | `lax.stop_gradient`, -, `jax.checkpoint` | `detach`, `no_grad`, `utils.checkpoint` |
//! | [`retain`](crate::Var::retain), [`Var::hook`](crate::Var::hook), [`Tape::watch`](crate::Tape::watch) | -, -, `jax_debug_nans` | `retain_grad`, `register_hook`, `detect_anomaly` |
//! | [`check::gradcheck`](crate::check::gradcheck()) | `jax.test_util.check_grads` | `autograd.gradcheck` |
//!
//! # What is not here
//!
//! - `median`, `quantile`, `cummax`, `unique`, complex numbers, the FFT and integer or bit operations.
//! - `svd`, `qr`, `eigh`, `lu` as results of their own; of matrices there is what a Gaussian needs.
//! - `polygamma`, incomplete `gamma` and `beta` functions, Bessel functions. The derivative of
//!   `digamma` is there.
//! - `conv3d`, and padding by reflection or by the border: `pad` writes one number.
//! - `relu6`, `hardtanh`, `glu`: `x.clamp(0.0, 6.0)`, `x.clamp(-1.0, 1.0)`, and
//!   `a * b.sigmoid()` of two halves that `split` gives.
//! - Control flow as an operation: a loop of the language around the tape is one.
//!
//! An operation of your own takes ten lines: [`Pointwise`](crate::ops::Pointwise) or
//! [`Op`](crate::tape::Op), and the example `custom_op`.
