"""The training loop in Python of docs/gradient.md, on the model that real.ts left in FOLDER/example."""

import re
import shutil
from pathlib import Path

PAGE = Path("docs/gradient.md")
FOLDER = Path("out/interop-gradient/example")


def test_it_trains(tmp_path: Path, monkeypatch, capsys):
    [code] = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    for name in ("model.grad.onnx", "model.init.onnx"):
        shutil.copy(FOLDER / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    exec(compile(code, str(PAGE), "exec"), {})
    losses = [float(line) for line in capsys.readouterr().out.split()]
    assert len(losses) == 20
    assert losses[-1] < 0.9 * losses[0]
