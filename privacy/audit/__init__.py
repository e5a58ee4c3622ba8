"""Attacks on our own claims: guess who was there, from the sum alone, and bound what leaked.

bounds       what a guesser's hits and false alarms prove about the privacy loss
experiment   canaries in half of the entries of one real round: every entry is a trial
membership   one client in everything that a year publishes: the likelihood-ratio guess
residual     whether the noise is what it should be: variance, mean, correlations
"""
