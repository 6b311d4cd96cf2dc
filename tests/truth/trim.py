"""Cuts a reference file down to what the tests read.

    python make_elbo.py --out full.json && python trim.py elbo full.json elbo.json
    python make_exact.py --out full.json && python trim.py exact full.json exact.json
    python make_distributions.py --out full.json && python trim.py distributions full.json distributions.json
"""
import json
import sys

what, source, target = sys.argv[1:]
with open(source) as f:
    doc = json.load(f)

if what == "elbo":
    # Nets whose parts do not exist yet keep their names alone; the test lists what they lack.
    later = {"gaussian-studentt", "latent-noise", "learned-prior-scale", "flipout-bernoulli", "flipout-categorical"}
    cases = []
    for case in doc["cases"]:
        if case["id"] in later:
            cases.append({"id": case["id"]})
            continue
        case.pop("check")
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
    unread = ("check", "quantile")
    lists = {kind: [{k: v for k, v in case.items() if k not in unread} for case in doc[kind]] for kind in ("cases", "kl")}
else:
    sys.exit(f"nothing is known of {what}")

with open(target, "w") as f:
    f.write('{\n"made_by": %s,\n"versions": %s' % (json.dumps(doc["made_by"]), json.dumps(doc["versions"])))
    for kind, cases in lists.items():
        rows = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
        f.write(f',\n"{kind}": [\n{rows}\n]')
    f.write("\n}\n")
