"""The demo: a simulated office, a real Home Assistant, and a dashboard for its building manager."""
