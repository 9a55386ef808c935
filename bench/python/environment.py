"""Makes a virtual environment in the folder that is named, with what units.py needs from PyPI."""

import subprocess
import sys
import venv
from pathlib import Path

folder = Path(sys.argv[1])
requirements = Path(__file__).parent / "requirements.txt"
stamp = folder / "requirements.txt"

if not stamp.exists() or stamp.read_text() != requirements.read_text():
    venv.create(folder, clear=True, with_pip=True)
    pip = [folder / "bin" / "python", "-m", "pip", "--quiet", "install", "--requirement", requirements]
    subprocess.run(pip, check=True, stdout=sys.stderr)
    # Last, so that an environment without it is made again.
    stamp.write_text(requirements.read_text())
