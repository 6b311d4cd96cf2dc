//! `BayesNet`: the net at rest, as models, trainers and predictions know it.

use proc_macro2::{Literal, TokenStream};
use quote::quote_spanned;
use syn::Ident;

use super::{at, code, forward, prediction_type, roles, shapes, text};
use crate::net::{Net, Observation};

/// The impl for the net of tensors.
pub(super) fn bayes_net(net: &Net<'_>) -> TokenStream {
    let (name, generics) = (&net.ast.name, &net.ast.generics);
    let (leaf, scalar) = (&generics.leaf, &generics.scalar);
    let name_text = text(name);
    let output = forward::output_of(net, &code!(#leaf));
    let prediction = prediction_of(net);
    let sampled = sampled(net);
    let describe = describe(net);
    let predicted = predicted(net);
    code! {
        impl __elbo::net::BayesNet for #name {
            type On<'t, #scalar: __elbo::Scalar> = #name<__elbo::Var<'t, #scalar>>;
            type Output<#leaf> = #output;
            type Prediction = #prediction;

            const NAME: &'static str = #name_text;

            fn fresh(seed: u64) -> Self {
                #name::new(seed)
            }

            fn map_on<'t, #scalar: __elbo::Scalar>(
                &self,
                leaf: &mut dyn ::core::ops::FnMut(
                        __elbo::tape::Path<'_>,
                        &__elbo::Tensor,
                    ) -> __elbo::Var<'t, #scalar>,
            ) -> Self::On<'t, #scalar> {
                __elbo::tape::Module::map(self, __elbo::tape::Path::ROOT, leaf)
            }

            fn output_values(
                output: &Self::Output<__elbo::Var<'_, f32>>,
            ) -> Self::Output<__elbo::Tensor> {
                __elbo::tape::Module::map(output, __elbo::tape::Path::ROOT, &mut |_, leaf| leaf.value())
            }

            /// One draw of every weight: a net of point weights.
            fn sample(&self, noise: __elbo::bayes::Noise) -> Self {
                #sampled
            }

            /// What the net says of itself: inputs, targets, nodes and layers in order.
            fn describe(&self) -> __elbo::net::NetInfo {
                #describe
            }

            fn prediction(
                draws: Self::Output<__elbo::Tensor>,
                targets: ::std::vec::Vec<__elbo::net::TargetSchema>,
            ) -> Self::Prediction {
                #predicted
            }
        }
    }
}

/// The type of a prediction.
pub(super) fn prediction_of(net: &Net<'_>) -> TokenStream {
    if let [one] = net.observed().as_slice() {
        let likelihood = at_rest(one);
        code!(__elbo::predict::Predictive<#likelihood>)
    } else {
        let prediction = prediction_type(net);
        code!(#prediction)
    }
}

/// The likelihood over tensors.
fn at_rest(observation: &Observation<'_>) -> TokenStream {
    super::likelihood_type(&code!(__elbo), observation, None)
}

fn sampled(net: &Net<'_>) -> TokenStream {
    let name = &net.ast.name;
    let samples = net.layers().map(|(node, layer)| {
        let (field, site) = (node.name, text(node.name));
        quote_spanned!(at(layer)=> #field: __elbo::layers::Layer::sample(&self.#field, noise.at(#site)))
    });
    code!(#name { #(#samples,)* })
}

fn describe(net: &Net<'_>) -> TokenStream {
    let name = text(&net.ast.name);
    let inputs = net.ast.inputs.iter().map(|input| {
        let (name, checked) = (text(&input.name), shapes::of_name(&input.name));
        let role = role_of(net, &input.name);
        code! {
            __elbo::net::InputInfo { name: #name, shape: __check::shape(&#checked), role: #role }
        }
    });
    let targets = net.observed().into_iter().map(|observation| {
        let (name, checked) = (
            text(observation.target),
            shapes::of_name(observation.target),
        );
        let likelihood = at_rest(observation);
        let distribution = &observation.text;
        let parameters = shapes::parameters(observation);
        code! {
            __elbo::net::TargetInfo {
                name: #name,
                likelihood: <#likelihood as __elbo::dist::Likelihood>::NAME,
                distribution: #distribution,
                shape: __check::shape(&#checked),
                support: <#likelihood as __elbo::dist::Likelihood>::support(&[#(#parameters),*]),
            }
        }
    });
    let nodes = net.nodes().map(|node| {
        let (name, expression) = (text(node.name), &node.text);
        code!(__elbo::net::NodeInfo { name: #name, expression: #expression })
    });
    let layers = net.layers().filter_map(|(node, layer)| {
        let (field, name, expression) = (node.name, text(node.name), &node.text);
        let output = shapes::Owner::node(node).shape_of(node.value.as_ref()?.layer()?);
        Some(quote_spanned! {at(layer)=>
            __elbo::layers::LayerInfo {
                expression: #expression,
                output: __check::shape(&#output),
                ..__elbo::layers::Layer::describe(&self.#field, #name)
            }
        })
    });
    code! {
        __elbo::net::NetInfo {
            name: #name,
            inputs: ::core::convert::From::from([#(#inputs),*]),
            targets: ::core::convert::From::from([#(#targets),*]),
            nodes: ::core::convert::From::from([#(#nodes),*]),
            layers: ::core::convert::From::from([#(#layers),*]),
        }
    }
}

/// What an input is to the net: a feature if a layer reads it, else a number that is known of each
/// row, in the unit of a target whose location or scale is made of it.
fn role_of(net: &Net<'_>, input: &Ident) -> TokenStream {
    if roles::is_feature(net, input) {
        return code!(__elbo::net::InputRole::Feature);
    }
    let positive = roles::is_positive(net, input);
    let unit = if let Some(target) = roles::unit_of(net, input) {
        let target = Literal::usize_unsuffixed(target);
        code!(::core::option::Option::Some(#target))
    } else {
        code!(::core::option::Option::None)
    };
    code!(__elbo::net::InputRole::Known { positive: #positive, unit: #unit })
}

fn predicted(net: &Net<'_>) -> TokenStream {
    let targets: Vec<_> = net.ast.targets.iter().collect();
    let split = code!(let [#(#targets),*] = __elbo::net::one_each(Self::NAME, targets););
    if let [target] = targets.as_slice() {
        return code! {
            #split
            __elbo::predict::Predictive::new(draws, #target)
        };
    }
    let prediction = prediction_type(net);
    code! {
        #split
        #prediction { #(#targets: __elbo::predict::Predictive::new(draws.#targets, #targets),)* }
    }
}
