def my_change(bench):
    bench.set(grace=timedelta(hours=8))  # nobody is too late any more
    bench.move("1", time=hour.to_pydatetime() - timedelta(hours=9), place=len(of_the_hour) - 1)
