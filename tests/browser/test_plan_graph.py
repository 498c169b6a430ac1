"""EXPLAIN in a real JupyterLab: the plan of a query, with what flows along its edges."""

from itertools import product

import nbformat
import pytest

from tests.browser.axe import faults
from tests.waiting import until

pytestmark = pytest.mark.broker

SET_UP = """
from itertools import islice
from eventlab import Lab
from eventlab.events import Shop

lab = Lab(chapter="plan_graph")
shop = Shop(seed=7)
orders, products = lab.new_topic("orders"), lab.new_topic("products")
lab.produce(islice(shop.products(), 60), into=products, key="product_id")
story = islice(shop.orders(), 100_000)
playing = lab.play(story, into=orders, key="customer_id", speed=600, control=False)
"""
STATEMENTS = """%%sql
CREATE STREAM orders (product_id STRING, amount_cents INT)
  WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON');
CREATE TABLE products (product_id STRING PRIMARY KEY, category STRING)
  WITH (KAFKA_TOPIC='products', VALUE_FORMAT='JSON');
CREATE TABLE counts AS
SELECT category, COUNT(*) AS orders, SUM(amount_cents) AS cents
FROM orders o JOIN products p ON o.product_id = p.product_id
WHERE amount_cents > 1000
GROUP BY category;
"""
EXPLAIN = "plan = lab.sql('EXPLAIN CTAS_COUNTS_1;')"
STATEMENT = """%%sql
EXPLAIN SELECT product_id, COUNT(*) AS orders
FROM orders WINDOW HOPPING (SIZE 30 MINUTES, ADVANCE BY 10 MINUTES)
WHERE amount_cents > 1000 AND product_id LIKE 'a%'
GROUP BY product_id HAVING COUNT(*) > 3 EMIT CHANGES;
"""
PAUSE = "%sql PAUSE ALL;"
COUNTS = """
playing.stop()
lab.sql("RESUME ALL;")
assert len(lab.sql("SELECT * FROM counts;"))  # it waits until all is read
(query,) = lab._sql.engine.queries.values()
print(query.counts[1] == len(lab.read("orders")), query.counts[7] == len(lab.read("COUNTS")))
"""
CELLS = [SET_UP, STATEMENTS, EXPLAIN, STATEMENT, PAUSE, COUNTS]
FITS = "c => c.clientWidth > 0 && c.clientWidth <= c.closest('.eventlab-live').clientWidth + 1"
SQL, PLAN, OTHER, PAUSED, COUNTED = 1, 2, 3, 4, 5
FEW_LOOKS = [(1280, "Dark"), (420, "Light")]
ALL_LOOKS = list(product([1280, 800, 420], ["Dark", "Light"]))


@pytest.fixture
def notebook(server):
    """The name of a notebook that explains a query, and a statement."""
    written = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source.strip()) for source in CELLS],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(written, server.root / "plan_graph.ipynb")
    return "plan_graph.ipynb"


@pytest.fixture
def page(lab_page, notebook):
    """A page with the notebook alone: it has the room of the list of files too."""
    lab_page.open(notebook)
    lab_page.command("application:toggle-left-area")
    yield lab_page
    lab_page.command("application:toggle-left-area")
    lab_page.page.set_viewport_size({"width": 1280, "height": 1060})
    lab_page.use_theme("JupyterLab Light")


def words(chart) -> str:
    """Return what a chart says to those who cannot see it."""
    return chart.locator("[aria-label]").first.get_attribute("aria-label")


def colours(page, *words) -> set[str]:
    """Return the colours that words have in the cell of statements."""
    found = page.page.evaluate(
        """([index, words]) => words.map((word) => {
            const cell = document.querySelector(`.jp-Cell[data-windowed-list-index="${index}"]`);
            const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
            while (texts.nextNode()) {
                const { data, parentElement } = texts.currentNode;
                if (data.includes(word)) return getComputedStyle(parentElement).color;
            }
        })""",
        [SQL, words],
    )
    assert None not in found
    return set(found)


def test_a_cell_of_sql_has_the_colours_of_sql(page):
    """As long as it begins with the magic word; a kernel that begins anew changes nothing of it."""
    page.select(SQL)
    until(lambda: len(colours(page, "CREATE", "product_id")) == 2, what="a coloured word")
    page.restart_kernel()
    assert len(colours(page, "CREATE", "product_id")) == 2
    page.replace(SQL, "%%sql", "# %%sql")
    until(lambda: len(colours(page, "CREATE", "product_id")) == 1, what="a word as any other")
    page.replace(SQL, "# %%sql", "%%sql")
    until(lambda: len(colours(page, "CREATE", "product_id")) == 2, what="its colour again")


@pytest.mark.parametrize("looks", [FEW_LOOKS, pytest.param(ALL_LOOKS, marks=pytest.mark.long)])
def test_a_plan_lights_up_and_fits_every_page(page, looks):
    """It moves while rows come, says when it is paused, and its counts are those of the topics."""
    page.run_cells(0, OTHER)
    for index in (PLAN, OTHER):
        page.select(index)
        chart = page.output(index).locator("[data-eventlab=chart]").first
        until(lambda: chart.get_attribute("data-rows"), seconds=60, what="rows")  # noqa: B023
        look_at(page, index, looks)
    page.select(PLAN)
    chart = page.output(PLAN).locator("[data-eventlab=chart]").first
    before = float(chart.get_attribute("data-sequence"))
    until(lambda: float(chart.get_attribute("data-sequence")) > before + 3, what="what flows")
    assert words(chart).startswith("CTAS_COUNTS_1 is running. Rows come from the topic orders")
    page.run_cells(PAUSED, PAUSED)
    page.select(PLAN)
    until(lambda: words(chart).startswith("CTAS_COUNTS_1 is paused."), what="its pause")
    page.screenshot("plan_paused")
    page.run_cells(COUNTED, COUNTED)
    assert page.outputs()[COUNTED][0]["text"].endswith("True True\n")
    assert page.error_outputs() == []


def look_at(page, index, looks):
    """Keep pictures of a plan, wide and narrow, light and dark; it has room, and a name."""
    canvas = page.output(index).locator(".eventlab-live canvas")
    for width, theme in looks:
        page.page.set_viewport_size({"width": width, "height": 1060})
        page.use_theme(f"JupyterLab {theme}")
        page.select(index)
        until(lambda: canvas.evaluate(FITS), what="a canvas that fits")
        page.screenshot(f"plan_{index}_{width}_{theme.lower()}")
        selector = f".jp-Cell[data-windowed-list-index='{index}'] .jp-Cell-outputWrapper"
        assert faults(page, selector) == []
