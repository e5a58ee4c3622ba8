"""The secure sum `wegwijs-sum/1`: the coordinator learns the sum of integer vectors, nothing else.

Double masking (Bonawitz et al. 2017) arranged as in Flamingo (Ma et al. 2023): an ordinary
node speaks once; a committee speaks twice. In the order in which a round runs:

    labels, shamir, masks, keys     the primitives and their labels
    links                           hybrid pair secrets and their ratchet
    parameters                      committee, thresholds, floor, active list
    view, prepare                   P0: every check before a node says anything
    contribute                      P1: noisy vector in, masked message out
    certify                         P2: the committee fixes one set of centres
    unmask                          P3: the committee opens what that set needs
    close                           P4: the coordinator sums
    abandon                         instead of P2: this round will never be certified
    certificate                     what a release shows of all this
"""
