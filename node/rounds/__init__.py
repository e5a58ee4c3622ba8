"""Answering the messages of a round: `answer` is the protocol, `flower` the one door to flwr."""
