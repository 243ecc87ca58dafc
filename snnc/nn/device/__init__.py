"""Code for an accelerator: read by its compiler and not by Python, so it knows nothing of snnc.

Nothing imports it but the kernel that launches it, and that only where its compiler is installed.
"""
