busiest = found["customer_id"].value_counts().idxmax()
