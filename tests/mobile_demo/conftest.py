from tests.mobile_demo.stage import stage, window

__all__ = ["stage", "window"]
