"""Cuts a reference file down to what the tests read.

    python make_elbo.py --out full.json && python trim.py elbo full.json elbo.json
    python make_exact.py --out full.json && python trim.py exact full.json exact.json
    python make_distributions.py --out full.json && python trim.py distributions full.json distributions.json
    python make_gradients.py --out full.json && python trim.py gradients full.json gradients.json
    python make_optimizers.py --out full.json && python trim.py optimizers full.json optimizers.json
"""
import json
import sys

what, source, target = sys.argv[1:]
with open(source) as f:
    doc = json.load(f)

if what == "elbo":
    # Nets whose parts do not exist yet keep their names alone; the test lists what they lack.
    later = {"latent-noise"}
    cases = []
    for case in doc["cases"]:
        if case["id"] in later:
            cases.append({"id": case["id"]})
            continue
        case.pop("check")
        if not case["extra"]:
            case.pop("extra")
        case["expected"].pop("monte_carlo_stl", None)
        cases.append(case)
    lists = {"cases": cases}
elif what == "exact":
    keep = {
        "linear": ["id", "noise_std", "prior_std", "x", "y", "log_evidence", "mean_field_optimum", "elbo_at_point"],
        "logistic": ["id", "prior_std", "x", "y", "log_evidence", "mean_field_optimum"],
    }
    lists = {kind: [{k: case[k] for k in keys} for case in doc[kind]] for kind, keys in keep.items()}
elif what == "distributions":
    # Every family, so that one which the crate gains finds its numbers here.
    unread = ("check",)
    lists = {kind: [{k: v for k, v in case.items() if k not in unread} for case in doc[kind]] for kind in ("cases", "kl")}
elif what == "gradients":
    # Everything; what the JAX program notes about itself is left out.
    lists = {kind: doc[kind] for kind in ("cases", "extreme", "higher_order")}
    for case in lists["cases"] + lists["extreme"] + lists["higher_order"]:
        case.pop("check", None)
        case.pop("jax_grads", None)
elif what == "optimizers":
    # Of optimizers and settings that do not exist yet the names; tests/optimizers.rs looks for them.
    variants = ["sgd", "sgd-momentum", "adam", "adam-betas"]
    keep = ["id", "variant", "function", "settings", "x"]
    lists = {
        "functions": [{"id": name, **function} for name, function in doc["functions"].items()],
        "trajectories": [{k: c[k] for k in keep} for c in doc["trajectories"] if c["variant"] in variants],
        "later": sorted({c["variant"] for c in doc["trajectories"]} - set(variants)) + ["ivon"]
        + sorted({"schedule/" + c["schedule"] for c in doc["schedules"]}),
    }
else:
    sys.exit(f"nothing is known of {what}")

with open(target, "w") as f:
    f.write('{\n"made_by": %s,\n"versions": %s' % (json.dumps(doc["made_by"]), json.dumps(doc["versions"])))
    for kind, cases in lists.items():
        rows = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
        f.write(f',\n"{kind}": [\n{rows}\n]')
    f.write("\n}\n")
