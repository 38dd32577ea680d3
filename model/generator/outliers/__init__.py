"""What is no single legible digit: letters, scribbles, scripts, textures, and digits that were spoiled."""

__all__ = ["blank", "characters", "drawings", "spoiled"]
