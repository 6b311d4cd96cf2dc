//! What is emitted beside mistakes: the types with all their fields and the
//! impls without their bodies, so that the user's other code finds what it
//! names and one mistake gives one error.

use proc_macro2::TokenStream;
use syn::ext::IdentExt;

use super::{allowed, bayes_net, cfgs, code, forward, module, types};
use crate::net::{Net, Observation};
use crate::tables::LIKELIHOODS;

/// The types of a net with mistakes.
pub(crate) fn fallback(mut net: Net<'_>) -> TokenStream {
    guess_likelihoods(&mut net);
    drop_twins(&mut net);
    let (krate, visibility, name) = (&net.ast.krate, &net.ast.visibility, &net.ast.name);
    let (leaf, scalar) = (&net.ast.generics.leaf, &net.ast.generics.scalar);
    let (types, prediction) = (types::types(&net), types::prediction(&net));
    let (module, output_module) = (module::of_net(&net), module::of_output(&net));
    let on_tape = forward::output_of(&net, &code!(__elbo::Var<'t, #scalar>));
    let at_rest = forward::output_of(&net, &code!(#leaf));
    let predictions = bayes_net::prediction_of(&net);
    let attributes = &net.ast.attributes;
    let (cfgs, allowed) = (cfgs(attributes), allowed(attributes));
    code! {
        #types
        #prediction
        #(#cfgs)*
        #allowed
        const _: () = {
            use #krate as __elbo;

            impl #name {
                /// A net with a mistake in its declaration.
                #visibility fn new(_: u64) -> Self {
                    ::core::unreachable!()
                }
            }

            #module
            #output_module

            impl<'t, #scalar: __elbo::Scalar> __elbo::net::Net<'t, #scalar> for #name<__elbo::Var<'t, #scalar>> {
                type Output = #on_tape;

                fn forward(
                    &self,
                    _: &[__elbo::Var<'t, #scalar>],
                    _: &__elbo::bayes::Pass<'_, 't, #scalar>,
                ) -> Self::Output {
                    ::core::unreachable!()
                }

                fn log_likelihood(_: &Self::Output, _: &[__elbo::Var<'t, #scalar>]) -> __elbo::Var<'t, #scalar> {
                    ::core::unreachable!()
                }

                fn elbo(
                    &self,
                    _: &[__elbo::Var<'t, #scalar>],
                    _: &[__elbo::Var<'t, #scalar>],
                    _: &__elbo::bayes::Pass<'_, 't, #scalar>,
                ) -> __elbo::bayes::Elbo<'t, #scalar> {
                    ::core::unreachable!()
                }
            }

            impl __elbo::net::BayesNet for #name {
                type On<'t, #scalar: __elbo::Scalar> = #name<__elbo::Var<'t, #scalar>>;
                type Output<#leaf> = #at_rest;
                type Prediction = #predictions;

                const NAME: &'static str = "";

                fn fresh(_: u64) -> Self {
                    ::core::unreachable!()
                }

                fn map_on<'t, #scalar: __elbo::Scalar>(
                    &self,
                    _: &mut dyn ::core::ops::FnMut(
                        __elbo::tape::Path<'_>,
                        &__elbo::Tensor,
                    ) -> __elbo::Var<'t, #scalar>,
                ) -> Self::On<'t, #scalar> {
                    ::core::unreachable!()
                }

                fn output_values(
                    _: &Self::Output<__elbo::Var<'_, f32>>,
                ) -> Self::Output<__elbo::Tensor> {
                    ::core::unreachable!()
                }

                fn sample(&self, _: __elbo::bayes::Noise) -> Self {
                    ::core::unreachable!()
                }

                fn describe(&self) -> __elbo::net::NetInfo {
                    ::core::unreachable!()
                }

                fn prediction(
                    _: Self::Output<__elbo::Tensor>,
                    _: ::std::vec::Vec<__elbo::net::TargetSchema>,
                ) -> Self::Prediction {
                    ::core::unreachable!()
                }
            }
        };
    }
}

/// Every target needs some likelihood, for the types to be complete.
fn guess_likelihoods(net: &mut Net<'_>) {
    let Some(likelihood) = LIKELIHOODS.first() else {
        return;
    };
    for target in &net.ast.targets {
        if !net.observations.iter().any(|seen| seen.target == target) {
            let ends = (target.span(), target.span());
            net.observations.push(Observation {
                target,
                likelihood,
                own: None,
                text: String::new(),
                parameters: Vec::new(),
                ends,
            });
        }
    }
}

/// Of two nodes or targets with one name, the first is kept.
fn drop_twins(net: &mut Net<'_>) {
    // `r#h` is `h`.
    let mut seen: Vec<syn::Ident> = Vec::new();
    net.steps.retain(|step| match step {
        crate::net::Step::Node(node) if node.layer.is_some() => {
            let name = node.name.unraw();
            let is_new = !seen.contains(&name);
            seen.push(name);
            is_new
        }
        _ => true,
    });
}
