"""The report of an audit, as PDF and as a workbook, in the workspace's name and logo."""
