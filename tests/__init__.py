"""All tests of the pipeline, by layer."""
