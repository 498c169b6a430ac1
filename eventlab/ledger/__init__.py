"""The ledger: what chapters claimed in a normal and in a broken run, beside the book's arguments.

`evidence` is what one executed notebook gives, `entries` the ledger and what is wrong with it,
`gathering` takes both from runs or from notebooks that were executed before, `pages` writes it.
"""
