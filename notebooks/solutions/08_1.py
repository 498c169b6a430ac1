def report(ask):
    orders = ask("/orders")
    paths = ch08_service.paths("customers", [order["customer_id"] for order in orders], 20)
    level_of = {row["customer_id"]: row["level"] for path in paths for row in ask(path)}
    paths = ch08_service.paths("products", [order["product_id"] for order in orders], 20)
    category_of = {row["product_id"]: row["category"] for path in paths for row in ask(path)}
    cents = {}
    for order in orders:
        pair = (level_of[order["customer_id"]], category_of[order["product_id"]])
        cents[pair] = cents.get(pair, 0) + order["cents"]
    return cents
