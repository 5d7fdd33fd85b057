"""The small shell that every stage shares: settings, logging, health, shutdown, the command line.

It knows processes, never the domain: no platform, table or topic is named here, and it imports no stage.
"""
