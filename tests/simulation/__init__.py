"""The whole product on one thread under virtual time, where a seed decides all that may go one way or another."""
