# The profile for any court that has none of its own: the core documents, and
# a time stamp by whomever.
profile generic-iso27037
version 1
zone    +00:00 "UTC"
require stamp any
