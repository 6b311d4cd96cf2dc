"""Reads what the main example wrote with programs that are not ours."""
import json
import sys
import xml.dom.minidom
from pathlib import Path

from safetensors import safe_open

folder = Path(sys.argv[1])

with safe_open(folder / "diagnosis.safetensors", framework="numpy") as file:
    shapes = {name: file.get_tensor(name).shape for name in file.keys()}
    net = json.loads(file.metadata()["elbo"])
expected = {"h1": (30, 16), "h2": (16, 16), "logit": (16, 1)}
for layer, shape in expected.items():
    for leaf in ("mu", "rho"):
        assert shapes.pop(f"{layer}.weight.{leaf}") == shape
        assert shapes.pop(f"{layer}.bias.{leaf}") == shape[1:]
assert not shapes, shapes
assert net["net"] == "Diagnosis", net

for name in ("reliability", "referral", "elbo"):
    picture = xml.dom.minidom.parse(str(folder / f"{name}.svg"))
    assert picture.documentElement.tagName == "svg"
    assert picture.getElementsByTagName("text"), name
print("a model file and three pictures read")
