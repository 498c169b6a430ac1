my_grace = min(minutes for minutes in range(0, 600, 5) if (needed < minutes).mean() >= 0.995)
