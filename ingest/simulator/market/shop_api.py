"""WooCommerce's API: the orders that changed, in pages, for who missed a delivery."""

from collections.abc import Callable

from aiohttp import web

from ingest.simulator.faults import Plan, Tally
from ingest.simulator.ledger.paid_notes import PaidNotes
from ingest.simulator.market.woocommerce import PREFIX, authorised, second
from ingest.simulator.market.world import World


class ShopApi:
    """Handlers. `present` brings the world up to now and returns the second."""

    def __init__(
        self, world: World, notes: PaidNotes, plan: Plan, tally: Tally, key: str, present: Callable[[], int]
    ) -> None:
        self._world = world
        self._notes = notes
        self._plan = plan
        self._tally = tally
        self._key = key
        self._present = present

    def routes(self) -> list[web.RouteDef]:
        return [web.get(f"{PREFIX}/orders", self._orders)]

    async def _orders(self, request: web.Request) -> web.Response:
        self._present()
        if not authorised(request.headers.get("Authorization"), self._key):
            return _error(401, "woocommerce_rest_cannot_view")
        if self._tally.due("shop_error", self._plan.server_error_every // 12):
            self._tally.add("server_error")
            return web.Response(status=503, text="<html>Briefly unavailable for scheduled maintenance.</html>")
        query = request.query
        after, size, page = second(query["modified_after"]), int(query["per_page"]), int(query["page"])
        shop = self._world.woocommerce
        orders = (order for order in self._world.orders.values() if order.changed_at > after)
        changed = sorted(orders, key=lambda order: (order.changed_at, order.id))
        found = changed[(page - 1) * size : page * size]
        for order in found:
            for kind, columns in shop.notes(order):
                self._notes.told(kind, columns)
        headers = {"X-WP-Total": str(len(changed)), "X-WP-TotalPages": str(-(-len(changed) // size))}
        return web.json_response([shop.shown(order) for order in found], headers=headers)


def _error(status: int, code: str) -> web.Response:
    return web.json_response({"code": code, "message": "", "data": {"status": status}}, status=status)
