"""Trained weights in files: the format, its metadata, and conversion from and to other formats.

`metadata` and `kernels` read files without torch. `checkpoint` saves and loads networks, `export` writes them
as ONNX, `convert` reads what `torch.save` wrote.
"""

__all__ = ["checkpoint", "convert", "export", "kernels", "metadata"]
