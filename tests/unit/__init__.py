"""Plain functions, one behaviour a test; no IO."""
