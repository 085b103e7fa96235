"""Recordings and messages: who may hear them."""
