"""What the stages agree on: records, topics, tables, metric names, reasons, configuration.

Pure: standard library and msgspec only, no IO, no environment, no clock. Imports nothing else of this project.
"""
