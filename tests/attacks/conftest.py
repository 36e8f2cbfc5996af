from tests.kaggle_local.conftest import endpoint, kaggle, start

__all__ = ["endpoint", "kaggle", "start"]
