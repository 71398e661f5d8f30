"""Tests of Plantroom. The folders mirror the source's."""
