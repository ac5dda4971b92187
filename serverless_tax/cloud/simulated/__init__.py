"""A cloud without a machine: it runs a learner's handler in this process, on a clock of its own.

A wait of five seconds takes none. The environments live as those of the local cloud do, by
:mod:`serverless_tax.cloud.function.life`, and the model provider is the same. It is pure Python,
for a tab of a browser and for systems that the local cloud does not run on. CPU is this process's
own, stretched by the quota of the memory; what another process would do is refused.
"""
