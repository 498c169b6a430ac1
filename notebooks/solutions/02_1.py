def my_fold(known, event):
    amounts = dict(known or {})  # from order_id to cents, of the open orders
    if event["type"] == "order":
        amounts[event["order_id"]] = event["amount_cents"]
    else:
        amounts.pop(event["order_id"], None)
    row = {"cents": sum(amounts.values())} if amounts else None
    return amounts, row
