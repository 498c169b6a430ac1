def my_fold(open_orders, event):
    open_orders = dict(open_orders or {})
    if event["type"] == "order":
        open_orders[event["order_id"]] = event["amount_cents"]
    else:
        open_orders.pop(event["order_id"], None)
    return (open_orders, {"cents": sum(open_orders.values())}) if open_orders else (None, None)
