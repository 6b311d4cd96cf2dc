"""Cuts metrics.json, as make_metrics.py writes it, down to what tests/metrics.rs reads.

python trim_metrics.py full/metrics.json metrics.json
"""
import json
import sys

CLASSIFICATION = {
    "classification/2-smooth",
    "classification/2-ties",
    "classification/3-confident",
}
SCORES = [
    "accuracy", "log_loss", "brier", "ece_15_width", "mce_15_width", "reliability_table", "aurc",
    "predictive_entropy", "expected_entropy", "mutual_information", "auroc_error_by_entropy",
    "brier_binary", "auroc",
]
REGRESSION = ["rmse", "coverage_gaussian", "mean_width_gaussian", "nll_gaussian", "aurc_squared_error_by_std"]

full = json.load(open(sys.argv[1]))
kept = {key: full[key] for key in ("format", "made_by", "versions")}
kept["classification"] = [c for c in full["classification"] if c["id"] in CLASSIFICATION]
kept["detection"] = full["detection"]
kept["regression"] = full["regression"]
kept["decomposition"] = full["decomposition"]
for case in kept["classification"]:
    case["expected"] = {k: case["expected"][k] for k in SCORES if k in case["expected"]}
for case in kept["regression"]:
    del case["draws"]
    case["expected"] = {k: case["expected"][k] for k in REGRESSION}

with open(sys.argv[2], "w") as out:
    out.write("{\n")
    for i, (key, value) in enumerate(kept.items()):
        out.write(json.dumps(key) + ": ")
        if isinstance(value, list):
            cases = ",\n".join(json.dumps(c, separators=(",", ":")) for c in value)
            out.write("[\n" + cases + "\n]")
        else:
            out.write(json.dumps(value))
        out.write("\n}\n" if i + 1 == len(kept) else ",\n")
