import subprocess
import sys

import pytest

pytestmark = pytest.mark.broker


def test_a_static_chart_in_a_notebook_is_a_picture():
    """Altair's own output would stay blank offline; ours is a PNG with words."""
    program = (
        "from IPython.testing.globalipapp import start_ipython; shell = start_ipython()\n"
        "from eventlab import Lab; lab = Lab(chapter='static')\n"
        "import altair as alt\n"
        "chart = alt.Chart(alt.InlineData([{'x': 1}]), title='One').mark_bar().encode(x='x:Q')\n"
        "data, metadata = shell.display_formatter.format(chart)\n"
        "print(sorted(data), metadata['image/png']['alt'])\n"
        "lab.close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120
    )
    assert "['image/png', 'text/plain'] One" in done.stdout, done.stderr
