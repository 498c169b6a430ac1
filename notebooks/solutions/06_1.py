def outside(row):
    product_again(row)
    row["amount_cents"] = round(100 * float(row.pop("price")))
    row["country"] = row.pop("address")[-2:]
    return row
