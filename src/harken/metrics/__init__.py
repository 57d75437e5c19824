"""Metrics: figures from references and estimates, their intervals, results and verdicts."""
