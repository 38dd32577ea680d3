"""Trained weights in files: the format and its metadata, and what is made of it or made into it.

`metadata` is read without torch, and so are the `kernels`. `checkpoint` saves and loads networks, `export`
writes them as ONNX, `convert` reads what `torch.save` wrote.
"""

__all__ = ["checkpoint", "convert", "export", "kernels", "metadata"]
