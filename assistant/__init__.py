"""Helping a person talk: what the collector needs beside the case."""
