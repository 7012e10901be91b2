"""``python -m mytrader_etl.demo``: the whole story on a sample database, in less than a minute."""
