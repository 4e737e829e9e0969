"""What people keep of their reading: looks, saved views, marks, benchmarks, lists, files. Facts stand in the index."""
