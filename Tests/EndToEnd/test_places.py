"""Where the files of these tests run."""
import glob
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
# Files that drive pages and run at one place only, each for its reason.
ONCE = {
    "test_front.py": "its service is under a base path of its own", "test_tls.py": "its services ask others, by names and settings of their own",
    "test_upgrades.py": "sees one page of each released state", "test_audit_api.py": "shows that a session is no key",
    "test_role_edges.py": "is about rights, wherever",
    "test_places.py": "reads the other files"}


def test_files_that_drive_pages_run_under_a_base_path_too():
    unmarked = set()
    for path in glob.glob(os.path.join(HERE, "test_*.py")):
        with open(path) as f:
            text = f.read()
        if re.search(r"\b(Browser|Person|Visitor)\(|/sign-in", text) and "pytestmark = pytest.mark.pages" not in text:
            unmarked.add(os.path.basename(path))
    assert unmarked - set(ONCE) == set()
