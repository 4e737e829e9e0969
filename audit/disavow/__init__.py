"""Disavow files: read anything, find what is wrong with it, mend it, merge it, and write only the strict form.

All of it is pure: text and facts in, text and findings out; no database, no network, no clock.
"""
