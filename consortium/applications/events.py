"""News of applications."""

from consortium.shared.signals import News

application_stepped = News("application_stepped")
application_accepted = News("application_accepted")
position_filled = News("position_filled")
refusal_final = News("refusal_final")
students_waited = News("students_waited")
"""Told with `kind`: post-warned or post-paused."""
