"""The web page and its HTTP service: `deepcolor app`.

The page uploads a small copy of each photo, or nothing in its in-browser mode, and combines photo
and colors itself. The service keeps photos in memory only: it neither stores nor logs them.
"""
