"""The streamer: keeps connections to platforms open that tell what happens when it happens.

place        how far an account has been heard, what was missed, and where a connection begins; pure
sse          server-sent events out of bytes; pure
wire         the connections: websockets and server-sent events
hosts        which host is next, and how long to wait before it
feed         one connection's messages, in batches: to Kafka, to the memory, then the cursor
backfill     what was missed, read back with requests
process      its parts put together from the settings

Two streamers of the same accounts are harmless and wasteful: the same facts get the same event ids.
"""
