through = 1000 * 0.99**6  # of 1,000 orders, through six services
longest = 10  # services, if 900 of 1,000 are to get through
