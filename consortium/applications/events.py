"""News of applications."""

from consortium.shared.signals import News

application_stepped = News("application_stepped")
application_accepted = News("application_accepted")
position_filled = News("position_filled")
acceptance_asked_after = News("acceptance_asked_after")
"""A question, told with `application_id`, before an acceptance is taken back: each listener answers True where a later stage holds it."""
acceptance_taken_back = News("acceptance_taken_back")
refusal_final = News("refusal_final")
students_waited = News("students_waited")
"""Told with `kind`: post-warned or post-paused."""
