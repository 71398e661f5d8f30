"""What script/check_repository.py checks, one kind of file each.

Each check is given a folder and yields a sentence for every fault that it finds.
"""

import sys
from pathlib import Path

# Some ask the integration itself, which is found from the repository's root, or the
# server.
_ROOT = Path(__file__).resolve().parents[2]
sys.path += [str(_ROOT), str(_ROOT / "addon")]
