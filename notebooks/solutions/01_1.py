my_key = "customer_id"
