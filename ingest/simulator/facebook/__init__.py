"""Facebook in the simulated world: all that pages and people do there, the measure of the others."""

from ingest.simulator.graph.desk import VERSION
from ingest.simulator.simulation import Cast
from ingest.simulator.social import show

SHOW = show(Cast(), {"meta_graph_url": f"{{http}}/{VERSION}"}, is_whole=True)
