"""Talking to Clarifai: predicting with a model, and training one."""
